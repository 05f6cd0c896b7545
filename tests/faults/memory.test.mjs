// Memory after many streams, and streams that are cut and mutated at random, in a page.
// FAULTS_STREAMS: how many mutated streams (10,000 if it is not set: twenty seconds).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startFaults } from "./harness.mjs";

const STREAMS = Number(process.env.FAULTS_STREAMS ?? 10_000);
const ROUNDS = 5;
const PER_ROUND = 120;
let faults;
let page;

before(async () => {
  faults = await startFaults({ ports: 1, args: ["--js-flags=--expose-gc", "--enable-precise-memory-info"] });
  page = await faults.open();
});
after(() => faults?.stop());

test(`memory does not grow over ${ROUNDS} rounds of ${PER_ROUND} streams of every ending`, { timeout: 120_000 }, async () => {
  const found = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    found.push(await page.evaluate(async (count) => (await import("/memory.js")).round(count), PER_ROUND));
  }
  console.log(`memory by round: wasm ${found.map(({ wasm }) => (wasm / 1_048_576).toFixed(2)).join(", ")} MB; JavaScript ${found.map(({ heap }) => (heap / 1_048_576).toFixed(2)).join(", ")} MB`);
  assert.deepEqual(found[0].endings, { completed: PER_ROUND / 3, errored: PER_ROUND / 3, aborted: PER_ROUND / 3 });
  // The first round warms up: buffers that are kept, compiled code.
  const [, second] = found;
  const last = found.at(-1);
  assert.equal(last.wasm, second.wasm, "the module's memory");
  const streams = PER_ROUND * (ROUNDS - 2);
  const perStream = (last.heap - second.heap) / streams;
  assert.ok(perStream < 200, `JavaScript's memory grew by ${perStream.toFixed(0)} bytes per stream`);
});

test(`${STREAMS} streams cut and mutated at random: one ending each, nothing lost`, { timeout: 300_000 }, async () => {
  const { endings, wrong, count } = await page.evaluate(async ([streams, seed]) => (await import("/memory.js")).mutated(streams, seed), [STREAMS, 20_261_122]);
  console.log(`mutated: ${JSON.stringify(endings)}`);
  assert.equal(count, 0, JSON.stringify(wrong));
  assert.equal(Object.values(endings).reduce((sum, some) => sum + some, 0), STREAMS);
  assert.deepEqual(Object.keys(endings).sort(), ["completed", "errored", "truncated"]);
  assert.deepEqual(await page.evaluate(() => globalThis.faults.complaints), []);
});
