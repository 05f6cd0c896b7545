// Prompt practice on the page: hints and the slimmer, each loaded when it is opened, each changing the
// prompt only when asked to; and what the receipts tell.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startFakeGateway } from "./gateway.mjs";
import { picture, send, settled, startRide, type } from "./ride.mjs";

let gateway;
let ride;
before(async () => {
  gateway = await startFakeGateway();
  ride = await startRide({ gateway: gateway.url });
});
after(async () => {
  await ride?.stop();
  await gateway?.stop();
});

const loaded = (page) => page.evaluate(() => performance.getEntriesByType("resource").some((entry) => entry.name.endsWith("promptfare_workshop_bg.wasm")));

test("hints name the place, the reason and the fix, and an edit is done only when asked for", async () => {
  const { page, close } = await ride.open();
  await type(page, "Please write a toast for my sister, make it funny and stuff. In one sentence.");
  assert.equal(await loaded(page), false, "the workshop is not downloaded unasked");
  await page.click("#hints summary");
  await page.waitForSelector("#hints-list li");
  const words = await page.locator("#hints-list").textContent();
  assert.match(words, /Vague/);
  assert.match(words, /and stuff/);
  assert.equal(await loaded(page), true);
  await page.click("#hints-list li button");
  const marked = await page.evaluate(() => {
    const field = document.getElementById("prompt");
    return field.value.slice(field.selectionStart, field.selectionEnd);
  });
  assert.equal(marked, "and stuff");
  await picture(page, "hints");
  await type(page, "What is the capital of France?");
  await page.waitForFunction(() => document.getElementById("hints-note").textContent === "Nothing to say.");
  await close();
});

test("the slimmer shows what can go as a diff, and takes it away only when accepted; undone in one press", async () => {
  const { page, close } = await ride.open();
  const json = JSON.stringify({ city: "Paris", nights: 3, guests: ["Ann", "Ben"] }, null, 4);
  const text = `Which hotel suits this booking?\n\n${json}\n\n\n\n\nAnswer in one line.`;
  await page.fill("#prompt", text);
  await settled(page);
  await page.click("#slim summary");
  await page.waitForSelector("#slim-list li");
  assert.match(await page.locator("#slim-summary").textContent(), /can go without loss/);
  assert.equal(await page.inputValue("#prompt"), text, "nothing has changed yet");
  await picture(page, "slim");
  await page.locator("#slim-list button", { hasText: "Accept" }).first().click();
  await settled(page);
  const after = await page.inputValue("#prompt");
  assert.ok(after.length < text.length);
  assert.deepEqual(JSON.parse(after.slice(after.indexOf("{"), after.lastIndexOf("}") + 1)), JSON.parse(json), "the same value");
  await page.locator("#slim-buttons button", { hasText: "Undo" }).click();
  assert.equal(await page.inputValue("#prompt"), text);
  await close();
});

test("what is masked is not put back into the prompt as placeholders", async () => {
  const { page, close } = await ride.open();
  await page.fill("#prompt", "Write  to ann@example.com   about:\n\n\n\n\n{\n  \"a\": 1\n}");
  await settled(page);
  await page.waitForSelector("#privacy:not([hidden]) input");
  await page.check("#privacy input");
  await settled(page);
  await page.click("#slim summary");
  await page.waitForFunction(() => /while values are masked/.test(document.getElementById("slim-summary").textContent));
  assert.equal(await page.locator("#slim-list li").count(), 0);
  await close();
});

test("what the receipts tell is computed when it is opened", async () => {
  const { page, close } = await ride.open();
  await type(page, "Say hello.");
  await send(page);
  await page.click("#watch summary");
  await page.waitForFunction(() => !document.getElementById("watch-table").hidden || document.getElementById("watch-note").textContent !== "");
  assert.equal(await page.locator("#watch-error").isHidden(), true);
  assert.match(await page.locator("#watch-table tbody").textContent(), /Input tokens\s*\d of 1/);
  await picture(page, "watch");
  await close();
});
