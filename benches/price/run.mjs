// `npm run bench -- --price`: the time of "a gateway's name and a usage -> money", warm, beside npm's
// llm-pricing and @pydantic/genai-prices, all in turns in one process; and what each says of the names.
// Needs pkg/ (`npm run build`).
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const NAMES = [
  ["claude-opus-4", "anthropic"], ["claude-sonnet-4-20250514", "anthropic"], ["anthropic/claude-opus-4", "openrouter"],
  ["us.anthropic.claude-sonnet-4-20250514-v1:0", "aws"], ["claude-opus-4-6", "anthropic"], ["gpt-5", "openai"],
  ["openai/gpt-5-mini", "openrouter"], ["gpt-4o", "openai"], ["gpt-4.1-mini", "openai"], ["gemini-2.5-pro", "google"],
  ["gemini-2.5-flash", "google"], ["grok-4.3", "x-ai"], ["mistral-medium-3.5", "mistral"], ["deepseek/deepseek-v4-pro", "openrouter"],
];
const USAGE = { inputTokens: 120_000, outputTokens: 4_500, cacheReadTokens: 96_000, cacheWriteTokens: 8_000 };

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const row = (cells) => console.log(`| ${cells.join(" | ")} |`);

export async function priceTable() {
  const own = await import(pathToFileURL(path.join(root, "pkg/promptfare.js")).href);
  await own.default(readFileSync(path.join(root, "pkg/promptfare_core_bg.wasm")));
  const { configureDefaultCatalog, estimateCostUsd } = await import("llm-pricing");
  const { calcPrice } = await import("@pydantic/genai-prices");
  // What is bundled, no network: as this package does.
  configureDefaultCatalog({ sources: [] });
  const at = new Date();
  const peers = {
    promptfare: (name) => own.calculateCost(name, USAGE).usd,
    "llm-pricing": (name) => estimateCostUsd({ model: name, inputTokens: USAGE.inputTokens, cachedInputTokens: 0,
      cacheReadInputTokens: USAGE.cacheReadTokens, cacheCreationInputTokens: USAGE.cacheWriteTokens, outputTokens: USAGE.outputTokens }).cost,
    "genai-prices": (name, providerId) => calcPrice({ input_tokens: USAGE.inputTokens, output_tokens: USAGE.outputTokens,
      cache_read_tokens: USAGE.cacheReadTokens, cache_write_tokens: USAGE.cacheWriteTokens }, name, { providerId, timestamp: at })?.total_price ?? null,
  };
  row(["name", ...Object.keys(peers)]);
  row(["---", ...Object.keys(peers).map(() => "---")]);
  const shown = (price) => (price === null || price === undefined ? "not known" : String(price));
  for (const [name, provider] of NAMES) {
    row([name, ...Object.values(peers).map((price) => {
      try {
        return shown(price(name, provider));
      } catch (trouble) {
        return trouble.message.slice(0, 40);
      }
    })]);
  }
  const times = Object.fromEntries(Object.keys(peers).map((name) => [name, []]));
  const loops = 200;
  for (let round = 0; round < 40; round += 1) {
    for (const [who, price] of Object.entries(peers)) {
      const start = performance.now();
      for (let loop = 0; loop < loops; loop += 1) for (const [name, provider] of NAMES) price(name, provider);
      // The first rounds warm up.
      if (round >= 10) times[who].push(((performance.now() - start) * 1000) / (loops * NAMES.length));
    }
  }
  console.log("");
  row(["warm: a name and a usage to money", "median µs", "/ promptfare"]);
  row(["---", "---", "---"]);
  for (const [who, list] of Object.entries(times)) row([who, median(list).toFixed(2), (median(list) / median(times.promptfare)).toFixed(2)]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await priceTable();
