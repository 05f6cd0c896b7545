// What a client does with its requests: limits, aborts, endpoints, kept answers. The network is a
// fetch that answers from here, so that every moment of it can be chosen; the last tests run in a
// page, against a server.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { build } from "../../scripts/build.mjs";
import { root } from "../../scripts/setup.mjs";
import { startFakeGateway } from "./gateway.mjs";
import { startRide } from "./ride.mjs";

const BASE = "https://gateway.example/v1";
const KEY = "sk-canary-0123456789abcdef";
const own = globalThis.fetch;
const encoder = new TextEncoder();

let promptfare;
let sent;
// Time limits of Node's own signals do not keep it running.
const awake = setInterval(() => {}, 1000);
before(async () => {
  await build();
  promptfare = await import(pathToFileURL(path.join(root, "pkg/promptfare.js")).href);
  await promptfare.default(readFileSync(path.join(root, "pkg/promptfare_core_bg.wasm")));
});
beforeEach(() => { sent = []; });
after(() => {
  globalThis.fetch = own;
  clearInterval(awake);
});

const chunk = (delta, reason = null) => `data: ${JSON.stringify({ id: "c", model: "gpt-5", choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
const whole = (text) => [chunk({ content: text }), chunk({}, "stop"), 'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3}}\n\n', "data: [DONE]\n\n"];

/** A stream of these parts; `more` keeps it open after them. */
function streamed(parts, { more = false, signal } = {}) {
  const body = new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(encoder.encode(part));
      if (!more) controller.close();
      signal?.addEventListener("abort", () => { try { controller.error(signal.reason); } catch { /* ended */ } });
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

/** Answers every fetch with what `answer` makes of `{ url, body, signal, headers, count }`. */
function gateway(answer) {
  globalThis.fetch = async (request) => {
    const call = { url: request.url, body: JSON.parse(await request.text()), signal: request.signal, headers: Object.fromEntries(request.headers), count: sent.length };
    sent.push(call);
    if (request.signal.aborted) throw request.signal.reason;
    return answer(call);
  };
}

const fails = (status, message = "busy", headers = {}) =>
  new Response(JSON.stringify({ error: { message, type: "server_error" } }), { status, headers: { "content-type": "application/json", ...headers } });

const create = (options = {}) => promptfare.Client.create({ baseUrl: BASE, models: ["gpt-5"], ...options });

async function textOf(answer) {
  let text = "";
  for await (const piece of answer) text += piece.text ?? "";
  return text;
}

// ------------------------------------------------------------------------------------ abort

for (const [name, reason] of Object.entries({ undefined: undefined, string: "enough", number: 7, object: { why: "left" }, null: null, error: new TypeError("mine") })) {
  test(`an abort in the stream rejects with its reason untouched: ${name}`, async () => {
    gateway(({ signal }) => streamed([chunk({ content: "some" })], { more: true, signal }));
    const controller = new AbortController();
    const client = await create();
    const answer = client.send(client.plan("Hi"), { signal: controller.signal });
    let text = "";
    let thrown = "nothing";
    try {
      for await (const piece of answer) {
        text += piece.text;
        setTimeout(() => controller.abort(reason), 5);
      }
    } catch (error) {
      thrown = error;
    }
    // `abort(undefined)` makes a reason of the platform's own.
    assert.equal(thrown, controller.signal.reason);
    const receipt = await answer.receipt;
    assert.deepEqual([receipt.ending, receipt.text, text], ["aborted", "some", "some"]);
    assert.equal(sent[0].signal.aborted, true, "the upstream is closed");
  });
}

test("an abort is not held up by a fetch, a stream or a key that does not heed it", async () => {
  for (const answer of [() => new Promise(() => {}), () => streamed([chunk({ content: "x" })], { more: true })]) {
    gateway(answer);
    const client = await create();
    const begin = performance.now();
    const sending = client.send(client.plan("Hi"), { signal: AbortSignal.timeout(30) });
    assert.equal((await sending.receipt).ending, "aborted");
    assert.ok(performance.now() - begin < 2000);
  }
  sent = [];
  const client = await create({ apiKey: () => new Promise(() => {}) });
  const answer = client.send(client.plan("Hi"), { signal: AbortSignal.timeout(30) });
  assert.equal((await answer.receipt).ending, "aborted");
  assert.equal(sent.length, 0, "nothing left the page");
});

test("an abort out of the stream itself, while it is read, ends it like any other", async () => {
  const controller = new AbortController();
  gateway(() => {
    const parts = ["a", "b", "c"].map((text) => encoder.encode(chunk({ content: text })));
    const body = new ReadableStream({
      pull(stream) {
        if (parts.length === 1) controller.abort("from within");
        stream.enqueue(parts.shift());
      },
    }, { highWaterMark: 0 });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  const client = await create();
  const answer = client.send(client.plan("Hi"), { signal: controller.signal });
  await assert.rejects(async () => { for await (const piece of answer) void piece; }, (reason) => reason === "from within");
  const receipt = await answer.receipt;
  assert.deepEqual([receipt.ending, receipt.text], ["aborted", "ab"]);
});

test("leaving the loop closes the upstream", async () => {
  gateway(({ signal }) => streamed([chunk({ content: "a" }), chunk({ content: "b" })], { more: true, signal }));
  const client = await create();
  const answer = client.send(client.plan("Hi"));
  for await (const piece of answer) if (piece.text) break;
  assert.equal((await answer.receipt).ending, "aborted");
  assert.equal(sent[0].signal.aborted, true);
});

test("an abort while waiting for another try ends the wait", async () => {
  gateway(() => fails(503, "busy", { "retry-after": "20" }));
  const client = await create();
  const begin = performance.now();
  const answer = client.send(client.plan("Hi"), { signal: AbortSignal.timeout(60) });
  const receipt = await answer.receipt;
  assert.deepEqual([receipt.ending, sent.length], ["aborted", 1]);
  assert.ok(performance.now() - begin < 3000);
});

// ------------------------------------------------------------------------------------ time limits

test("silence, a late beginning and a long answer end at their limits", async () => {
  const none = { retryBudgetMs: 0 };
  gateway(({ signal }) => streamed([chunk({ content: "some" })], { more: true, signal }));
  let client = await create({ ...none, timeouts: { idleMs: 80 } });
  let receipt = await client.send(client.plan("Hi")).receipt;
  assert.deepEqual([receipt.error.kind, receipt.text], ["timeout", "some"]);
  assert.match(receipt.error.message, /next part.*80 ms/);

  gateway(({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))));
  client = await create({ ...none, timeouts: { firstByteMs: 60 } });
  receipt = await client.send(client.plan("Hi")).receipt;
  assert.match(receipt.error.message, /first byte.*60 ms/);

  // Never silent, never over.
  gateway(({ signal }) => {
    const body = new ReadableStream({
      async pull(controller) {
        await wait(10);
        if (signal.aborted) controller.error(signal.reason);
        else controller.enqueue(encoder.encode(chunk({ content: "x" })));
      },
    });
    return new Response(body);
  });
  client = await create({ ...none, timeouts: { idleMs: 500, totalMs: 150 } });
  receipt = await client.send(client.plan("Hi")).receipt;
  assert.match(receipt.error.message, /whole answer.*150 ms/);
  assert.ok(receipt.text.length > 2);
});

// ------------------------------------------------------------------------------------ many at once

test("no more at once than allowed, in turn, and what waits can be aborted", async () => {
  let open = 0;
  let most = 0;
  gateway(async ({ body }) => {
    open += 1;
    most = Math.max(most, open);
    await wait(30);
    open -= 1;
    return streamed(whole(body.messages[0].content));
  });
  const client = await create({ concurrency: 2 });
  const controller = new AbortController();
  const answers = Array.from({ length: 7 }, (_, index) =>
    client.send(client.plan(`n${index}`), index === 4 ? { signal: controller.signal } : {}));
  controller.abort("not needed");
  const receipts = await Promise.all(answers.map((answer) => answer.receipt));
  assert.equal(most, 2);
  assert.deepEqual(sent.map(({ body }) => body.messages[0].content), ["n0", "n1", "n2", "n3", "n5", "n6"]);
  assert.deepEqual(receipts.map(({ ending }) => ending), Array.from({ length: 7 }, (_, index) => (index === 4 ? "aborted" : "completed")));
  assert.ok(receipts[0].timing.queuedMs < 20 && receipts[6].timing.queuedMs >= 60, JSON.stringify(receipts.map(({ timing }) => timing)));
  assert.ok(receipts[6].timing.totalMs < receipts[6].timing.queuedMs + 100);
  // The places of those that were aborted are free again.
  assert.equal(await textOf(client.send(client.plan("again"))), "again");
});

// ------------------------------------------------------------------------------------ endpoints

test("another endpoint takes over, also from an account without quota, and the first cools down", async () => {
  gateway(({ url }) => (url.startsWith("https://a.example") ? fails(402, "You have no credits left") : streamed(whole("hello"))));
  const client = await promptfare.Client.create({ models: ["gpt-5"], endpoints: [
    { baseUrl: "https://a.example/v1", weight: 1e9 }, { baseUrl: "https://b.example/v1", weight: 1e-9 }] });
  let receipt = await client.send(client.plan("Hi")).receipt;
  assert.deepEqual(receipt.attempts.map(({ endpoint, error }) => [endpoint, error?.kind]), [["https://a.example/v1", "quota"], ["https://b.example/v1", undefined]]);

  gateway(({ url }) => (url.startsWith("https://a.example") ? fails(503, "busy", { "retry-after": "30" }) : streamed(whole("hello"))));
  receipt = await client.send(client.plan("Hi")).receipt;
  assert.deepEqual(receipt.attempts.map(({ error }) => error?.kind), ["server", undefined]);
  sent = [];
  receipt = await client.send(client.plan("Hi")).receipt;
  assert.deepEqual(sent.map(({ url }) => new URL(url).host), ["b.example"], "the first is given a rest");
  assert.equal(receipt.ending, "completed");
});

test("the load is shared by weight, each endpoint with its own key", async () => {
  gateway(() => streamed(whole("hello")));
  const client = await promptfare.Client.create({ models: ["gpt-5"], baseUrl: "https://a.example/v1", apiKey: () => "key-of-a-12345678", endpoints: [
    { baseUrl: "https://b.example/v1", weight: 3, apiKey: () => "key-of-b-12345678" }] });
  const plan = client.plan("Hi");
  for (let times = 0; times < 120; times += 1) await client.send(plan).receipt;
  const of = (host) => sent.filter(({ url }) => new URL(url).host === host);
  assert.ok(of("b.example").length > 66 && of("a.example").length > 10, `${of("a.example").length} to ${of("b.example").length}`);
  for (const host of ["a", "b"]) for (const { headers } of of(`${host}.example`)) assert.equal(headers.authorization, `Bearer key-of-${host}-12345678`);
});

test("a model that failed lately is passed over for the next, and the receipt says so", async () => {
  gateway(({ body }) => (body.model === "gpt-5" ? fails(529, "Overloaded") : streamed(whole("hello"))));
  const client = await create({ models: ["gpt-5", "gpt-4o"], policy: { override: "gpt-5" } });
  let receipt = await client.send(client.plan("Hi")).receipt;
  assert.equal(receipt.model, "gpt-4o");
  receipt = await client.send(client.plan("Hi")).receipt;
  assert.deepEqual(receipt.attempts.map(({ model, skipped }) => [model, skipped]), [["gpt-5", true], ["gpt-4o", undefined]]);
  assert.match(receipt.attempts[0].error.message, /cools down/);
  // Not where that is not wanted.
  const strict = await create({ models: ["gpt-5", "gpt-4o"], policy: { override: "gpt-5" }, failover: false });
  receipt = await strict.send(strict.plan("Hi")).receipt;
  assert.deepEqual([receipt.model, receipt.ending, receipt.attempts.length], ["gpt-5", "errored", 2]);
});

test("the old stream is closed before another is asked, and never after content", async () => {
  const open = [];
  gateway(({ body, signal }) => {
    open.push(sent.slice(0, -1).every((call) => call.signal.aborted));
    if (body.model === "gpt-5") return streamed([": waiting\n\n", 'data: {"error":{"message":"Overloaded","code":529}}\n\n'], { more: true, signal });
    return streamed(whole("hello"));
  });
  const client = await create({ models: ["gpt-5", "gpt-4o"], policy: { override: "gpt-5" } });
  let receipt = await client.send(client.plan("Hi")).receipt;
  assert.deepEqual([receipt.ending, open], ["completed", [true, true, true]]);
  gateway(() => streamed([chunk({ content: "some" }), 'data: {"error":{"message":"Overloaded","code":529}}\n\n']));
  sent = [];
  const other = await create({ models: ["gpt-5", "gpt-4o"] });
  receipt = await other.send(other.plan("Hi")).receipt;
  assert.deepEqual([receipt.ending, receipt.text, receipt.attempts.length, sent.length], ["errored", "some", 1, 1]);
});

test("too large a request goes to a larger model alone", async () => {
  gateway(({ body }) => (body.model === "gpt-4o" ? fails(400, "This model's maximum context length is 128000 tokens. However, your messages resulted in 150000 tokens.") : streamed(whole("hello"))));
  const client = await create({ models: ["gpt-4o", "claude-opus-4", "gpt-3.5-turbo"], policy: { override: "gpt-4o" } });
  const receipt = await client.send(client.plan("Hi")).receipt;
  assert.deepEqual(receipt.attempts.map(({ model, error }) => [model, error?.kind]), [["gpt-4o", "context_overflow"], ["claude-opus-4", undefined]]);
});

test("what the model or the gateway makes of a request is told, or refused, before it is sent", async () => {
  let client = await create();
  assert.match(client.plan("Hi", { maxTokens: 10 }).notes.join(), /max_tokens goes out as max_completion_tokens/);
  assert.throws(() => client.plan("Hi", { temperature: 0.2, model: "claude-opus-5-5" }), { kind: "unsupported", message: /takes no temperature/ });
  client = await create({ baseUrl: "http://localhost:11434/v1", models: ["gpt-4o"] });
  const tools = [{ type: "function", function: { name: "f", parameters: {} } }];
  assert.match(client.plan("Hi", { tools, toolChoice: "auto" }).notes.join(), /Ollama takes tool_choice and does not heed it/);
  client = await create({ profile: { name: "Ours", refused: { seed: "it has none" } } });
  assert.throws(() => client.plan("Hi", { extra: { seed: 1 } }), { kind: "unsupported", message: /seed: Ours refuses it: it has none/ });
  assert.deepEqual(client.plan("Hi").notes, []);
});

test("a bad option is named", async () => {
  for (const [options, words] of [
    [{ baseUrl: undefined }, /baseUrl/], [{ endpoints: "x" }, /endpoints/], [{ endpoints: [{}] }, /endpoints.*baseUrl/],
    [{ endpoints: [{ baseUrl: "https://b.example", weight: 0 }] }, /weight/], [{ endpoints: [{ baseUrl: "https://b.example", apiKey: KEY }] }, /apiKey/],
    [{ concurrency: -1 }, /concurrency/], [{ failover: "no" }, /failover/], [{ cache: { ttl: 1 } }, /cache\.ttl/]]) {
    await assert.rejects(create(options), (error) => error.kind === "invalid_input" && words.test(error.message) && !error.message.includes("canary"), JSON.stringify(options));
  }
});

// ------------------------------------------------------------------------------------ kept answers

test("a kept answer is given for the very same request alone, and costs nothing", async () => {
  gateway(({ count }) => streamed(whole(`answer ${count}`)));
  const client = await create({ cache: true });
  const ask = async (prompt, options = { temperature: 0, model: "gpt-4o" }) => {
    const answer = client.send(client.plan(prompt, options));
    const text = await textOf(answer);
    return { text, receipt: await answer.receipt };
  };
  const first = await ask("Is 17 a prime?");
  assert.equal(first.receipt.cached, undefined);
  const second = await ask("Is 17 a prime?");
  assert.deepEqual([second.text, sent.length], ["answer 0", 1]);
  const { cached, cost, costSource, usage, usageSource, attempts, ending, comparison, answeredBy } = second.receipt;
  assert.deepEqual({ cached, cost, costSource, usage, usageSource, attempts, ending, comparison, answeredBy },
    { cached: true, cost: { usd: "0" }, costSource: "cache", usage: { inputTokens: 0, outputTokens: 0 }, usageSource: "cache", attempts: [], ending: "completed", comparison: null, answeredBy: "gpt-5" });
  for (const [prompt, options] of [["Is 18 a prime?", undefined], ["Is 17 not a prime?", undefined],
    ["Is 17 a prime?", { temperature: 0, model: "gpt-4o", maxTokens: 5 }], ["Is 17 a prime?", { temperature: 0, model: "gpt-4.1" }],
    [{ text: "Is 17 a prime?", system: "Be brief." }, undefined]]) {
    assert.equal((await ask(prompt, options)).receipt.cached, undefined, JSON.stringify([prompt, options]));
  }
  // Drawn by lot: not kept.
  await ask("Once more", { model: "gpt-4o" });
  assert.equal((await ask("Once more", { model: "gpt-4o" })).receipt.cached, undefined);
  assert.equal(await client.purgeCache(), 6);
  assert.equal((await ask("Is 17 a prime?")).receipt.cached, undefined);
});

test("what failed, was cut short or calls tools is not kept", async () => {
  const answers = [[chunk({ content: "cut" }, "length")], [chunk({ content: "no" }), 'data: {"error":{"message":"x"}}\n\n'],
    [chunk({ tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: "{}" } }] }, "tool_calls")]];
  for (const parts of answers) {
    gateway(() => streamed(parts));
    const client = await create({ cache: { allowSampling: true }, retryBudgetMs: 0 });
    for (let times = 0; times < 2; times += 1) await client.send(client.plan("Hi")).receipt;
    assert.equal(sent.length, 2, parts[0]);
    sent = [];
  }
});

test("what is asked ahead is priced first, and then there", async () => {
  gateway(({ body }) => streamed(whole(`about ${body.messages[0].content}`)));
  const client = await create({ cache: { scope: "ahead" }, concurrency: 2 });
  const ahead = client.precompute(["rivers", { text: "seas" }], { temperature: 0, model: "gpt-4o" });
  assert.equal(sent.length, 0);
  assert.equal(ahead.plans.length, 2);
  for (const end of ["low", "expected", "high"]) {
    const sum = ahead.plans.reduce((all, plan) => all + Number(plan.cost[end]), 0);
    assert.ok(Math.abs(Number(ahead.cost[end]) - sum) < 1e-12);
  }
  await Promise.all(ahead.plans.map((plan) => client.send(plan).receipt));
  const receipt = await client.send(client.plan("seas", { temperature: 0, model: "gpt-4o" })).receipt;
  assert.deepEqual([receipt.cached, receipt.text, sent.length], [true, "about seas", 2]);
  assert.equal(client.precompute(["x"], { model: "nobody-knows-it" }).cost, null, "an unknown price makes no sum");
  assert.throws(() => client.precompute("rivers"), { kind: "invalid_input" });
});

// ------------------------------------------------------------------------------------ keys

test("a key shows nowhere", async () => {
  const echo = `Incorrect API key provided: ${KEY}. (Bearer ${KEY})`;
  const seen = [];
  for (const answer of [() => fails(401, echo), () => fails(500, echo, { "x-request-id": KEY }), () => streamed([`data: {"error":{"message":"${echo}","param":"${KEY}"}}\n\n`]),
    () => streamed([`data: broken ${KEY}\n\n`]), () => new Response(`<html>${KEY}</html>`), () => { throw new TypeError(`failed for ${KEY}`); }, () => streamed(whole("fine"))]) {
    gateway(answer);
    const client = await create({ apiKey: KEY, allowKeyInPage: true, retryBudgetMs: 0, cache: { allowSampling: true } });
    const plan = client.plan("Hi");
    const sending = client.send(plan);
    try {
      await textOf(sending);
    } catch (error) {
      seen.push(error.message, error.stack, JSON.stringify(error), String(error.cause), ...Object.values(error).map(String));
    }
    try {
      await client.models();
    } catch (error) {
      seen.push(error.message, JSON.stringify(error));
    }
    seen.push(JSON.stringify([plan, await sending.receipt, client.export(), client.kpis(), { ...client }]));
    for (const language of ["curl", "fetch", "openai-node", "openai-python"]) seen.push(promptfare.requestSnippet(plan.request, { baseUrl: BASE, language }));
  }
  assert.ok(sent.every(({ url, body, headers }) => !url.includes("canary") && !JSON.stringify(body).includes("canary") && headers.authorization === `Bearer ${KEY}`));
  assert.deepEqual(seen.filter((text) => text?.includes("canary")), []);
  for (const bad of [` ${KEY}\u{7f} `, ""]) {
    await assert.rejects(create({ apiKey: bad, allowKeyInPage: true }), (error) => !error.message.includes("canary"));
  }
  await assert.rejects(create({ profile: { name: KEY, headers: { "x y": KEY } } }), (error) => !error.message.includes("canary"));
});

// ------------------------------------------------------------------------------------ in a page

test("in a page: kept answers outlive it, and an abort reaches the server", { timeout: 60_000 }, async (t) => {
  const fake = await startFakeGateway();
  const ride = await startRide({ gateway: fake.url });
  t.after(async () => {
    await ride.stop();
    await fake.stop();
  });
  const session = await ride.open();
  const ask = (page) => page.evaluate(async () => {
    const { Client } = await import(new URL("promptfare/promptfare.js", document.baseURI).href);
    const client = await Client.create({ baseUrl: new URL("gateway/v1", document.baseURI).href, cache: { scope: "page" } });
    return client.send(client.plan("Hi", { temperature: 0, model: "gpt-4o" })).receipt;
  });
  assert.equal((await ask(session.page)).cached, undefined);
  await session.page.reload();
  await session.page.waitForSelector("html[data-ready]");
  const again = await ask(session.page);
  assert.deepEqual([again.cached, again.cost.usd], [true, "0"]);
  const latency = await session.page.evaluate(async () => {
    const { Client } = await import(new URL("promptfare/promptfare.js", document.baseURI).href);
    const client = await Client.create({ baseUrl: new URL("gateway/v1", document.baseURI).href });
    const controller = new AbortController();
    const answer = client.send(client.plan("Hi", { model: "endless" }), { signal: controller.signal });
    try {
      for await (const piece of answer) if (piece.text) { globalThis.at = Date.now(); controller.abort("enough"); }
    } catch (reason) {
      return { reason, at: globalThis.at };
    }
    return null;
  });
  assert.equal(latency.reason, "enough");
  await fake.seen.at(-1).closed;
  assert.ok(Date.now() - latency.at < 5000);
  await session.close();
});
