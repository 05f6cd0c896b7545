// Feedback moves the router where the user consents, and only there; proposals change nothing by
// themselves. The network is a fetch that answers from here.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { build } from "../../scripts/build.mjs";
import { root } from "../../scripts/setup.mjs";

const own = globalThis.fetch;
const ASK = "Write a function in Python that merges two sorted lists.";
const MODELS = ["claude-haiku-5-5", "claude-opus-5-5"];

let promptfare;
let workshop;
before(async () => {
  await build();
  const load = async (name, wasm) => {
    const module = await import(pathToFileURL(path.join(root, "pkg", name)).href);
    await module.default(readFileSync(path.join(root, "pkg", wasm)));
    return module;
  };
  promptfare = await load("promptfare.js", "promptfare_core_bg.wasm");
  workshop = await load("workshop.js", "promptfare_workshop_bg.wasm");
  const body = 'data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}\n\ndata: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3}}\n\ndata: [DONE]\n\n';
  globalThis.fetch = async () => new Response(body, { headers: { "content-type": "text/event-stream" } });
});
after(() => { globalThis.fetch = own; });

/** A client whose answers of the weak model were called bad, thirty times. */
async function disappointed(options) {
  const client = await promptfare.Client.create({ baseUrl: "https://gateway.example/v1", models: MODELS, ...options });
  for (let time = 0; time < 30; time += 1) {
    const plan = client.plan(ASK, { policy: { override: MODELS[0], candidates: MODELS } });
    const { id } = await client.send(plan).receipt;
    await client.feedback(id, { thumb: "down" });
  }
  return client;
}

const told = (route) => route.reasons.find(({ code }) => code === "feedback");

test("with consent, feedback raises the need of its kind of task, says so, and can be left out", async () => {
  const before = (await promptfare.Client.create({ baseUrl: "https://gateway.example/v1", models: MODELS })).plan(ASK).route;
  const client = await disappointed({ learn: true });
  const after = client.plan(ASK).route;
  assert.equal(told(before), undefined);
  assert.match(told(after).text, /your feedback on 30 answers/);
  assert.ok(after.need > before.need, `${after.need} > ${before.need}`);
  const shift = after.score.contributions.find(([name]) => name === "feedback")[1];
  assert.ok(shift > 0 && shift <= 1.5);
  assert.equal(client.plan("Write a poem about snow.").route.reasons.some(({ code }) => code === "feedback"), false, "another kind");
  assert.equal(promptfare.replayRoute(after.receipt, promptfare.buildRequest(ASK, { stream: true })).same, true);
  client.free();
});

test("without consent, the same feedback moves nothing; it is proposed, and accepted by name", async () => {
  const client = await disappointed({});
  assert.equal(told(client.plan(ASK).route), undefined);
  const records = await client.receipts();
  const policy = { candidates: MODELS };
  const { proposals, policy: same } = workshop.proposePolicy(records, policy);
  assert.deepEqual(same, policy);
  assert.deepEqual(proposals.map(({ id }) => id), ["calibration/code_writing"]);
  const accepted = workshop.proposePolicy(records, policy, { accept: [proposals[0].id] }).policy;
  assert.equal(accepted.calibration.code_writing.outcomes, 30);
  assert.match(told(client.plan(ASK, { policy: accepted }).route).text, /30 answers/);
  assert.throws(() => workshop.proposePolicy(records, policy, { accept: ["dial"] }), (error) => error.kind === "invalid_input" && /"dial"/.test(error.message));
  client.free();
});
