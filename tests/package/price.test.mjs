// The short way of calculateCost (src/wasm/price.js) beside the long one.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { root } from "../../scripts/setup.mjs";

const pkg = path.join(root, "pkg");
const load = (name) => import(pathToFileURL(path.join(pkg, name)).href);

test("the short way prices as the long one", async () => {
  const { default: init, calculateCost, loadCatalog } = await load("promptfare.js");
  const core = await load("promptfare_core.js");
  await init(readFileSync(path.join(pkg, "promptfare_core_bg.wasm")));
  const names = ["claude-opus-4", "anthropic/claude-sonnet-4", "us.anthropic.claude-sonnet-4-20250514-v1:0", "gpt-5", "gpt-4o",
    "gemini-2.5-pro", "deepseek/deepseek-v4-pro", "mistral-medium-3.5", "grok-4.3", "no-such-model"];
  const usages = [
    { inputTokens: 0, outputTokens: 0 },
    { inputTokens: 1, outputTokens: 1 },
    { inputTokens: 120_000, outputTokens: 4_500, cacheReadTokens: 96_000, cacheWriteTokens: 8_000, cacheWrite1hTokens: 1_000, reasoningTokens: 400 },
    { inputTokens: 300_000, outputTokens: 10, cacheReadTokens: null, requests: 3 },
    { inputTokens: 500, outputTokens: 70, inputAudioTokens: 100, outputImageTokens: 20 },
    { inputTokens: 500, outputTokens: 70, webSearches: 2 },
    { inputTokens: 9_007_199_254_740_991, outputTokens: 2 },
    { inputTokens: 10, outputTokens: 5, cacheReadTokens: 11 },
    { inputTokens: 10, outputTokens: 5, reasoningTokens: 6 },
    { inputTokens: -1, outputTokens: 5 },
    { inputTokens: 1.5, outputTokens: 5 },
    { inputTokens: "7", outputTokens: 5 },
    { outputTokens: 5 },
    {},
    null,
    undefined,
  ];
  const outcome = (price, name, usage) => {
    try {
      return price(name, usage);
    } catch (error) {
      return { kind: error.kind, message: error.message };
    }
  };
  const compare = () => {
    let priced = 0;
    for (const name of names) {
      for (const usage of usages) {
        const found = outcome(calculateCost, name, usage);
        assert.deepEqual(found, outcome(core.calculateCost, name, usage), `${name} ${JSON.stringify(usage)}`);
        priced += found.usd === undefined ? 0 : 1;
      }
    }
    return priced;
  };
  assert.ok(compare() > 40);
  assert.ok(compare() > 40, "the second time prices are known");
  // A newer catalogue ends what was known.
  const before = calculateCost("gpt-5", { inputTokens: 1_000_000, outputTokens: 0 }).usd;
  const newer = JSON.parse(readFileSync(path.join(pkg, "catalog.json"), "utf8"));
  const today = new Date().toISOString().slice(0, 10);
  const model = newer.models.find((one) => one.id === "gpt-5");
  model.prices = [{ checked: today, source: "a test", rates: { input_mtok: "77", output_mtok: "88" } }];
  await loadCatalog(newer);
  assert.notEqual(before, "77");
  assert.equal(calculateCost("gpt-5", { inputTokens: 1_000_000, outputTokens: 0 }).usd, "77");
  assert.ok(compare() > 40);
});
