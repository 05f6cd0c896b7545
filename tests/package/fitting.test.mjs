// Long context and versions through the package's own face, in Node: what the heart's properties hold, as
// JavaScript gets it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { root } from "../../scripts/setup.mjs";

const pkg = path.join(root, "pkg");
let promptfare;
let workshop;
before(async () => {
  promptfare = await import(pathToFileURL(path.join(pkg, "promptfare.js")).href);
  workshop = await import(pathToFileURL(path.join(pkg, "workshop.js")).href);
  assert.throws(() => workshop.fitRequest({ messages: [] }), (error) => error.kind === "invalid_input");
  await promptfare.default(readFileSync(path.join(pkg, "promptfare_core_bg.wasm")));
  await workshop.default(readFileSync(path.join(pkg, "promptfare_workshop_bg.wasm")));
});

const kind = (wanted) => (error) => error.kind === wanted && error instanceof Error;
const sentence = (n) => `The ferry number ${n} leaves at noon, unless the wind is strong. `;

/** So many exchanges, a call with its result in every fifth. */
function conversation(exchanges) {
  const messages = [{ role: "system", content: "You sell tickets." }];
  for (let n = 0; n < exchanges; n += 1) {
    messages.push({ role: "user", content: sentence(n).repeat(3) });
    if (n % 5 === 0) {
      messages.push({ role: "assistant", content: null, tool_calls: [{ id: `c${n}`, type: "function", function: { name: "look", arguments: "{}" } }] });
      messages.push({ role: "tool", tool_call_id: `c${n}`, content: sentence(n) });
    }
    messages.push({ role: "assistant", content: sentence(n) });
  }
  messages.push({ role: "user", content: "Which one was the cheapest?" });
  return { messages, max_tokens: 500 };
}

test("what fits says so, with the price as it is", () => {
  const request = { model: "claude-sonnet-4", messages: [{ role: "user", content: "Hello" }] };
  const fit = workshop.fitRequest(request);
  assert.deepEqual([fit.options, fit.stuck, fit.orphans], [[], null, []]);
  const [one] = fit.candidates;
  assert.deepEqual([one.model, one.fits, one.reason, one.overBy], ["claude-sonnet-4", true, null, null]);
  assert.equal(one.contextWindow, promptfare.resolveModel("claude-sonnet-4").contextWindow);
  const estimate = promptfare.estimateCost(request);
  assert.equal(one.room, estimate.outputTokens.high);
  assert.deepEqual(one.usd, { low: estimate.low, expected: estimate.expected, high: estimate.high });
  // The input alone has a limit of its own.
  assert.equal(workshop.fitRequest(request, { model: "gpt-5" }).candidates[0].maxInput, promptfare.resolveModel("gpt-5").maxInput);
});

test("a trimmed request fits, keeps pairs whole, and is the rest as it was", () => {
  const request = conversation(60);
  const held = structuredClone(request);
  const fit = workshop.fitRequest(request, { model: "claude-sonnet-4", candidates: ["claude-haiku-4-5", "claude-opus-4"], limitTokens: 3000, pinned: [2] });
  assert.deepEqual(request, held, "what was given is not changed");
  assert.deepEqual(fit.candidates.map(({ model, fits, room }) => [model, fits, room]), [["claude-sonnet-4", false, 500], ["claude-haiku-4-5", false, 500], ["claude-opus-4", false, 500]]);
  const [trim, summary] = fit.options;
  assert.deepEqual([trim.kind, trim.cut, summary.kind], ["trim", null, "summarise"]);
  const gone = new Set(trim.dropped.map(({ message }) => message));
  assert.deepEqual(trim.request.messages, request.messages.filter((_, place) => !gone.has(place)));
  assert.ok(!gone.has(0) && !gone.has(2) && !gone.has(request.messages.length - 1));
  const counted = promptfare.estimateTokens(trim.request, { model: "claude-sonnet-4" });
  assert.equal(counted.high, trim.tokens.high);
  assert.ok(counted.high + 500 <= 3000);
  const calls = trim.request.messages.flatMap(({ tool_calls }) => tool_calls ?? []).map(({ id }) => id);
  assert.deepEqual(trim.request.messages.filter(({ role }) => role === "tool").map(({ tool_call_id }) => tool_call_id), calls);
  assert.ok(trim.dropped.every(({ tokens, preview, reason }) => tokens > 0 && preview !== "" && reason !== ""));
  const { low, expected, high } = promptfare.estimateCost({ ...trim.request, model: "claude-sonnet-4" });
  assert.deepEqual(trim.usd, { low, expected, high });
  assert.equal(summary.summariser, "claude-haiku-4-5");
  assert.ok(Number(summary.usd.high) > Number(summary.then.high) && summary.calls >= 1);
  const shifted = trim.request.messages.findIndex((message) => message.content === request.messages[2].content);
  const again = workshop.fitRequest(trim.request, { model: "claude-sonnet-4", limitTokens: 3000, pinned: [shifted] });
  assert.deepEqual(again.options, []);
});

test("a long text is cut in its middle; what is left out is told in UTF-16", () => {
  const text = `👩‍👩‍👧 ${Array.from({ length: 400 }, (_, n) => sentence(n)).join("")}thanks 🇩🇪`;
  const fit = workshop.fitRequest({ messages: [{ role: "user", content: text }] }, { model: "gpt-5", limitTokens: 2000, answerTokens: 300 });
  const [{ request, cut, tokens }] = fit.options;
  assert.equal(text.slice(0, cut.start) + cut.mark + text.slice(cut.end), request.messages[0].content);
  assert.ok(tokens.high + 300 <= 2000 && /about \d+ tokens left out/.test(cut.mark));
  assert.ok(request.messages[0].content.startsWith("👩‍👩‍👧 ") && request.messages[0].content.endsWith("🇩🇪"));
});

test("bigger models come with their price, and what stays too long is named", () => {
  const long = conversation(60);
  for (const message of long.messages.filter(({ role }) => role === "user")) message.content = message.content.repeat(100);
  const fit = workshop.fitRequest(long, { model: "claude-opus-4", candidates: ["gpt-4.1", "gpt-4.1-mini"] });
  const bigger = fit.options.filter((option) => option.kind === "bigger");
  assert.deepEqual(bigger.map(({ model }) => model), ["gpt-4.1-mini", "gpt-4.1"]);
  for (const { model, usd } of bigger) assert.equal(usd.expected, promptfare.estimateCost({ ...long, model }).expected);
  const stuck = workshop.fitRequest({ messages: [{ role: "system", content: sentence(1).repeat(300) }, { role: "user", content: "Hi" }] }, { model: "gpt-5", limitTokens: 1000, answerTokens: 100 });
  assert.equal(stuck.options.length, 0);
  assert.match(stuck.stuck.reason, /message 0 \(system, instructions, \d+ tokens\)/);
  assert.equal(stuck.stuck.most, 900);
});

test("what is wrong is named", () => {
  const request = { messages: [{ role: "user", content: "Hi" }, { role: "tool", tool_call_id: "x", content: "late" }] };
  assert.deepEqual(workshop.fitRequest(request, { model: "gpt-5" }).orphans, [{ message: 1, id: "x", what: "result without call" }]);
  assert.throws(() => workshop.fitRequest(request), kind("invalid_input"));
  assert.throws(() => workshop.fitRequest(request, { model: "claude-opus-44" }), (error) => error.kind === "unknown_model" && error.nearest.includes("claude-opus-4"));
  assert.throws(() => workshop.fitRequest(request, { model: "gpt-5", pinned: [9] }), kind("invalid_input"));
  assert.throws(() => workshop.compareVersions(request, { request: {} }, { model: "gpt-5" }), kind("invalid_input"));
  assert.throws(() => workshop.compareVersions(request, request), kind("invalid_input"));
});

test("two versions: words, tokens, money and what was billed", () => {
  const version = (system, label) => ({ label, request: { messages: [{ role: "system", content: system }, { role: "user", content: "When does it leave?" }] } });
  const before = version("You are a helpful assistant. You answer questions about ferries.", "first");
  const after = version("You answer questions about ferries.", "second");
  const receipts = [{ ending: "completed", usage: { inputTokens: 30, outputTokens: 20 }, cost: { usd: "0.0003" } }];
  const made = workshop.compareVersions({ ...before, receipts }, after, { model: "claude-sonnet-4" });
  assert.deepEqual([made.before.label, made.after.label], ["first", "second"]);
  assert.deepEqual(made.fields.map(({ name, change }) => [name, change]), [["system", "changed"], ["user", "same"]]);
  const side = (without) => made.fields[0].pieces.filter(({ kind }) => kind !== without).map(({ text }) => text).join("");
  assert.equal(side("added"), before.request.messages[0].content);
  assert.equal(side("removed"), after.request.messages[0].content);
  const [one, other] = [before, after].map(({ request }) => promptfare.estimateTokens(request, { model: "claude-sonnet-4" }));
  assert.deepEqual(made.difference.tokens, { low: other.low - one.high, expected: other.tokens - one.tokens, high: other.high - one.low, exact: one.exact && other.exact });
  assert.match(made.difference.input.expected, /^-0\.0000\d+$/);
  assert.deepEqual(made.before.billed, { receipts: 1, endings: { completed: 1, truncated: 0, errored: 0, aborted: 0 }, withUsage: 1, inputTokens: 30, outputTokens: 20, withCost: 1, usd: "0.0003", usdEach: "0.0003" });
  assert.equal(made.after.billed, null);
});
