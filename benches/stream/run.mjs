// `node benches/stream/run.mjs [--node|--browser]`: what one chunk of a stream costs its reader,
// beside openai-node. Ratios of one run on one machine.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build as bundle } from "vite";
import { build } from "../../scripts/build.mjs";
import { root } from "../../scripts/setup.mjs";
import { launch } from "../../tests/browser.mjs";
import { serveFolder } from "../../tests/package/project.mjs";
import { costs, readers } from "./measure.mjs";

const CASES = [["one chunk per read", 5000, false], ["16 kB per read", 20_000, true]];
const ROUNDS = 15;
const pkg = path.join(root, "pkg");
const row = (cells) => console.log(`| ${cells.join(" | ")} |`);

function head(where) {
  console.log(`\n### ${where}\n`);
  row(["reads", "reader", "microseconds per chunk", "per request", "to the first piece", "chunk / openai-node"]);
  row(Array(6).fill("---"));
}

function show(name, found) {
  for (const [reader, { chunk, request, first }] of Object.entries(found)) {
    row([name, reader, chunk.toFixed(2), request.toFixed(0), first.toFixed(0), (chunk / found["openai-node"].chunk).toFixed(2)]);
  }
}

async function node() {
  const promptfare = await import(pathToFileURL(path.join(pkg, "promptfare.js")).href);
  await promptfare.default(readFileSync(path.join(pkg, "promptfare_core_bg.wasm")));
  const { default: OpenAI } = await import("openai");
  const all = await readers(promptfare, OpenAI);
  head(`Node ${process.version}`);
  for (const [name, count, together] of CASES) show(name, await costs(all, count, together, ROUNDS));
}

async function browser() {
  const folder = mkdtempSync(path.join(tmpdir(), "promptfare-bench-"));
  let chromium;
  let server;
  try {
    cpSync(pkg, path.join(folder, "public/pkg"), { recursive: true });
    cpSync(path.join(root, "benches/stream/measure.mjs"), path.join(folder, "measure.mjs"));
    writeFileSync(path.join(folder, "main.js"), `
import OpenAI from "${root}/node_modules/openai/index.mjs";
import { costs, readers } from "./measure.mjs";
const promptfare = await import(/* @vite-ignore */ new URL("/pkg/promptfare.js", location.href).href);
await promptfare.default();
const all = await readers(promptfare, OpenAI);
globalThis.measure = (...given) => costs(all, ...given);
`);
    writeFileSync(path.join(folder, "index.html"), '<!doctype html><title>bench</title><script type="module" src="/main.js"></script>');
    await bundle({ root: folder, logLevel: "error", build: { target: "esnext", chunkSizeWarningLimit: 10_000 } });
    server = await serveFolder(path.join(folder, "dist"));
    chromium = await launch();
    const page = await chromium.newPage();
    page.on("pageerror", (error) => console.error(error.message));
    await page.goto(`${server.address}/`);
    await page.waitForFunction(() => globalThis.measure !== undefined, null, { timeout: 60_000 });
    head(`Chromium ${chromium.version()}`);
    for (const [name, count, together] of CASES) {
      show(name, await page.evaluate((given) => globalThis.measure(...given), [count, together, ROUNDS]));
    }
  } finally {
    await chromium?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const wanted = (name) => process.argv.length < 3 || process.argv.includes(`--${name}`);
await build();
if (wanted("node")) await node();
if (wanted("browser")) await browser();
