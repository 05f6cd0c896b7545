// The budget over several tabs of one browser, against the sandbox gateway: what the gateway itself
// billed is held against the cap.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startSandbox } from "../../scripts/sandbox.mjs";
import { picture, send, settled, startRide, type } from "./ride.mjs";
import { readStream, startTap } from "./tap.mjs";

/** $0.15 per million tokens in, $0.6 out, in picodollars per token. */
const MODEL = "gpt-4o-mini";
const [INPUT, OUTPUT] = [150_000n, 600_000n];

let sandbox;
let tap;
let ride;

before(async () => {
  sandbox = await startSandbox();
  tap = await startTap(sandbox.url);
  ride = await startRide({ gateway: tap.url, sandbox: true });
});
after(async () => {
  await ride?.stop();
  await tap?.stop();
  await sandbox?.stop();
});

/** "0.000123" in picodollars. */
function picodollars(usd) {
  const [whole, fraction = ""] = usd.split(".");
  return BigInt(whole + fraction.padEnd(12, "0"));
}

/** What the gateway billed since `from`, by its own figures, and how often it was asked. */
function billed(from) {
  const asked = tap.exchanges.slice(from).filter(({ path }) => path.endsWith("/chat/completions"));
  const bill = ({ prompt_tokens: input, completion_tokens: output }) => BigInt(input) * INPUT + BigInt(output) * OUTPUT;
  return { requests: asked.length, sum: asked.reduce((sum, exchange) => sum + bill(readStream(exchange).usage), 0n) };
}

/** Makes a client in a page, under `globalThis.client`. */
const start = (page, budget) => page.evaluate(async ([model, caps]) => {
  const { Client } = await import("./promptfare/promptfare.js");
  globalThis.client = await Client.create({ baseUrl: new URL("gateway/v1", document.baseURI).href, models: [model], retryBudgetMs: 0, budget: caps });
}, [MODEL, budget]);

/** Sends `count` requests at once; gives their receipts without the texts. */
const sendMany = (page, count, maxTokens, name) => page.evaluate(async ([many, most, words]) => {
  const plans = Array.from({ length: many }, (_, at) => globalThis.client.plan(`${words}, request ${at}: tell me something short.`, { maxTokens: most }));
  const receipts = await Promise.all(plans.map((plan) => globalThis.client.send(plan).receipt));
  return receipts.map(({ ending, error, budget, cost, attempts }, at) => ({ ending, error, budget, cost, attempts: attempts.length, worst: plans[at].budget.worstUsd }));
}, [count, maxTokens, name]);

const state = (page) => page.evaluate(() => globalThis.client.budget());

/** Asks until the first cap stands as wanted, or five seconds are over. */
async function capUntil(page, wanted) {
  for (let tries = 0; ; tries += 1) {
    const { caps: [cap] } = await state(page);
    if (wanted(cap) || tries === 50) return cap;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test("four tabs with sixty sends at once, again and again, never pass the cap", { timeout: 180_000 }, async () => {
  const from = tap.exchanges.length;
  const { pages, close } = await ride.openTabs(4);
  const cap = "0.0012";
  for (const page of pages) await start(page, { dayUsd: cap, name: "many" });
  const [sent, refused] = [[], []];
  let waves = 0;
  let passed = 1;
  while (passed > 0 && waves < 12) {
    const wave = (await Promise.all(pages.map((page, at) => sendMany(page, 15, 60, `tab ${at}, wave ${waves}`)))).flat();
    assert.equal(wave.length, 60);
    passed = 0;
    for (const receipt of wave) {
      if (receipt.ending === "errored") {
        assert.equal(receipt.error.kind, "budget", receipt.error.message);
        assert.equal(receipt.attempts, 0, "nothing was sent");
        const { wantedUsd, leftUsd, cap: which } = receipt.budget.refused;
        assert.equal(which, "day");
        assert.ok(picodollars(wantedUsd) > picodollars(leftUsd), `${wantedUsd} > ${leftUsd}`);
        refused.push(receipt);
      } else {
        passed += 1;
        assert.equal(receipt.budget.settledBy, "bill");
        assert.ok(picodollars(receipt.cost.usd) <= picodollars(receipt.worst), `${receipt.cost.usd} <= ${receipt.worst}`);
        sent.push(receipt);
      }
    }
    waves += 1;
    const { sum } = billed(from);
    assert.ok(sum <= picodollars(cap), `${sum} after ${waves} waves`);
  }
  const { requests, sum } = billed(from);
  const spent = sent.reduce((total, receipt) => total + picodollars(receipt.cost.usd), 0n);
  assert.equal(requests, sent.length, "the gateway saw what was let through and nothing else");
  assert.equal(sum, spent, "its bills are the receipts");
  assert.ok(sent.length > 10 && refused.length > 60, `${sent.length} sent, ${refused.length} refused`);
  for (const page of pages) {
    const { caps: [day], shared } = await state(page);
    assert.equal(shared, true);
    assert.equal(picodollars(day.spentUsd), sum, "each tab knows it");
    assert.deepEqual([day.reservedUsd, day.unsettledUsd], ["0", "0"], "nothing stays reserved");
  }
  // It stopped because nothing more fits, not for another reason.
  const worst = picodollars(refused.at(-1).worst);
  assert.ok(sum + worst > picodollars(cap));
  console.log(`cap $${cap}: the gateway billed $${Number(sum) / 1e12} (${(Number(sum * 1000n / picodollars(cap)) / 10)} %) for ${sent.length} of ${sent.length + refused.length} sends in ${waves} waves of 60 from 4 tabs`);
  await close();
});

test("a tab that is killed keeps its reservation; others know", { timeout: 60_000 }, async () => {
  const { pages: [watcher, victim], context, close } = await ride.openTabs(2);
  const budget = { dayUsd: "0.01", name: "killed" };
  await start(watcher, budget);
  await start(victim, budget);
  const worst = await victim.evaluate(async () => {
    const plan = globalThis.client.plan("A long story, please.", { maxTokens: 400 });
    for await (const piece of globalThis.client.send(plan)) if (piece.text) return globalThis.leave = plan.budget.worstUsd;
  }).catch(() => null);
  assert.ok(worst !== null);
  // Leaving the loop ended that one: text came and no bill, so the estimate stands.
  const before = await capUntil(watcher, ({ spentUsd }) => spentUsd !== "0");
  assert.notEqual(before.spentUsd, "0");
  assert.ok(picodollars(before.spentUsd) < picodollars(worst));

  const reserved = await victim.evaluate(async () => {
    const plan = globalThis.client.plan("Another long story, please.", { maxTokens: 400 });
    globalThis.answer = globalThis.client.send(plan);
    globalThis.pieces = globalThis.answer[Symbol.asyncIterator]();
    await globalThis.pieces.next();
    return plan.budget.worstUsd;
  });
  const { caps: [during] } = await state(watcher);
  assert.equal(during.reservedUsd, reserved);
  assert.equal(during.unsettledUsd, "0");
  const session = await context.newCDPSession(victim);
  session.send("Page.crash").catch(() => {});
  const afterwards = await capUntil(watcher, ({ unsettledUsd }) => unsettledUsd !== "0");
  assert.equal(afterwards.unsettledUsd, reserved, "it may have been billed");
  assert.equal(afterwards.reservedUsd, "0");
  assert.equal(afterwards.spentUsd, before.spentUsd);
  assert.equal(afterwards.leftUsd, during.leftUsd);
  await close();
});

test("a reload keeps what was spent, and other tabs hear of it unasked", { timeout: 60_000 }, async () => {
  const { pages: [page, other], close } = await ride.openTabs(2);
  const budget = { dayUsd: "0.01", name: "reload" };
  await start(other, budget);
  await start(page, budget);
  const [receipt] = await sendMany(page, 1, 60, "once");
  assert.equal(receipt.ending === "completed" || receipt.ending === "truncated", true, JSON.stringify(receipt.error));
  const left = () => globalThis.client.plan("x").budget.caps[0];
  await other.waitForFunction((cost) => globalThis.client.plan("x").budget.caps[0].spentUsd === cost, receipt.cost.usd);
  await page.reload();
  await page.waitForSelector("html[data-ready]");
  await start(page, budget);
  const known = await page.evaluate(left);
  assert.equal(known.spentUsd, receipt.cost.usd);
  assert.equal(known.reservedUsd, "0");
  await close();
});

for (const [how, script] of [
  ["missing", "Object.defineProperty(globalThis, 'indexedDB', { value: undefined })"],
  ["refused", "IDBFactory.prototype.open = () => { throw new DOMException('not here', 'SecurityError'); }"],
]) {
  test(`storage ${how}: the day is counted in memory, and that is said`, { timeout: 60_000 }, async () => {
    const { pages: [page], close } = await ride.openTabs(1, { script });
    await start(page, { dayUsd: "0.0001", name: "memory" });
    const receipts = await sendMany(page, 4, 60, how);
    const sent = receipts.filter(({ ending }) => ending !== "errored");
    assert.ok(sent.length > 0 && sent.length < 4, `${sent.length} sent`);
    for (const { budget } of receipts) assert.equal(budget.shared, false);
    const { shared, caps: [day] } = await state(page);
    assert.equal(shared, false);
    assert.equal(picodollars(day.spentUsd), sent.reduce((sum, { cost }) => sum + picodollars(cost.usd), 0n));
    await close();
  });
}

test("storage full: what cannot be written down is not sent", { timeout: 60_000 }, async () => {
  const from = tap.exchanges.length;
  const { pages: [page], context, close } = await ride.openTabs(1);
  await start(page, { dayUsd: "0.01", name: "full" });
  const session = await context.newCDPSession(page);
  await session.send("Storage.overrideQuotaForOrigin", { origin: new URL(page.url()).origin, quotaSize: 1 });
  const [receipt] = await sendMany(page, 1, 60, "full");
  assert.equal(receipt.error?.kind, "storage", JSON.stringify(receipt.error));
  assert.match(receipt.error.message, /no room for ".* full" of budget/);
  assert.equal(billed(from).requests, 0);
  await close();
});

test("the page keeps a budget, says what is left, and offers what would fit", { timeout: 60_000 }, async () => {
  const { page, close } = await ride.open();
  assert.equal(await page.isVisible("#budget-day"), false, "out of the way until wanted");
  await page.click("#budget > summary");
  await page.fill("#budget-day", "a lot");
  await page.locator("#budget-day").blur();
  assert.match(await page.textContent("#budget-error"), /found “a lot”/);
  await page.fill("#budget-day", "0.05");
  await page.locator("#budget-day").blur();
  await page.waitForFunction(() => /^\$0\.05 left today: \$0 spent/.test(document.getElementById("budget-left").textContent));
  await type(page, "Explain monads with one picture.");
  const { status } = await send(page);
  assert.match(status, /^Answered/);
  await page.waitForFunction(() => /^\$0\.04\d* left today: \$0\.00\d+ spent/.test(document.getElementById("budget-left").textContent));

  await page.reload();
  await page.waitForSelector("html[data-ready]");
  await page.click("#budget > summary");
  assert.equal(await page.inputValue("#budget-day"), "0.05");
  await page.waitForFunction(() => /\$0\.00\d+ spent/.test(document.getElementById("budget-left").textContent));
  await page.fill("#budget-request", "0.003");
  await page.locator("#budget-request").blur();
  await type(page, "Explain monads with one picture.");
  await page.waitForSelector("#over-budget button");
  assert.equal(await page.isDisabled("#send"), true);
  const offers = await page.locator("#over-budget button").allTextContents();
  assert.ok(offers.some((text) => /^an answer of at most \d+ tokens: up to \$0\.0/.test(text)), offers.join("; "));
  assert.ok(offers.some((text) => /^claude-haiku-5-5: up to /.test(text)), offers.join("; "));
  await picture(page, "budget");
  await page.locator("#over-budget button", { hasText: "claude-haiku-5-5:" }).click();
  await page.waitForSelector("#over-budget", { state: "hidden" });
  await settled(page);
  assert.match(await page.textContent("#summary"), /^claude-haiku-5-5 /);
  assert.equal(await page.isDisabled("#send"), false);
  await close();
});
