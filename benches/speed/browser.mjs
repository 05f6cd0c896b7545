// The same measurements in headless Chromium: the page's own engine, without a bundler for
// promptfare, with Vite for the peers.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "vite";
import { root } from "../../scripts/setup.mjs";
import { launch } from "../../tests/browser.mjs";
import { serveFolder } from "../../tests/package/project.mjs";
import { names, text } from "./texts.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "promptfare-bench-"));
cpSync(path.join(root, "pkg"), path.join(folder, "public/pkg"), { recursive: true });
cpSync(path.join(root, "benches/speed/measure.mjs"), path.join(folder, "measure.mjs"));
cpSync(path.join(root, "node_modules/tiktoken/lite/tiktoken_bg.wasm"), path.join(folder, "public/tiktoken_bg.wasm"));
const modules = path.join(root, "node_modules");
writeFileSync(path.join(folder, "main.js"), `
import { countTokens } from "${modules}/gpt-tokenizer/esm/encoding/o200k_base.js";
import { init as start, Tiktoken } from "${modules}/tiktoken/lite/init.js";
import ranks from "${modules}/tiktoken/encoders/o200k_base.json";
import { keystrokes, speeds } from "./measure.mjs";
const promptfare = await import(/* @vite-ignore */ new URL("/pkg/promptfare.js", location.href).href);
await promptfare.default();
for (const name of ["o200k_base", "claude-3", "claude-4.7"]) await promptfare.loadVocabulary(name);
await start(async (imports) => WebAssembly.instantiate(await (await fetch("/tiktoken_bg.wasm")).arrayBuffer(), imports));
const tiktoken = new Tiktoken(ranks.bpe_ranks, ranks.special_tokens, ranks.pat_str);
const options = { allowedSpecial: new Set(), disallowedSpecial: new Set() };
const counters = {
  promptfare: (value) => promptfare.countTokens(value, "gpt-4o").tokens,
  "claude-3": (value) => promptfare.countTokens(value, "claude-opus-4").tokens,
  "claude-4.7": (value) => promptfare.countTokens(value, "claude-opus-4-7").tokens,
  "gpt-tokenizer": (value) => countTokens(value, options),
  "tiktoken (npm)": (value) => tiktoken.encode_ordinary(value).length,
};
globalThis.measure = (texts) => speeds(counters, texts);
globalThis.live = (value) => ["gpt-4o", "claude-opus-4", "claude-opus-4-7"].map((model) => keystrokes(promptfare.LiveCounter, model, value).p95);
globalThis.ready = true;
`);
writeFileSync(path.join(folder, "index.html"), '<!doctype html><title>bench</title><script type="module" src="/main.js"></script>');
const number = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));
const row = (cells) => console.log(`| ${cells.join(" | ")} |`);
let browser;
let server;
try {
  await build({ root: folder, logLevel: "error", build: { target: "esnext", chunkSizeWarningLimit: 10_000 } });
  server = await serveFolder(path.join(folder, "dist"));
  browser = await launch();
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(error.message));
  await page.goto(`${server.address}/`);
  await page.waitForFunction(() => globalThis.ready === true, null, { timeout: 120_000 });
  console.log("\n### Chromium: MB/s, fresh/repeated\n");
  let head = false;
  for (const kind of names) {
    for (const bytes of [200, 10_000, 1_000_000]) {
      const texts = Array.from({ length: bytes > 100_000 ? 5 : bytes > 1000 ? 60 : 400 }, (_, index) => text(kind, bytes, 2000 + index));
      const found = await page.evaluate((value) => globalThis.measure(value), texts);
      if (!head) {
        row(["text", "bytes", ...Object.keys(found), "o200k / best peer", "claude-3 / best peer"]);
        row(Array(Object.keys(found).length + 4).fill("---"));
        head = true;
      }
      const best = (which) => Math.max(found["gpt-tokenizer"][which], found["tiktoken (npm)"][which]);
      const ratio = (name) => `${number(found[name].fresh / best("fresh"))}/${number(found[name].repeat / best("repeat"))}`;
      row([kind, bytes, ...Object.values(found).map((own) => `${number(own.fresh)}/${number(own.repeat)}`), ratio("promptfare"), ratio("claude-3")]);
    }
  }
  console.log("\n### Chromium: live\n");
  row(["typed character at", "o200k p95, ms", "claude-3 p95, ms", "claude-4.7 p95, ms"]);
  row(Array(4).fill("---"));
  for (const bytes of [50_000, 500_000, 4_000_000]) {
    const times = await page.evaluate((value) => globalThis.live(value), text("English", bytes, 3));
    row([bytes, ...times.map((time) => time.toFixed(3))]);
  }
} finally {
  await browser?.close();
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
}
