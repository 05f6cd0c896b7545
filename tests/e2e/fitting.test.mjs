// Long context and versions on the page: nothing is loaded before they are opened, nothing leaves the page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startSandbox } from "../../scripts/sandbox.mjs";
import { picture, settled, startRide, type } from "./ride.mjs";

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

const LONG = Array.from({ length: 300 }, (_, n) => `Crossing ${n} leaves at noon, unless the wind is strong.`).join("\n");
const loaded = (requests) => requests.filter(({ url }) => url.includes("workshop")).length;

test("a prompt that is too long: three ways out, what is left out, and the shorter text", async () => {
  const { page, requests, close } = await ride.open();
  await page.fill("#prompt", `${LONG}\nWhich is the cheapest?`);
  await settled(page);
  assert.equal(loaded(requests), 0);
  await page.click("#fit > summary");
  await page.waitForFunction(() => /^It fits /.test(document.querySelector("#fit-word").textContent));
  assert.ok(loaded(requests) > 0);
  await page.fill("#fit-limit", "2000");
  await page.waitForSelector("#fit-options li");
  assert.equal(await page.locator("#fit-table tbody tr").count(), 2);
  const options = await page.locator("#fit-options > li > strong").allTextContents();
  assert.match(options[0], /^Trim, for claude-/);
  assert.equal(options[1], "Summarise first");
  await page.click("#fit-options summary");
  await picture(page, "fit");
  await page.click("#fit-options button");
  const text = await page.inputValue("#prompt");
  assert.match(text, /^Crossing 0 [\s\S]*\[… about \d+ tokens left out …\][\s\S]*Which is the cheapest\?$/);
  await page.waitForFunction(() => /^It fits /.test(document.querySelector("#fit-word").textContent));
  assert.deepEqual(ride.forwarded, []);
  await close();
});

test("versions are kept, compared word by word, and told what they were billed", async () => {
  const { page, requests, close } = await ride.open();
  await type(page, "Could you please tell me the capital of <b>France</b>?");
  await page.click("#versions > summary");
  await page.fill("#version-label", "polite");
  await page.click("#version-keep");
  await page.waitForFunction(() => document.querySelector("#version-word").textContent === "Both are the same.");
  await page.click("#send");
  await page.waitForFunction(() => /1 of 1 completed/.test(document.querySelector("#version-table").textContent), null, { timeout: 30_000 });
  await type(page, "Tell me the capital of <b>France</b>.");
  await page.waitForSelector("#version-diff ins");
  const shown = (without) => page.evaluate((without) => {
    const whole = document.querySelector("#version-diff .text").cloneNode(true);
    for (const one of whole.querySelectorAll(without)) one.remove();
    return whole.textContent;
  }, without);
  assert.equal(await shown("ins"), "Could you please tell me the capital of <b>France</b>?");
  assert.equal(await shown("del"), "Tell me the capital of <b>France</b>.");
  assert.match(await page.textContent("#version-word"), /^−\d+ tokens.*for the input of a thousand requests/);
  await picture(page, "versions");
  assert.ok(loaded(requests) > 0);
  await close();
});
