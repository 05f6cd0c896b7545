// Prices through the package's own face, in Node: overlays, a gateway's list, fees, sessions, cache.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { root } from "../../scripts/setup.mjs";

const pkg = path.join(root, "pkg");
let promptfare;
let server;
let client;
before(async () => {
  promptfare = await import(pathToFileURL(path.join(pkg, "promptfare.js")).href);
  await promptfare.default(readFileSync(path.join(pkg, "promptfare_core_bg.wasm")));
  const data = [
    { id: "anthropic/claude-opus-4", context_length: 200000, pricing: { prompt: "0.00001", completion: "0.00005" }, top_provider: { max_completion_tokens: 16000 } },
    { id: "house/own-model", context_length: 8192, pricing: { prompt: "0.000001", completion: "0.000002" } },
    { id: "house/unpriced" },
  ];
  server = createServer((_, response) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ data })));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  client = await promptfare.Client.create({ baseUrl: `http://127.0.0.1:${server.address().port}/v1` });
});
after(() => {
  client?.free();
  server?.close();
});

const ask = { messages: [{ role: "user", content: "Hello there." }] };
const kind = (wanted) => (error) => error.kind === wanted && error instanceof Error;

test("a name tells what was given, its variant, and the price in force with its age", () => {
  const model = promptfare.resolveModel("eu.anthropic.claude-opus-4-6-v1:0");
  assert.equal(model.id, "claude-opus-4-6");
  assert.equal(model.given, "eu.anthropic.claude-opus-4-6-v1:0");
  assert.deepEqual(model.variant, { region: "eu" });
  assert.equal(model.price.rates.input_mtok, "5.5");
  assert.ok(Number.isInteger(model.price.ageDays));
  assert.deepEqual(promptfare.resolveModel("claude-opus-4").variant, {});
  assert.equal(promptfare.resolveModel("deepseek/deepseek-v4-pro:free").variant.free, true);
  assert.equal(promptfare.resolveModel("claude-opus-4-6:batch").price.rates.input_mtok, "2.5");
  assert.equal(promptfare.resolveModel("ernie-5.0").price, null);
  // The variant is priced: half of 5 USD for a million.
  const usage = { inputTokens: 1_000_000, outputTokens: 0 };
  assert.equal(promptfare.calculateCost("claude-opus-4-6:batch", usage).usd, "2.5");
  assert.equal(promptfare.calculateCost("eu.anthropic.claude-opus-4-6-v1:0", usage).usd, "5.5");
});

test("fees, audio and the price that was taken", () => {
  const body = { model: "claude-opus-4", usage: { input_tokens: 1000, output_tokens: 100, cache_read_input_tokens: 0, server_tool_use: { web_search_requests: 2 } } };
  const usage = promptfare.readUsage(body, { provider: "anthropic" });
  assert.equal(usage.webSearches, 2);
  const cost = promptfare.calculateCost("claude-opus-4", usage);
  assert.deepEqual([cost.usd, cost.input, cost.output, cost.fees], ["0.0425", "0.015", "0.0075", "0.02"]);
  assert.equal(cost.price.checked, "2026-11-22");
  assert.equal("fees" in promptfare.calculateCost("claude-opus-4", { inputTokens: 1, outputTokens: 1 }), false);
  assert.throws(() => promptfare.calculateCost("claude-opus-4", { inputTokens: 1, outputTokens: 1, inputAudioTokens: 2 }), kind("invalid_input"));
});

test("a session, a month, another currency, and one's own answers", () => {
  const plain = promptfare.estimateCost(ask, { candidates: ["claude-sonnet-4"] });
  assert.equal("perSession" in plain || "display" in plain || "typicalOutputTokens" in plain, false);
  const history = Array.from({ length: 40 }, () => ({ estimated: plain.outputTokens.expected, billed: 1200 }));
  const found = promptfare.estimateCost(ask, {
    candidates: ["claude-sonnet-4"],
    session: { turns: 10 },
    runsPerDay: 5,
    currency: { code: "EUR", perUsd: "0.9", asOf: "2026-11-20" },
    history,
  });
  assert.equal(found.typicalOutputTokens, plain.outputTokens.expected);
  assert.ok(found.outputTokens.expected > 1000 && found.outputTokens.high <= 1200, JSON.stringify(found.outputTokens));
  assert.ok(Number(found.perSession.expected) > 10 * Number(found.expected));
  assert.ok(Math.abs(Number(found.perMonth.expected) - 150 * Number(found.perSession.expected)) < 1e-9);
  assert.ok(Math.abs(Number(found.display.perMonth.high) - 0.9 * Number(found.perMonth.high)) < 1e-9);
  assert.equal(found.candidates[0].display.code, "EUR");
  assert.throws(() => promptfare.estimateCost({ ...ask, model: "gpt-5" }, { currency: { code: "EUR", perUsd: 0.9, asOf: "2026-11-20" } }), kind("invalid_input"));
  const plan = client.plan("Hello there.", { model: "gpt-5", session: { turns: 2 } });
  assert.ok(plan.cost.perSession);
});

test("the client learns from its own receipts", () => {
  const receipt = (n) => ({
    id: `r${n}`, planId: "p", ending: "completed", model: "gpt-5", timing: { sentAt: n, firstPieceMs: 1, totalMs: 2 }, attempts: [],
    comparison: { inputTokens: {}, outputTokens: { estimated: 500, typical: 456, low: 1, high: 2, billed: 3000, inside: false }, usd: null },
  });
  const before = client.plan("Hello there.", { model: "gpt-5" }).cost;
  client.import({ schema: 1, receipts: Array.from({ length: 30 }, (_, n) => receipt(n)), feedback: [] });
  const after = client.plan("Hello there.", { model: "gpt-5" }).cost;
  assert.equal(after.typicalOutputTokens, before.outputTokens.expected);
  assert.ok(after.outputTokens.expected > 2 * before.outputTokens.expected, JSON.stringify(after.outputTokens));
  assert.match(after.method, /30 own answers/);
  assert.equal(client.plan("Hello there.", { model: "claude-opus-4" }).cost.typicalOutputTokens, undefined);
});

test("advice on the provider's cache", () => {
  const system = "The fare is told before the ride. ".repeat(400);
  const request = { model: "claude-opus-4", messages: [{ role: "system", content: system }, ...ask.messages] };
  const found = promptfare.cacheAdvice(request, { set: true, ttl: "1h", switchTo: "gpt-5" });
  assert.equal(found.kind, "explicit");
  assert.deepEqual(found.breakpoints.map(({ after, message }) => [after, message]), [["system", 0]]);
  assert.deepEqual(found.request.messages[0].content[0].cache_control, { type: "ephemeral", ttl: "1h" });
  assert.ok(found.paysAfterReads === 1 && found.paysAfterReads1h === 2);
  assert.equal(found.switching.model, "gpt-5");
  assert.equal("request" in promptfare.cacheAdvice(request), false);
  assert.throws(() => promptfare.cacheAdvice(request, { ttl: "2h" }), kind("invalid_input"));
});

test("a gateway's list is planned with its own prices once it is merged", async () => {
  const unmerged = await client.models();
  assert.equal(unmerged.find(({ gatewayId }) => gatewayId === "anthropic/claude-opus-4").price.rates.input_mtok, "10");
  assert.match(client.plan("Hello there.", { model: "anthropic/claude-opus-4" }).cost.price.source, /litellm/);
  const [known, own, unpriced] = await client.models({ merge: true });
  assert.deepEqual([known.id, known.known, known.maxOutput], ["claude-opus-4", true, 16000]);
  assert.deepEqual([own.known, own.lab, own.price.rates.output_mtok, own.contextWindow], [false, null, "2", 8192]);
  assert.deepEqual([unpriced.price, unpriced.known], [null, false]);
  const plan = client.plan("Hello there.", { policy: { candidates: ["anthropic/claude-opus-4", "house/own-model", "claude-opus-4"] } });
  const price = (name) => plan.candidates.find(({ model }) => model === name).cost.price;
  assert.match(price("anthropic/claude-opus-4").source, /^http:\/\/127\.0\.0\.1:\d+\/v1\/models$/);
  assert.equal(price("house/own-model").ageDays, 0);
  assert.match(price("claude-opus-4").source, /litellm/);
});

test("a newer catalogue is laid over the shipped one, or refused whole", async () => {
  const newer = {
    schema: 1,
    date: "2026-12-01",
    models: [{ id: "claude-opus-4", lab: "anthropic", aliases: ["claude-opus-4-0"], tokenizer: "claude-3", contextWindow: 200000,
      prices: [{ from: "2026-12-01", checked: "2026-12-01", source: "our contract", rates: { input_mtok: "7", output_mtok: "35" } }] }],
  };
  const usage = { inputTokens: 1_000_000, outputTokens: 0 };
  const on = (day) => promptfare.calculateCost("claude-opus-4", usage, { at: new Date(`${day}T12:00:00Z`) });
  const bytes = Buffer.from(JSON.stringify(newer));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await assert.rejects(promptfare.loadCatalog(bytes, { sha256: "0".repeat(64) }), kind("invalid_input"));
  const bad = structuredClone(newer);
  bad.models[0].prices[0].rates.input_mtok = "-7";
  await assert.rejects(promptfare.loadCatalog(bad), (error) => kind("invalid_input")(error) && error.message.includes("claude-opus-4"));
  await assert.rejects(promptfare.loadCatalog(newer, { sha256 }), kind("invalid_input"));
  assert.equal(on("2026-12-02").usd, "15");
  assert.deepEqual(await promptfare.loadCatalog(bytes, { sha256 }), { date: "2026-12-01", models: 1 });
  assert.deepEqual([on("2026-12-02").usd, on("2026-12-02").price.source, on("2026-11-01").usd], ["7", "our contract", "15"]);
  assert.equal(promptfare.resolveModel("gpt-5").id, "gpt-5");
  await promptfare.loadCatalog({ schema: 1, date: "2026-12-02", models: [] });
  assert.equal(on("2026-12-02").usd, "15");
});
