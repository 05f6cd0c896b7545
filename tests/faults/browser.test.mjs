// A page and its streams: the policy, offline, long streams, many streams, stopping.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { root } from "../../scripts/setup.mjs";
import { startFaults } from "./harness.mjs";
import { textOfSeed } from "./loads.mjs";

const ORIGINS = 36;
const sha = (text) => createHash("sha256").update(text).digest("hex");
let faults;

before(async () => { faults = await startFaults({ ports: ORIGINS }); });
after(() => faults?.stop());

const address = (at = 0) => `${faults.upstream.origins[at % ORIGINS]}/open/v1`;
const gone = async (run) => {
  // The upstream hears of it a moment after the page.
  for (let turn = 0; turn < 200 && faults.upstream.of(run).some(({ goneAt }) => goneAt === null); turn += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  return faults.upstream.of(run);
};

test("nothing in the package makes code from text", () => {
  for (const name of readdirSync(path.join(root, "pkg")).filter((file) => file.endsWith(".js"))) {
    const code = readFileSync(path.join(root, "pkg", name), "utf8");
    assert.doesNotMatch(code, /\bnew Function\(|\beval\(|\.innerHTML\b/, name);
  }
});

test("the page's policy is in force, and promptfare works under it", { timeout: 60_000 }, async () => {
  const page = await faults.open();
  const refused = await page.evaluate(() => new Promise((resolve) => {
    const tried = (work) => { try { work(); return null; } catch (error) { return error.name; } };
    // Apart from the call itself, in which the browser's tools may do what the page may not.
    setTimeout(() => resolve([tried(() => { document.body.innerHTML = "<b>x</b>"; }), tried(() => (0, eval)("1")), tried(() => new Function("return 1"))]), 0);
  }));
  assert.equal(refused[0], "TypeError", "Trusted Types");
  assert.ok(refused[1] !== null && refused[2] !== null, "no eval");
  const { receipt } = await page.evaluate((baseUrl) => globalThis.faults.ride({ model: "fault/ok~csp1", baseUrl }), address());
  assert.equal(receipt.ending, "completed");
  await page.context().close();
});

test("offline: told as such, and well again when the network is back", { timeout: 60_000 }, async () => {
  const page = await faults.open();
  await page.context().setOffline(true);
  const ride = (run, more = {}) => page.evaluate((trip) => globalThis.faults.ride(trip), { model: `fault/ok~${run}`, baseUrl: address(), ...more });
  const off = await ride("off1", { retryBudgetMs: 0 });
  assert.equal(off.receipt.ending, "errored");
  assert.equal(off.thrown.kind, "network");
  assert.match(off.thrown.message, /the browser is offline/);
  assert.doesNotMatch(off.thrown.message, /CORS/, "no causes that are none");
  assert.equal(faults.upstream.of("off1").length, 0);
  await page.context().setOffline(false);
  assert.equal((await ride("off2")).receipt.ending, "completed");

  // Back before the second attempt.
  await page.context().setOffline(true);
  const back = ride("off4");
  await page.waitForTimeout(100);
  await page.context().setOffline(false);
  const again = await back;
  assert.equal(again.receipt.ending, "completed");
  assert.equal(again.receipt.attempts.length, 2);
  assert.equal(again.receipt.attempts[0].error.kind, "network");
  await page.context().close();
});

for (const [name, size] of [["load-10-mb", 10_486_000], ["load-10-mb-tokens", 172_000]]) {
  test(`a stream of 10 MB (${name}): nothing is lost, and the page goes on working`, { timeout: 120_000 }, async () => {
    const page = await faults.open();
    const { result, longest } = await page.evaluate((trip) => globalThis.faults.longestPause(async () => {
      const { receipt, text, pieces, ms } = await globalThis.faults.ride(trip);
      return { ending: receipt.ending, same: receipt.text === text, length: text.length, hash: await globalThis.faults.hash(text), pieces, ms };
    }), { model: `fault/${name}~7`, baseUrl: address() });
    const wanted = textOfSeed(7, size);
    assert.equal(result.ending, "completed");
    assert.equal(result.length, wanted.length);
    assert.equal(result.hash, sha(wanted));
    assert.ok(result.same);
    console.log(`${name}: ${result.pieces} pieces in ${result.ms.toFixed(0)} ms; the page's longest pause ${longest.toFixed(0)} ms`);
    assert.ok(longest < 2000, `the page stood still for ${longest.toFixed(0)} ms`);
    await page.context().close();
  });
}

/** Two hundred streams; `addressOf` gives each its origin. */
async function twoHundred(page, script, first, addressOf) {
  const trips = Array.from({ length: 200 }, (_, at) => ({ model: `fault/${script}~${first + at}`, baseUrl: addressOf(at) }));
  const found = await page.evaluate((list) => Promise.all(list.map(async (trip) => {
    const { receipt, text, thrown, after } = await globalThis.faults.ride(trip);
    return { ending: receipt.ending, error: receipt.error ?? null, thrown, after, same: receipt.text === text, hash: await globalThis.faults.hash(text), id: receipt.id };
  })), trips);
  assert.equal(new Set(found.map(({ id }) => id)).size, 200, "two hundred receipts");
  for (const [at, answer] of found.entries()) {
    assert.equal(answer.ending, "completed", JSON.stringify(answer));
    assert.equal(answer.thrown, null);
    assert.deepEqual(answer.after, { done: true, value: undefined });
    assert.ok(answer.same);
    assert.equal(answer.hash, sha(textOfSeed(first + at, script === "load-many" ? 2000 : 800)), `the text of stream ${at}`);
    assert.equal(faults.upstream.of(String(first + at)).length, 1, "asked once");
  }
}

test("200 streams at the same time: each has one ending and its own text", { timeout: 120_000 }, async () => {
  const page = await faults.open();
  await twoHundred(page, "load-many", 1000, address);
  console.log(`at the same time: ${faults.upstream.busiest()} streams`);
  assert.ok(faults.upstream.busiest() >= 190, `only ${faults.upstream.busiest()} at the same time`);
  await page.context().close();
});

test("200 streams to one origin, of which a browser opens six: each comes in its turn", { timeout: 120_000 }, async () => {
  const page = await faults.open();
  await twoHundred(page, "load-few", 2000, () => address(0));
  await page.context().close();
});

test("a signal's reason is thrown untouched, whatever its type", { timeout: 60_000 }, async () => {
  const page = await faults.open();
  const reasons = [undefined, "error", "text", "empty", "number", "nan", "null", "false", "symbol", "object", "function", "bigint", "promise"];
  const trips = reasons.flatMap((reason) => ["signal", "any", "before"].map((how) => ({ reason, how })));
  for (const [at, { reason, how }] of trips.entries()) {
    const run = `why${at}`;
    const outcome = await page.evaluate((trip) => globalThis.faults.stopped(trip), { model: `fault/load-endless~${run}`, baseUrl: address(at), reason, how });
    const about = `${reason} by ${how}: ${JSON.stringify(outcome)}`;
    assert.equal(outcome.receipt.ending, "aborted", about);
    assert.ok(outcome.threw && outcome.untouched, about);
    assert.equal(outcome.receipt.text.startsWith("word 0 "), how !== "before", about);
    assert.deepEqual(outcome.after, { done: true, value: undefined }, about);
    const requests = await gone(run);
    assert.equal(requests.length, how === "before" ? 0 : 1, about);
  }
  await page.context().close();
});

test("stopped before the head, in a wait for a retry, by a time limit of its own, by leaving the loop", { timeout: 60_000 }, async () => {
  const page = await faults.open();
  const stop = (trip) => page.evaluate((given) => globalThis.faults.stopped(given), { baseUrl: address(), ...trip });

  const early = await stop({ model: "fault/stall-before-head~early", how: "signal", reason: "text", afterMs: 150 });
  assert.deepEqual([early.receipt.ending, early.untouched, early.text], ["aborted", true, ""]);
  const [asked] = await gone("early");
  assert.ok(asked.goneAt !== null && !asked.finished);

  const waiting = await stop({ model: "fault/after-45~waiting", how: "signal", reason: "text", afterMs: 150 });
  assert.equal(waiting.receipt.ending, "errored", "45 seconds are not waited at all");
  const retry = await stop({ model: "fault/after-1~retry", how: "signal", reason: "object", afterMs: 400 });
  assert.deepEqual([retry.receipt.ending, retry.untouched], ["aborted", true]);
  assert.equal(faults.upstream.of("retry").length, 1, "no second attempt after a stop");
  assert.ok(retry.receipt.timing.totalMs < 1000, "the wait ends at once");

  const limit = await stop({ model: "fault/load-endless~limit", how: "timeout", afterMs: 300 });
  assert.deepEqual([limit.receipt.ending, limit.untouched, limit.thrown], ["aborted", true, "TimeoutError"]);

  const left = await stop({ model: "fault/load-endless~left", how: "break" });
  assert.deepEqual([left.receipt.ending, left.threw], ["aborted", false]);
  assert.ok((await gone("left")).every(({ finished }) => !finished));

  const own = await stop({ model: "fault/load-endless~own", how: "throw" });
  assert.deepEqual([own.receipt.ending, own.threw, own.untouched], ["aborted", true, true]);
  assert.ok((await gone("own")).every(({ finished }) => !finished));

  const late = await stop({ model: "fault/in-one-write~late", how: "signal", reason: "text", afterMs: 60_000 });
  assert.equal(late.receipt.ending, "completed");
  await page.context().close();
});

test("an answer that nobody reads still has its receipt", { timeout: 60_000 }, async () => {
  const page = await faults.open();
  const receipt = await page.evaluate(async (baseUrl) => {
    const client = await globalThis.faults.clientFor({ baseUrl });
    const answer = client.send(client.plan({ model: "fault/ok~unread", messages: [{ role: "user", content: "x" }], stream: true }));
    return answer.receipt;
  }, address());
  assert.equal(receipt.ending, "completed");
  await page.context().close();
});

test("how soon the upstream hears of a stop", { timeout: 60_000 }, async () => {
  const page = await faults.open();
  const times = [];
  for (let turn = 0; turn < 20; turn += 1) {
    const run = `soon${turn}`;
    const how = turn % 2 === 0 ? "signal" : "break";
    const { abortedAt } = await page.evaluate((trip) => globalThis.faults.stopped(trip), { model: `fault/load-endless~${run}`, baseUrl: address(turn), how });
    const [{ goneAt }] = await gone(run);
    times.push(performance.timeOrigin + goneAt - abortedAt);
  }
  times.sort((a, b) => a - b);
  console.log(`from the stop to the upstream: median ${times[10].toFixed(1)} ms, slowest ${times.at(-1).toFixed(1)} ms`);
  assert.ok(times[10] < 500, `median ${times[10]} ms`);
  await page.context().close();
});
