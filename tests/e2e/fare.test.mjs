// Beyond one request, on the page: a session, a month, another currency, the provider's cache, and
// how old the prices are.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startSandbox } from "../../scripts/sandbox.mjs";
import { settled, startRide, type } from "./ride.mjs";

let sandbox;
let ride;
before(async () => {
  sandbox = await startSandbox();
  ride = await startRide({ gateway: sandbox.url, sandbox: true });
});
after(async () => {
  await ride?.stop();
  await sandbox?.stop();
});

test("a session, a month and another currency stand in a closed part of the page", async () => {
  const { page, close } = await ride.open();
  assert.match(await page.textContent("#price-day"), /Prices as checked on \d{4}-\d{2}-\d{2}.*(today|days ago)\.$/);
  await type(page, "Name three rivers.");
  await settled(page);
  assert.equal(await page.locator("#outlook-table").isVisible(), false);
  await page.click("#outlook > summary");
  await page.fill("#outlook-code", "eur");
  await page.fill("#outlook-rate", "0.92");
  await page.waitForFunction(() => document.querySelectorAll("#outlook-table tbody tr").length === 6);
  const text = await page.textContent("#outlook-table");
  assert.match(text, /A session.*30 days.*EUR/s);
  assert.match(await page.textContent("#outlook-note"), /price checked \d{4}-\d{2}-\d{2}/);
  await close();
});

test("what the provider's cache would do is told when it is opened", async () => {
  const { page, close } = await ride.open();
  await page.click("details.more > summary");
  await page.fill("#system", "The fare is told before the ride, and the bill after it. ".repeat(300));
  await type(page, "Name three rivers.");
  await settled(page);
  const cache = page.locator("#route details", { hasText: "The provider's prompt cache" });
  assert.equal(await cache.locator("p").isVisible(), false);
  await cache.locator("summary").click();
  // A part that opens says so a moment later.
  await cache.locator("p", { hasText: "." }).waitFor();
  assert.match(await cache.locator("p").textContent(), /tokens come again\. Marks belong after: system\. Read from the cache they cost \$.* pays after \d+ read/);
  await close();
});
