// The page against aimock, with answers written here: what the wire says must stand on the page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LLMock } from "@copilotkit/aimock";
import { exactly, send, settled, startRide, type } from "./ride.mjs";

const MARKUP = `Before <img src=x onerror="document.title='run'"> after & <b>bold</b>.`;
const SCRIPTS = "naïve café, 日本語のテキスト, العربية, e\u0301, and a tree 🌳 beside a family 👩‍👩‍👧‍👦.";

let mock;
let ride;

before(async () => {
  mock = new LLMock({ host: "127.0.0.1", port: 0, logLevel: "silent", chunkSize: 6 });
  const pace = { streamingProfile: { ttft: 50, tps: 200 } };
  mock.onMessage("markup", { content: MARKUP, usage: { prompt_tokens: 11, completion_tokens: 22 } }, pace);
  mock.onMessage("scripts", { content: SCRIPTS, usage: { prompt_tokens: 7, completion_tokens: 80 } }, pace);
  mock.onMessage("thinking", { content: "Forty-two.", reasoning: "Let me see: six times seven.", usage: { prompt_tokens: 5, completion_tokens: 30, completion_tokens_details: { reasoning_tokens: 24 } } }, pace);
  mock.onMessage("another name", { content: "Done.", model: "claude-sonnet-4-20250514", usage: { prompt_tokens: 5, completion_tokens: 2 } }, pace);
  mock.onMessage("server trouble", { error: { message: "the backend is gone", type: "server_error" }, status: 500 });
  await mock.start();
  ride = await startRide({ gateway: `http://127.0.0.1:${mock.port}/v1` });
});
after(async () => {
  await ride?.stop();
  await mock?.stop();
});

async function asked(page, text) {
  await type(page, text);
  const shown = await send(page);
  return { shown, request: mock.getLastRequest().body };
}

test("the request is the one that was planned, and the bill is the gateway's", async () => {
  const { page, close } = await ride.open();
  const { shown, request } = await asked(page, "markup");
  assert.equal(request.model, await page.textContent("#route .pick"));
  assert.equal(request.stream, true);
  assert.deepEqual(request.stream_options, { include_usage: true });
  assert.equal(request.messages.at(-1).role, "user");
  assert.equal(JSON.stringify(request.messages.at(-1).content).includes("markup"), true);
  assert.equal(shown.answer, MARKUP);
  assert.equal(await page.locator("#answer *").count(), 0);
  assert.notEqual(await page.title(), "run");
  assert.equal(shown.lines.Input.value, "11 tokens");
  assert.equal(shown.lines.Output.value, "22 tokens");
  const rates = { "claude-opus-4": [15n, 75n], "claude-sonnet-4": [3n, 15n] }[request.model];
  assert.equal(exactly(shown.lines.Cost.value), (11n * rates[0] + 22n * rates[1]) * 1_000_000n);
  await close();
});

test("every script arrives whole, however the pieces are cut", async () => {
  const { page, close } = await ride.open();
  assert.equal((await asked(page, "scripts")).shown.answer, SCRIPTS);
  await close();
});

test("reasoning is folded away and counted", async () => {
  const { page, close } = await ride.open();
  const { shown } = await asked(page, "thinking");
  assert.equal(shown.answer, "Forty-two.");
  assert.equal(await page.textContent("#reasoning-text"), "Let me see: six times seven.");
  assert.match(shown.lines.Output.value, /^30 tokens$/);
  await close();
});

test("a model that answers in another's place is named", async () => {
  const { page, close } = await ride.open();
  const { shown } = await asked(page, "another name");
  assert.match(shown.lines.Model.more, /claude-sonnet-4-20250514/);
  await close();
});

test("a server's trouble is tried again, and the attempts are shown", async () => {
  const { page, close } = await ride.open();
  const before = mock.getRequests().length;
  const { shown } = await asked(page, "server trouble");
  assert.equal(shown.ending, "errored");
  assert.match(shown.error, /the backend is gone/);
  const attempts = mock.getRequests().length - before;
  assert.ok(attempts >= 2, `${attempts} attempts`);
  assert.equal(shown.lines.Attempts.value, String(attempts));
  assert.match(shown.lines.Attempts.more, /the backend is gone/);
  await settled(page);
  await close([/Failed to load resource.*500/]);
});
