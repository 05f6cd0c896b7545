// Masked requests: what goes over the wire, what comes back, what the page says. The upstream holds
// every body against the values that must not be in it, and echoes what it was sent, cut everywhere.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { pathToFileURL } from "node:url";
import { build } from "../../scripts/build.mjs";
import { root } from "../../scripts/setup.mjs";
import { settled, startRide, type } from "./ride.mjs";

const KEY = "sk-proj-q7RkT2mZ9xLw4VbN8cYd3HfJ6gPs5KaE1uXo";
const MAIL = "bob.weber@mail.de";
const TEXT = `My key ${KEY} fails, write to ${MAIL} or ${MAIL}, not to eve@mail.de.`;
const MASKED = "My key [SECRET1] fails, write to [EMAIL1] or [EMAIL1], not to [EMAIL2].";
const MASK = { secrets: "mask", personal: "mask" };

let promptfare;
let bodies;
const own = globalThis.fetch;
before(async () => {
  await build();
  promptfare = await import(pathToFileURL(path.join(root, "pkg/promptfare.js")).href);
  await promptfare.default(readFileSync(path.join(root, "pkg/promptfare_core_bg.wasm")));
});
beforeEach(() => { bodies = []; });
after(() => { globalThis.fetch = own; });

const said = (message) => (typeof message.content === "string" ? message.content : message.content.map(({ text }) => text ?? "").join(""));

/** The answer: what the last message says, in chunks of `size` characters; by request also as
 * reasoning and as the arguments of a tool call. */
function chunks(body, size = 1) {
  const text = said(body.messages.at(-1));
  const argumentsText = JSON.stringify({ say: text, mail: "[EMAIL1]" });
  const cut = (whole) => Array.from({ length: Math.ceil(whole.length / size) }, (_, at) => whole.slice(at * size, (at + 1) * size));
  const deltas = [
    ...cut(text).map((reasoning) => ({ reasoning })),
    ...cut(text).map((content) => ({ content })),
    ...(body.tools === undefined ? [] : cut(argumentsText).map((part, at) => ({ tool_calls: [{ index: 0, ...(at === 0 ? { id: "call_1", type: "function" } : {}), function: { ...(at === 0 ? { name: "say" } : {}), arguments: part } }] }))),
  ];
  const line = (choice) => `data: ${JSON.stringify({ id: "c", model: body.model, choices: [choice] })}\n\n`;
  return [
    ...deltas.map((delta) => line({ index: 0, delta, finish_reason: null })),
    line({ index: 0, delta: {}, finish_reason: body.tools === undefined ? "stop" : "tool_calls" }),
    `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 40, completion_tokens: 30 } })}\n\n`,
    "data: [DONE]\n\n",
  ];
}

function check(text) {
  for (const value of [KEY, MAIL, "eve@mail.de", "hunter2"]) assert.ok(!text.includes(value), `${value} went over the wire`);
}

/** Answers every fetch from here. `open`: values may be sent. */
function gateway({ size = 1, open = false } = {}) {
  globalThis.fetch = async (request) => {
    const text = await request.text();
    if (!open) check(text);
    const body = JSON.parse(text);
    bodies.push(body);
    return new Response(chunks(body, size).join(""), { headers: { "content-type": "text/event-stream" } });
  };
}

const create = (options = {}) => promptfare.Client.create({ baseUrl: "https://gateway.example/v1", models: ["gpt-5"], retryBudgetMs: 0, ...options });

async function pieces(answer) {
  const all = { text: "", reasoning: "", arguments: "" };
  for await (const piece of answer) {
    all.text += piece.text ?? "";
    all.reasoning += piece.reasoning ?? "";
    for (const call of piece.toolCalls ?? []) all.arguments += call.arguments ?? "";
  }
  return all;
}

for (const size of [1, 2, 3, 5, 7, 11, 1000]) {
  test(`a masked prompt is answered with its values, chunks of ${size}`, async () => {
    gateway({ size });
    const client = await create({ privacy: MASK });
    const tools = [{ type: "function", function: { name: "say", parameters: { type: "object", properties: {} } } }];
    const plan = client.plan(TEXT, { tools });
    assert.equal(said(plan.request.messages[0]), MASKED);
    check(JSON.stringify(plan));
    const answer = client.send(plan);
    const all = await pieces(answer);
    const receipt = await answer.receipt;
    const call = JSON.stringify({ say: TEXT, mail: MAIL });
    assert.deepEqual(all, { text: TEXT, reasoning: TEXT, arguments: call });
    assert.equal(receipt.text, TEXT);
    assert.equal(receipt.reasoning, TEXT);
    assert.equal(receipt.toolCalls[0].function.arguments, call);
    assert.deepEqual(receipt.privacy, { masked: 3, restored: true, note: null });
    assert.equal(bodies.length, 1);
    check(JSON.stringify(client.export()));
  });
}

test("what is counted and priced is what is sent", async () => {
  const client = await create();
  const masked = client.plan(TEXT, { privacy: MASK });
  const plain = client.plan(MASKED);
  assert.equal(masked.tokens.tokens, plain.tokens.tokens);
  assert.equal(masked.cost.input.expected, plain.cost.input.expected);
  assert.ok(masked.tokens.tokens < client.plan(TEXT).tokens.tokens);
});

test("by default a secret is told and nothing is changed", async () => {
  const client = await create();
  const plan = client.plan(TEXT);
  assert.equal(said(plan.request.messages[0]), TEXT);
  assert.deepEqual(plan.privacy.counts, { openai: 1 });
  const [found] = plan.privacy.found;
  assert.deepEqual({ kind: found.kind, secret: found.secret, sure: found.sure, count: found.count, masked: found.masked, placeholder: found.placeholder },
    { kind: "openai", secret: true, sure: true, count: 1, masked: false, placeholder: null });
  const [{ start, end }] = found.places;
  assert.equal(TEXT.slice(start, end), KEY);
  assert.ok(!JSON.stringify([plan.privacy, plan.notes]).includes(KEY));
  assert.match(plan.notes.join(), /privacy: 1 found that will be sent as it stands: openai/);
  assert.equal(client.plan("Hi").privacy.found.length, 0);
  assert.equal(client.plan(TEXT, { privacy: { secrets: "off" } }).privacy, null);
});

test("places are UTF-16 units, whatever stands before", async () => {
  const client = await create();
  const text = `Grüße 👋🏽 ${TEXT}`;
  const { start, end } = client.plan(text).privacy.found[0].places[0];
  assert.equal(text.slice(start, end), KEY);
});

test("refusing names the kind and not the value", async () => {
  const client = await create({ privacy: { secrets: "refuse", personal: "refuse", allow: ["eve@mail.de"] } });
  for (const make of [() => client.plan(TEXT), () => client.planWorkflow(TEXT, { kind: "tiered" })]) {
    assert.throws(make, (error) => {
      assert.equal(error.kind, "policy");
      assert.match(error.message, /openai, email/);
      check(error.message);
      return true;
    });
  }
  assert.equal(client.plan("write to eve@mail.de").privacy.found.length, 0);
  assert.throws(() => client.plan("Hi", { privacy: { secrets: "hide" } }), { kind: "invalid_input" });
  await assert.rejects(create({ privacy: { secret: "mask" } }), { kind: "invalid_input" });
});

test("a plan of another client is answered with placeholders, and the receipt says so", async () => {
  gateway();
  const plan = JSON.parse(JSON.stringify((await create({ privacy: MASK })).plan(TEXT)));
  const other = await create();
  const receipt = await other.send(plan).receipt;
  assert.equal(receipt.text, MASKED);
  assert.equal(receipt.privacy.restored, false);
  assert.match(receipt.privacy.note, /only the client that made the plan/);
});

test("kept answers hold placeholders, and each prompt gets its own values back", async () => {
  gateway();
  const client = await create({ privacy: MASK, cache: { allowSampling: true } });
  const first = await client.send(client.plan(`Write to ${MAIL}`)).receipt;
  const answer = client.send(client.plan("Write to eve@mail.de"));
  const all = await pieces(answer);
  const second = await answer.receipt;
  assert.equal(first.text, `Write to ${MAIL}`);
  assert.equal(second.cached, true);
  assert.equal(second.text, "Write to eve@mail.de");
  assert.equal(all.text, "Write to eve@mail.de");
  assert.equal(bodies.length, 1);
});

test("a workflow's stages are masked each, and its answer is restored", async () => {
  gateway();
  const client = await create({ privacy: MASK, models: ["gpt-5", "gpt-4o-mini"] });
  const run = promptfare.runWorkflow(client, client.planWorkflow(TEXT, { kind: "tiered" }));
  let text = "";
  for await (const event of run) if (event.type === "piece") text += event.text ?? "";
  const receipt = await run.receipt;
  assert.ok(bodies.length > 0);
  assert.ok(text.includes(KEY) && text.includes(MAIL), text);
  assert.ok(receipt.text.includes(MAIL), receipt.text);
});

test("one megabyte is looked through in little time", async () => {
  const client = await create({ models: ["gpt-4.1"] });
  const prose = readFileSync(path.join(root, "docs/tokens.md"), "utf8");
  const text = prose.repeat(Math.ceil(1e6 / prose.length)).slice(0, 1e6);
  const request = { messages: [{ role: "user", content: text }] };
  // A request takes no tier: that is said after the look and before the count, which takes longer.
  const time = (privacy) => {
    const times = Array.from({ length: 20 }, () => {
      const began = performance.now();
      assert.throws(() => client.plan(request, { privacy, tier: "deep" }), /tier/);
      return performance.now() - began;
    });
    return Math.min(...times);
  };
  const off = time({ secrets: "off" });
  const secrets = time({ secrets: "warn" }) - off;
  const all = time({ secrets: "warn", personal: "warn" }) - off;
  console.log(`1 MB: secrets ${secrets.toFixed(1)} ms, all ${all.toFixed(1)} ms, beside ${off.toFixed(1)} ms to read it`);
  assert.ok(secrets < 100 && all < 500, `${secrets} ms, ${all} ms`);
});

test("the page tells, asks before a secret leaves, and masks when it is told to", async (t) => {
  const seen = [];
  const server = http.createServer(async (request, response) => {
    let text = "";
    for await (const piece of request) text += piece;
    if (!request.url.endsWith("/chat/completions")) {
      response.writeHead(200, { "content-type": "application/json" }).end('{"object":"list","data":[]}');
      return;
    }
    seen.push(text);
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const chunk of chunks(JSON.parse(text), text.length > 50_000 ? 500 : 1)) response.write(chunk);
    response.end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const ride = await startRide({ gateway: `http://127.0.0.1:${server.address().port}/v1` });
  t.after(async () => {
    await ride.stop();
    server.closeAllConnections();
    server.close();
  });
  const session = await ride.open();
  const { page } = session;
  await type(page, TEXT);
  assert.match(await page.textContent("#privacy"), /Found here: 1 key, token or password, 2 mail addresses/);
  await page.click("#send");
  await page.waitForSelector("#privacy [role=alert]:not([hidden])");
  assert.equal(seen.length, 0, "it was sent without a word");
  await page.click("#privacy >> text=Don’t send");
  await page.click("#send");
  await page.click("#privacy >> text=Mask and send");
  await page.waitForSelector("#receipt:not([hidden])");
  assert.equal(seen.length, 1);
  check(seen[0]);
  assert.equal(await page.textContent("#answer"), TEXT);
  assert.ok(await page.isChecked("#privacy-mask"));
  // Sent as it is only where that was chosen, and asked again for another text.
  await page.uncheck("#privacy-mask");
  await type(page, `${TEXT} again`);
  await page.click("#send");
  await page.click("#privacy >> text=Send it as it is");
  await page.waitForFunction(() => document.querySelector("#answer").textContent.endsWith("again"));
  assert.ok(seen[1].includes(KEY));
  await type(page, `${TEXT} once more`);
  await page.click("#send");
  await page.waitForSelector("#privacy [role=alert]:not([hidden])");
  assert.equal(seen.length, 2);
  await page.click("#privacy >> text=Don’t send");
  // A workflow asks too.
  await page.click("#workflow summary");
  await page.click("#workflow-run");
  await page.waitForSelector("#privacy [role=alert]:not([hidden])");
  assert.equal(seen.length, 2, "a stage was sent without a word");
  await page.click("#privacy >> text=Don’t send");
  // A long prompt is planned beside the page; masked, it is planned again where its values are known.
  await page.check("#privacy-mask");
  await page.fill("#prompt", `${"Some words of a long letter. ".repeat(4000)}${TEXT}`);
  await settled(page);
  await page.click("#send");
  await page.waitForFunction(() => document.querySelector("#answer").textContent.startsWith("Some words"), undefined, { timeout: 60_000 });
  await page.waitForFunction((mail) => document.querySelector("#answer").textContent.includes(mail), MAIL, { timeout: 60_000 });
  assert.equal(seen.length, 3);
  check(seen[2]);
  await session.close();
});
