// A browser with the fault page, the upstream beside it, and the check of one outcome.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startServer } from "../../scripts/serve.mjs";
import { launch } from "../browser.mjs";
import { expected, faults, groups } from "./faults.mjs";
import { TEXT, USAGE, pieces } from "./text.mjs";
import { startUpstream } from "./upstream.mjs";

/** The folder of the page. */
export const PAGE = fileURLToPath(new URL("./page/", import.meta.url));
/** A key that must be nowhere but in the Authorization header. */
export const CANARY = "sk-canary-5f0e7a1c9b3d4826-do-not-show";

/** The upstream on `ports` ports, the page's own server (with a same-origin proxy to `gateway`, or
 * to the upstream) and a browser. */
export async function startFaults({ ports = 4, gateway, key, page = PAGE, args = [] } = {}) {
  const upstream = await startUpstream({ ports });
  const server = await startServer({ page, gateway: gateway ?? upstream.url, key });
  const browser = await launch(args);
  return {
    upstream,
    server,
    browser,
    /** A fresh page that is ready. */
    async open() {
      const context = await browser.newContext();
      const tab = await context.newPage();
      await tab.goto(server.url);
      await tab.waitForSelector("html[data-ready]", { state: "attached", timeout: 30_000 });
      return tab;
    },
    async stop() {
      await browser.close();
      await server.stop();
      await upstream.stop();
    },
  };
}

let runs = 0;

/** What the page is to send for a fault. */
export function tripOf(fault, baseUrl, more = {}) {
  runs += 1;
  const run = `${process.pid.toString(36)}${runs.toString(36)}`;
  return { run, trip: { model: `fault/${fault.name}~${run}`, baseUrl, timeouts: { firstByteMs: 20_000, idleMs: 20_000, ...fault.timeouts }, ...more } };
}

/** Sends every fault that exists on this way from the page, `width` at a time.
 * Returns a map from the fault's name to `{ fault, run, outcome }`. */
export async function sendAll(page, way, width, addressOf, more = {}) {
  const list = faults.filter((fault) => expected(fault, way) !== null);
  const trips = list.map((fault, at) => tripOf(fault, addressOf(fault, at), more));
  const outcomes = await page.evaluate(([all, wide]) => globalThis.faults.rides(all, wide), [trips.map(({ trip }) => trip), width]);
  return new Map(list.map((fault, at) => [fault.name, { fault, run: trips[at].run, outcome: outcomes[at] }]));
}

/** One test for each group of faults on this way. `results()` is the map of `sendAll`; `requestsOf`
 * gives the upstream's requests of a run. */
export function testGroups(way, results, requestsOf, options = {}) {
  for (const [group, list] of Object.entries(groups)) {
    const there = list.filter((fault) => expected(fault, way) !== null);
    if (there.length === 0) continue;
    test(`${way}: ${group}, ${there.length} faults`, options, () => {
      const failures = [];
      for (const fault of there) {
        const { run, outcome } = results().get(fault.name);
        try {
          check(fault, way, outcome, requestsOf(run));
        } catch (failure) {
          failures.push(failure.message);
        }
      }
      assert.equal(failures.length, 0, `${failures.length} of ${there.length} faults:\n${failures.join("\n")}`);
    });
  }
}

/** The text that belongs to an expectation. */
export function textOf(word) {
  if (word === "none") return "";
  if (word === "whole") return TEXT;
  if (word === "part") return pieces.slice(0, 4).join("");
  return word;
}

/** Holds an outcome against what must be said of the fault on this way. */
export function check(fault, way, outcome, requests) {
  const want = expected(fault, way);
  const { receipt, thrown } = outcome;
  const about = `${fault.name} (${way}): ${JSON.stringify({ ...receipt, plan: undefined })}`;
  assert.equal(receipt.ending, want.ending, about);
  assert.equal(receipt.error?.kind, want.ending === "errored" ? want.kind : undefined, about);
  if (want.status !== undefined) assert.equal(receipt.error?.status, want.status, about);
  assert.equal(receipt.text, textOf(want.text), about);
  if (want.reasoning !== undefined) assert.equal(receipt.reasoning, want.reasoning, about);
  if (want.refusal !== undefined) assert.equal(receipt.refusal, want.refusal, about);
  if (want.tools !== undefined) assert.deepEqual(receipt.toolCalls.map((call) => `${call.function.name} ${call.function.arguments}`), want.tools, about);
  if (want.usage) assert.deepEqual([receipt.usageSource, receipt.usage.inputTokens, receipt.usage.outputTokens], ["gateway", USAGE.prompt_tokens, USAGE.completion_tokens], about);
  if (want.reason !== undefined) assert.match(receipt.reason, want.reason, about);
  if (want.says !== undefined) assert.match(receipt.error.message, want.says, about);
  if (want.retryAfterMs !== undefined) assert.equal(thrown.retryAfterMs, want.retryAfterMs, about);
  assert.equal(receipt.attempts.length, want.attempts, about);
  // Chromium repeats a request by itself where a connection that was used before is closed, and on 408.
  const received = want.received ?? want.attempts;
  if (want.repeated) assert.ok(requests.length >= received, `${about}: the upstream received ${requests.length}`);
  else assert.equal(requests.length, received, `${about}: the upstream received ${requests.length}`);
  if (want.waitMs !== undefined) {
    const waited = requests[1].startedAt - (requests[0].goneAt ?? requests[0].startedAt);
    assert.ok(waited >= want.waitMs[0] && waited <= want.waitMs[1], `${about}: waited ${waited.toFixed(0)} ms, wanted ${want.waitMs.join(" to ")}`);
  }
  // What holds of every answer.
  assert.equal(outcome.text, receipt.text, `${about}: the pieces are the text`);
  assert.equal(thrown !== null, want.ending === "errored", `${about}: iteration throws where it failed, and only there`);
  if (thrown !== null) {
    assert.equal(thrown.name, "PromptfareError", about);
    assert.equal(thrown.kind, receipt.error.kind, about);
    assert.equal(thrown.message, receipt.error.message, about);
  }
  assert.deepEqual(outcome.after, { done: true, value: undefined }, `${about}: nothing after the end`);
}
