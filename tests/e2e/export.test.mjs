// A policy exported for LiteLLM is loaded into a real LiteLLM proxy, which then lists its models and
// answers as the policy says.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, test } from "node:test";
import { ensureLitellm, startLitellm } from "../../scripts/litellm.mjs";
import { root } from "../../scripts/setup.mjs";

const KEY = "sk-litellm-only-in-this-test";
const { command, missing } = ensureLitellm();
if (missing !== undefined) console.log(`\n!! left out: 1 test against a real LiteLLM proxy (${missing})\n`);

let folder;
before(() => (folder = mkdtempSync(path.join(tmpdir(), "promptfare-export-"))));
after(() => rmSync(folder, { recursive: true }));

test("an exported policy is a configuration that LiteLLM loads", { skip: missing, timeout: 300_000 }, async () => {
  const pkg = path.join(root, "pkg");
  const { default: init, exportPolicy } = await import(pathToFileURL(path.join(pkg, "promptfare.js")).href);
  await init(readFileSync(path.join(pkg, "promptfare_core_bg.wasm")));
  const candidates = ["claude-opus-4", "claude-sonnet-4", "gpt-5-mini"];
  const { config, notes } = exportPolicy({ candidates, dial: 0.25, maxCostUsd: "0.05" }, "litellm");
  assert.ok(notes.some((note) => note.includes("maxCostUsd")), notes.join("|"));
  // No provider is asked: each model answers with its own name.
  for (const { litellm_params: parameters } of config.model_list) {
    parameters.mock_response = `from ${parameters.model}`;
    parameters.api_key = "none";
  }
  config.general_settings = { master_key: "os.environ/LITELLM_MASTER_KEY" };
  const file = path.join(folder, "config.yaml");
  writeFileSync(file, JSON.stringify(config));
  const litellm = await startLitellm({ command, key: KEY, config: file });
  try {
    const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
    const { data } = await (await fetch(`${litellm.url}/models`, { headers })).json();
    assert.deepEqual(data.map(({ id }) => id).sort(), [...candidates, "promptfare"].sort());
    const from = async (model) => {
      const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] });
      const response = await fetch(`${litellm.url}/chat/completions`, { method: "POST", headers, body });
      assert.equal(response.status, 200, model);
      return (await response.json()).choices[0].message.content;
    };
    for (const model of candidates) assert.match(await from(model), new RegExp(`/${model}$`));
    const seen = new Map();
    for (let call = 0; call < 200; call += 1) {
      const text = await from("promptfare");
      seen.set(text, (seen.get(text) ?? 0) + 1);
    }
    // A quarter to the strongest, the rest to the cheapest: 200 draws, four standard deviations.
    assert.deepEqual([...seen.keys()].sort(), ["from anthropic/claude-opus-4", "from openai/gpt-5-mini"]);
    const strong = seen.get("from anthropic/claude-opus-4");
    assert.ok(Math.abs(strong - 50) <= 25, `${strong} of 200`);
  } finally {
    await litellm.stop();
  }
});
