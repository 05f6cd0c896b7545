// The page against a real LiteLLM proxy, through the same-origin proxy that keeps the key: what
// LiteLLM received is written down, and the receipt must say what LiteLLM's own usage says.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ensureLitellm, startLitellm } from "../../scripts/litellm.mjs";
import { exactly, picture, receipt, send, settled, startRide, type } from "./ride.mjs";
import { readStream, startTap } from "./tap.mjs";

const KEY = "sk-litellm-only-in-this-test";
const MODELS = ["claude-opus-4", "claude-sonnet-4", "gpt-4o-mini"];
/** USD per million tokens, input and output. */
const RATES = { "claude-opus-4": ["15", "75"], "claude-sonnet-4": ["3", "15"], "gpt-4o-mini": ["0.15", "0.6"] };

const { command, missing } = ensureLitellm();
const TESTS = 4;
if (missing !== undefined) console.log(`\n!! left out: ${TESTS} tests against a real LiteLLM proxy (${missing})\n`);
const options = { skip: missing, timeout: 300_000 };

let litellm;
let tap;
let ride;

before(async () => {
  if (missing !== undefined) return;
  litellm = await startLitellm({ command, key: KEY });
  tap = await startTap(litellm.url);
  ride = await startRide({ gateway: tap.url, key: KEY });
});
after(async () => {
  await ride?.stop();
  await tap?.stop();
  await litellm?.stop();
});

/** Ticks one model alone, adding it where it isn't shown. */
async function only(page, model) {
  if (await page.locator(`.fare[data-model="${model}"]`).count() === 0) {
    await page.fill("#model-name", model);
    await page.click("#add-model button[type=submit]");
  }
  for (const box of await page.locator(".fare").all()) {
    const wanted = (await box.getAttribute("data-model")) === model;
    await box.locator("input").setChecked(wanted);
  }
  await settled(page);
}

test("what LiteLLM received is the plan's request, and the receipt is LiteLLM's usage", options, async () => {
  const { page, close } = await ride.open();
  for (const model of MODELS) {
    await only(page, model);
    await type(page, "Explain monads with one picture.");
    const shown = await send(page);
    const exchange = tap.exchanges.at(-1);
    const { text, usage } = readStream(exchange);
    console.log(`LiteLLM received: ${exchange.method} ${exchange.path}; headers ${Object.keys(exchange.headers).sort().join(", ")}; body ${JSON.stringify(exchange.body)}`);
    console.log(`LiteLLM's usage: ${JSON.stringify(usage)}; the receipt: ${shown.lines.Input.value}, ${shown.lines.Output.value}, ${shown.lines.Cost.value} (${shown.lines.Cost.more})`);

    assert.equal(exchange.method, "POST");
    assert.equal(exchange.path, "/v1/chat/completions");
    assert.equal(exchange.status, 200);
    assert.equal(exchange.headers.authorization, "Bearer");
    assert.match(exchange.headers["content-type"], /^application\/json/);
    for (const name of ["cookie", "origin", "referer"]) assert.equal(exchange.headers[name], undefined, name);
    assert.deepEqual(Object.keys(exchange.body).sort(), ["messages", "model", "stream", "stream_options"]);
    assert.equal(exchange.body.model, model);
    assert.deepEqual(exchange.body.messages, [{ role: "user", content: "Explain monads with one picture." }]);
    assert.equal(exchange.body.stream, true);
    assert.deepEqual(exchange.body.stream_options, { include_usage: true });

    assert.equal(shown.ending, "completed");
    assert.equal(shown.answer, text);
    assert.ok(usage.prompt_tokens > 0 && usage.completion_tokens > 0);
    assert.equal(shown.lines.Input.value, `${usage.prompt_tokens} tokens`);
    assert.equal(shown.lines.Output.value, `${usage.completion_tokens} tokens`);
    assert.match(shown.lines.Input.more, /as the gateway counted/);
    // LiteLLM's own cost where it sends one, else our price of its usage: the same to the digit.
    const [input, output] = RATES[model].map((rate) => exactly(rate) / 1_000_000n);
    assert.equal(exactly(shown.lines.Cost.value), BigInt(usage.prompt_tokens) * input + BigInt(usage.completion_tokens) * output);
  }
  await picture(page, "litellm");
  await close();
});

test("a wrong key on the server's side is LiteLLM's refusal, in words, without the key", options, async () => {
  const wrong = await startRide({ gateway: tap.url, key: "sk-wrong-key-9876543210" });
  const { page, close } = await wrong.open();
  await type(page, "Hello");
  const shown = await send(page);
  assert.equal(shown.ending, "errored");
  assert.ok(!(await page.content()).includes("sk-wrong-key-9876543210"));
  // Without a database LiteLLM answers a wrong key with 400 "No connected db."; its words are shown.
  const { error } = JSON.parse(tap.exchanges.at(-1).text);
  assert.ok(shown.error.includes(error.message), `${shown.error} / ${error.message}`);
  assert.equal(shown.lines.Attempts.value, "1", "a refusal is never tried again");
  await close([/Failed to load resource.*40[013]/]);
  await wrong.stop();
});

test("a model that LiteLLM doesn't have is its refusal, in words", options, async () => {
  const { page, close } = await ride.open();
  await only(page, "gpt-5");
  await type(page, "Hello");
  const shown = await send(page);
  assert.equal(shown.ending, "errored");
  assert.match(shown.error, /gpt-5/);
  await close([/Failed to load resource.*40[04]/]);
});

test("stopped while LiteLLM is still busy, and ready for the next", options, async () => {
  const { page, close } = await ride.open();
  // This one answers after five seconds.
  await only(page, "gpt-5-mini");
  await type(page, "Explain monads with one picture.");
  await page.click("#send");
  await page.waitForTimeout(500);
  await page.click("#stop");
  const shown = await receipt(page, 3000);
  assert.equal(shown.ending, "aborted");
  assert.equal(tap.exchanges.at(-1).status, null);
  await only(page, "claude-sonnet-4");
  await type(page, "Once more.");
  assert.equal((await send(page)).ending, "completed");
  await close();
});
