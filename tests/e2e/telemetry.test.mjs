// Receipts told to a collector that holds every body to OpenTelemetry's own schema: from Node, and from
// the page, also when it is left.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { build } from "../../scripts/build.mjs";
import { ensureSchema, startCollector } from "../../scripts/otel.mjs";
import { root } from "../../scripts/setup.mjs";
import { startFakeGateway } from "./gateway.mjs";
import { picture, send, startRide, type } from "./ride.mjs";

const { command, missing } = ensureSchema();
const TESTS = 7;
if (missing !== undefined) console.log(`\n!! left out: ${TESTS} tests of telemetry (${missing})\n`);
const options = { skip: missing, timeout: 120_000 };
const QUESTION = "Why is the canary-question yellow?";
const ENDLESS = { model: "endless", messages: [{ role: "user", content: QUESTION }] };

let collector;
let gateway;
let ride;
let promptfare;
let workshop;
before(async () => {
  if (missing !== undefined) return;
  await build();
  const load = async (name, wasm) => {
    const module = await import(pathToFileURL(path.join(root, "pkg", name)).href);
    await module.default(readFileSync(path.join(root, "pkg", wasm)));
    return module;
  };
  promptfare = await load("promptfare.js", "promptfare_core_bg.wasm");
  workshop = await load("workshop.js", "promptfare_workshop_bg.wasm");
  collector = await startCollector({ command });
  gateway = await startFakeGateway();
  ride = await startRide({ gateway: gateway.url });
});
after(async () => {
  await ride?.stop();
  await gateway?.stop();
  await collector?.stop();
});

/** What the collector was told since `from`, once `enough` says so. */
async function told(from, enough) {
  for (let tries = 0; tries < 200; tries += 1) {
    const list = collector.told.slice(from);
    if (enough(list)) return list;
    await wait(50);
  }
  assert.fail(`the collector was told only ${JSON.stringify(collector.told.slice(from)).slice(0, 500)}`);
}

const spansOf = (list) => list.filter((body) => body.kind === "traces" && body.status === 200)
  .flatMap((body) => body.message.resourceSpans[0].scopeSpans[0].spans);
const metricsOf = (list) => list.filter((body) => body.kind === "metrics" && body.status === 200)
  .flatMap((body) => body.message.resourceMetrics[0].scopeMetrics[0].metrics);
const attribute = (span, key) => {
  const value = span.attributes.find((pair) => pair.key === key)?.value ?? {};
  return Object.values(value)[0];
};

/** One request to the small gateway, told to `sink`. */
async function ask(sink, model = "gpt-5", signal) {
  const client = await promptfare.Client.create({ baseUrl: gateway.url, telemetry: sink });
  const answer = client.send(client.plan({ ...ENDLESS, model }), { signal });
  try {
    for await (const piece of answer) if (signal !== undefined && piece.text) break;
  } catch { /* The receipt tells. */ }
  const receipt = await answer.receipt;
  client.free();
  return receipt;
}

test("a receipt arrives as a span and as metrics, by the schema, and without what was said", options, async () => {
  const from = collector.told.length;
  const sink = workshop.openTelemetry({ endpoint: collector.url, serviceName: "shop", headers: { "x-collector-key": "canary-key" }, attributes: { "deployment.environment.name": "test" } });
  const receipt = await ask(sink);
  await sink.stop();
  const list = await told(from, (all) => all.length > 1);
  assert.deepEqual(list.map((body) => [body.path, body.status, body.error]).sort(), [["/v1/metrics", 200, undefined], ["/v1/traces", 200, undefined]]);
  const [span] = spansOf(list);
  assert.equal(span.name, "chat gpt-5");
  assert.equal(attribute(span, "gen_ai.usage.output_tokens"), String(receipt.usage.outputTokens));
  assert.equal(attribute(span, "promptfare.cost.usd"), Number(receipt.cost.usd));
  assert.equal(attribute(span, "gen_ai.provider.name"), "openai");
  assert.equal(attribute(span, "server.address"), "127.0.0.1");
  assert.equal(Buffer.from(span.traceId, "base64").toString("hex"), receipt.trace.traceId, "the receipt says where it is found");
  assert.deepEqual(new Set(metricsOf(list).map((metric) => metric.name)), new Set(["gen_ai.client.operation.duration", "gen_ai.client.operation.time_to_first_chunk", "gen_ai.client.operation.time_per_output_chunk", "gen_ai.client.token.usage", "promptfare.client.cost"]));
  assert.equal(list[0].key, "canary-key");
  const said = JSON.stringify(list.map((body) => body.message));
  assert.ok(!said.includes("canary") && !said.includes("word 1"), "neither prompt, answer nor key");
  assert.deepEqual(sink.state, { waiting: 0, dropped: 0, sent: 1, refused: 0, problem: null });
});

test("both generations of names, both temporalities, and texts where they are wanted, are by the schema", options, async () => {
  for (const more of [{ conventions: "inference" }, { temporality: "cumulative" }, { content: true }]) {
    const from = collector.told.length;
    const sink = workshop.openTelemetry({ endpoint: collector.url, serviceName: "shop", ...more });
    await ask(sink);
    await ask(sink, "cut");
    await ask(sink, "endless", new AbortController().signal);
    await sink.stop();
    const list = await told(from, (all) => spansOf(all).length > 2 && metricsOf(all).length > 0);
    assert.deepEqual(list.filter((body) => body.status !== 200), []);
    const spans = spansOf(list);
    assert.deepEqual(spans.map((span) => attribute(span, "promptfare.ending")), ["completed", "errored", "aborted"], JSON.stringify(more));
    assert.equal(JSON.stringify(spans).includes("canary-question"), more.content === true);
  }
});

test("what the collector cannot take now is told later, whole", options, async () => {
  const from = collector.told.length;
  const sink = workshop.openTelemetry({ endpoint: `${collector.url}/busy/`, serviceName: "shop" });
  await ask(sink);
  await sink.flush();
  assert.equal(sink.state.waiting, 1);
  assert.match(sink.state.problem, /HTTP 503/);
  const list = await told(from, (all) => spansOf(all).length > 0 && metricsOf(all).length > 0);
  assert.deepEqual(list.filter((body) => body.kind === "traces").map((body) => body.status), [503, 503, 200]);
  assert.equal(spansOf(list).length, 1, "once");
  const duration = metricsOf(list).find((metric) => metric.name === "gen_ai.client.operation.duration");
  assert.equal(duration.histogram.dataPoints[0].count, "1");
  await sink.stop();
  assert.deepEqual([sink.state.sent, sink.state.waiting, sink.state.problem], [1, 0, null]);
});

test("a collector that refuses or is away disturbs nothing, and its address and key are not told", options, async () => {
  const refusing = workshop.openTelemetry({ endpoint: `${collector.url}/no`, serviceName: "shop" });
  assert.equal((await ask(refusing)).ending, "completed");
  await refusing.stop();
  assert.deepEqual([refusing.state.refused, refusing.state.waiting, /HTTP 403/.test(refusing.state.problem)], [1, 0, true]);
  const away = workshop.openTelemetry({ endpoint: "http://127.0.0.1:9/canary", serviceName: "shop", headers: { "x-collector-key": "canary-key" } });
  assert.equal((await ask(away)).ending, "completed");
  await away.stop();
  assert.equal(away.state.waiting, 1);
  assert.match(away.state.problem, /no answer/);
  assert.ok(!JSON.stringify(away.state).includes("canary"));
});

test("options and sinks of another shape are refused by name", options, async () => {
  for (const [given, names] of [
    [{ serviceName: "a", endpoint: "http://[" }, /telemetry\.endpoint/],
    [{ serviceName: "a" }, /telemetry\.endpoint/],
    [{ endpoint: collector.url }, /telemetry\.serviceName: found null/],
    [{ endpoint: collector.url, serviceName: "a", everyMs: 1 }, /telemetry\.everyMs: found 1/],
    [{ endpoint: collector.url, serviceName: "a", conventions: "old" }, /telemetry\.conventions/],
  ]) {
    assert.throws(() => workshop.openTelemetry(given), (error) => error.kind === "invalid_input" && names.test(error.message));
  }
  await assert.rejects(promptfare.Client.create({ baseUrl: gateway.url, telemetry: {} }), (error) => error.kind === "invalid_input" && /telemetry/.test(error.message));
  const faulty = { begin() { throw new Error("no"); }, record() { throw new Error("no"); } };
  const receipt = await ask(faulty);
  assert.equal(receipt.ending, "completed");
  assert.equal(receipt.trace, undefined);
});

test("the page tells its collector, and its own server gets the trace", options, async () => {
  const from = collector.told.length;
  const { page, close } = await ride.open();
  assert.equal(await page.evaluate(() => performance.getEntriesByType("resource").filter((entry) => entry.name.includes("workshop")).length), 0, "the second module is not loaded unasked");
  await page.click("#telemetry summary");
  await page.fill("#collector", collector.url);
  await page.press("#collector", "Tab");
  await page.waitForFunction(() => document.getElementById("collector-state").textContent !== "");
  await type(page, QUESTION);
  await send(page);
  const list = await told(from, (all) => spansOf(all).length > 0);
  const [span] = spansOf(list);
  assert.equal(attribute(span, "promptfare.ending"), "completed");
  const asked = gateway.seen.filter((request) => request.body?.stream);
  assert.match(String(ride.forwarded.at(-1).headers), /traceparent/, "of the same origin, a header more is allowed");
  assert.ok(asked.length > 0);
  await page.waitForFunction(() => /1 told, 0 waiting/.test(document.getElementById("collector-state").textContent));
  await picture(page, "telemetry");
  await close();
});

test("what waits goes out when the page is left", options, async () => {
  const from = collector.told.length;
  const { page, close } = await ride.open();
  const id = await page.evaluate(async ({ url }) => {
    const { Client } = await import("./promptfare/promptfare.js");
    const workshop = await import("./promptfare/workshop.js");
    await workshop.default();
    // Far longer than this test takes.
    const telemetry = workshop.openTelemetry({ endpoint: url, serviceName: "left", everyMs: 600_000 });
    const client = await Client.create({ baseUrl: new URL("gateway/v1", document.baseURI).href, telemetry });
    const answer = client.send(client.plan("Hello", { model: "gpt-5" }));
    for await (const piece of answer) void piece;
    return (await answer.receipt).id;
  }, { url: collector.url });
  assert.equal(collector.told.length, from, "nothing yet");
  await page.goto("about:blank");
  const list = await told(from, (all) => spansOf(all).length > 0 && metricsOf(all).length > 0);
  assert.equal(attribute(spansOf(list)[0], "promptfare.receipt.id"), id);
  await close();
});
