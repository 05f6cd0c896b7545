// `npm run bench`: prints the tables of docs/speed.md. Ratios of one run on one machine; the figures
// in MB/s are of no use beside those of another machine. `--node`, `--hostile`, `--first`, `--browser` or
// `--price` runs one part.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "../../scripts/build.mjs";
import { cache, ensureTools, root, run } from "../../scripts/setup.mjs";
import { priceTable } from "../price/run.mjs";
import { keystrokes, speeds } from "./measure.mjs";
import { hostile, names, text } from "./texts.mjs";

const pkg = path.join(root, "pkg");
const sizes = [200, 10_000, 1_000_000];
const peers = ["gpt-tokenizer", "tiktoken (npm)", "tiktoken (crate)"];

/** The crate `tiktoken` as wasm; built once into the cache. */
function peer(wasmBindgen) {
  const folder = path.join(cache, "peer-tiktoken-4.1.2");
  if (!existsSync(path.join(folder, "peer_tiktoken_bg.wasm"))) {
    console.error("bench: building the crate tiktoken to WebAssembly, once");
    mkdirSync(folder, { recursive: true });
    const crate = path.join(root, "benches/peer");
    const target = path.join(cache, "peer-target");
    run("cargo", ["build", "--release", "--target", "wasm32-unknown-unknown"], {
      cwd: crate,
      env: { ...process.env, CARGO_TARGET_DIR: target },
      stdio: ["ignore", "ignore", "inherit"],
    });
    run(path.join(wasmBindgen, "wasm-bindgen"), [path.join(target, "wasm32-unknown-unknown/release/peer_tiktoken.wasm"),
      "--target", "web", "--no-typescript", "--out-dir", folder]);
    writeFileSync(path.join(folder, "package.json"), '{"type":"module"}');
  }
  return folder;
}

async function counters(folder) {
  const promptfare = await import(pathToFileURL(path.join(pkg, "promptfare.js")).href);
  await promptfare.default(readFileSync(path.join(pkg, "promptfare_core_bg.wasm")));
  for (const name of ["o200k_base", "claude-3", "claude-4.7"]) {
    await promptfare.loadVocabulary(name, readFileSync(path.join(pkg, "vocabularies", `${name}.bin`)));
  }
  const gpt = await import("gpt-tokenizer/encoding/o200k_base");
  const { get_encoding: encoding } = await import("tiktoken");
  const tiktoken = encoding("o200k_base");
  const crate = await import(pathToFileURL(path.join(folder, "peer_tiktoken.js")).href);
  await crate.default({ module_or_path: readFileSync(path.join(folder, "peer_tiktoken_bg.wasm")) });
  const options = { allowedSpecial: new Set(), disallowedSpecial: new Set() };
  return {
    promptfare,
    all: {
      promptfare: (value) => promptfare.countTokens(value, "gpt-4o").tokens,
      "claude-3": (value) => promptfare.countTokens(value, "claude-opus-4").tokens,
      "claude-4.7": (value) => promptfare.countTokens(value, "claude-opus-4-7").tokens,
      "gpt-tokenizer": (value) => gpt.countTokens(value, options),
      "tiktoken (npm)": (value) => tiktoken.encode_ordinary(value).length,
      "tiktoken (crate)": (value) => crate.count(value),
    },
  };
}

const number = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));
const row = (cells) => console.log(`| ${cells.join(" | ")} |`);

function table(all) {
  row(["text", "bytes", ...Object.keys(all), "o200k / best peer", "claude-3 / best peer"]);
  row(Array(Object.keys(all).length + 4).fill("---"));
  for (const kind of names) {
    for (const bytes of sizes) {
      const texts = Array.from({ length: bytes > 100_000 ? 5 : bytes > 1000 ? 60 : 400 }, (_, seed) => text(kind, bytes, seed + 1));
      for (const value of texts) checkEqual(all, value, kind);
      const found = speeds(all, Array.from(texts, (value, index) => text(kind, bytes, 1000 + index)));
      const best = (which) => Math.max(...peers.map((name) => found[name][which]));
      const ratio = (name) => `${number(found[name].fresh / best("fresh"))}/${number(found[name].repeat / best("repeat"))}`;
      row([kind, bytes, ...Object.values(found).map((own) => `${number(own.fresh)}/${number(own.repeat)}`), ratio("promptfare"), ratio("claude-3")]);
    }
  }
}

/** A speed of a wrong count is worth nothing. */
function checkEqual(all, value, kind) {
  const wanted = all["tiktoken (npm)"](value);
  if (value.length < 20_000 && all.promptfare(value) !== wanted) throw new Error(`${kind}: counts differ`);
}

function hostileTable(all) {
  const own = { promptfare: all.promptfare, "claude-3": all["claude-3"], "claude-4.7": all["claude-4.7"] };
  const time = (count, value) => {
    const start = performance.now();
    count(value);
    return performance.now() - start;
  };
  const names = Object.keys(own);
  // Texts that were not counted before, all of them: what repeats is remembered.
  const english = [77, 78, 79].map((seed) => text("English", 1_000_000, seed));
  const base = names.map((name) => Math.min(...english.map((value) => time(own[name], value))));
  row(["1 MB of", ...names.map((name) => `${name}: times English`)]);
  row(Array(names.length + 1).fill("---"));
  for (const [kind, make] of Object.entries(hostile)) {
    const value = make(1_000_000);
    row([kind, ...names.map((name, index) => number(Math.min(...[0, 1, 3].map((from) => time(own[name], value.slice(from)))) / base[index]))]);
  }
}

function liveTable({ LiveCounter }) {
  row(["typed character at", "o200k p95, ms", "claude-3 p95, ms", "claude-4.7 p95, ms"]);
  row(Array(4).fill("---"));
  for (const bytes of [50_000, 500_000, 4_000_000]) {
    const value = text("English", bytes, 3);
    row([bytes, ...["gpt-4o", "claude-opus-4", "claude-opus-4-7"].map((model) => keystrokes(LiveCounter, model, value).p95.toFixed(3))]);
  }
}

/** CPU time of a fresh process up to its first exact count, in milliseconds. */
function firstCount(program) {
  const times = Array.from({ length: 7 }, () =>
    Number(execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: root, encoding: "utf8" })),
  );
  return times.sort((a, b) => a - b)[3];
}

function firstTable() {
  const value = JSON.stringify(text("English", 1000, 9));
  const end = "const used = process.cpuUsage(start); console.log((used.user + used.system) / 1000);";
  const own = (vocabulary, model) => `const start = process.cpuUsage(); const { readFileSync } = await import("node:fs");
    const p = await import("./pkg/promptfare.js"); await p.default(readFileSync("pkg/promptfare_core_bg.wasm"));
    await p.loadVocabulary("${vocabulary}", readFileSync("pkg/vocabularies/${vocabulary}.bin"));
    if (!p.countTokens(${value}, "${model}").exact) throw 1; ${end}`;
  const rows = {
    "promptfare, o200k_base": own("o200k_base", "gpt-4o"),
    "promptfare, claude-3": own("claude-3", "claude-opus-4"),
    "promptfare, claude-4.7": own("claude-4.7", "claude-opus-4-7"),
    "gpt-tokenizer": `const start = process.cpuUsage(); const { countTokens } = await import("gpt-tokenizer/encoding/o200k_base"); countTokens(${value}); ${end}`,
    "tiktoken (npm)": `const start = process.cpuUsage(); const { get_encoding } = await import("tiktoken"); get_encoding("o200k_base").encode_ordinary(${value}); ${end}`,
  };
  // What Node takes before the first line of a program is in no row.
  const empty = firstCount("const used = process.cpuUsage(); console.log((used.user + used.system) / 1000);");
  row(["first exact count, fresh process", "CPU ms", "/ gpt-tokenizer", "with Node's own start", "/ gpt-tokenizer"]);
  row(Array(5).fill("---"));
  const found = Object.fromEntries(Object.entries(rows).map(([name, program]) => [name, firstCount(program)]));
  const peer = found["gpt-tokenizer"];
  for (const [name, time] of Object.entries(found)) {
    row([name, time.toFixed(0), number(time / peer), (time + empty).toFixed(0), number((time + empty) / (peer + empty))]);
  }
}

const { wasmBindgen } = await ensureTools();
await build();
const parts = process.argv.slice(2);
const wanted = (name) => parts.length === 0 || parts.includes(`--${name}`);
if (wanted("node")) {
  const { all } = await counters(peer(wasmBindgen));
  console.log("\n### Node: MB/s, fresh/repeated\n");
  table(all);
}
if (wanted("hostile")) {
  const { promptfare, all } = await counters(peer(wasmBindgen));
  console.log("\n### Node: hostile texts\n");
  hostileTable(all);
  console.log("\n### Node: live\n");
  liveTable(promptfare);
}
if (wanted("first")) {
  console.log("\n### Node: first count\n");
  firstTable();
}
if (wanted("price")) {
  console.log("\n### Money\n");
  await priceTable();
}
if (wanted("browser")) {
  const result = spawnSync(process.execPath, [path.join(root, "benches/speed/browser.mjs")], { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  console.log(result.stdout);
  if (result.status !== 0) process.exitCode = 1;
}
