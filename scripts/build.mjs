// Builds the npm package into pkg/. `npm run build`; does nothing where pkg/ is newer than all it is
// made from, unless --force is given. Prints the sizes that a page downloads.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { ensureTools, root, run } from "./setup.mjs";

const pkg = path.join(root, "pkg");
const sources = ["src", "tokenizer", "vocabularies", "Cargo.toml", "Cargo.lock", "package.json", "README.md", "NOTICE",
  "LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md", "scripts/build.mjs"];

/** What a page downloads for each of the two modules, beside vocabularies. */
export const parts = {
  core: ["promptfare_core_bg.wasm", "promptfare_core.js", "promptfare.js", "start.js", "count.js", "price.js", "workflow.js"],
  workshop: ["promptfare_workshop_bg.wasm", "promptfare_workshop.js", "workshop.js", "shrink.js", "telemetry.js"],
};

/** Our own JavaScript and types: [in src/wasm/, in the package]. */
const written = [["entry.js", "promptfare.js"], ["types.d.ts", "promptfare.d.ts"], ["workshop/entry.js", "workshop.js"],
  ["workshop/types.d.ts", "workshop.d.ts"], ...["shrink.js", "telemetry.js"].map((name) => [`workshop/${name}`, name]),
  ...["start.js", "count.js", "price.js", "workflow.js"].map((name) => [name, name])];

/** The newest time of a file or of all files below a folder. */
function newest(place) {
  if (!existsSync(place)) return 0;
  const stat = statSync(place);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(place).map((name) => newest(path.join(place, name))));
}

function isFresh() {
  const stamp = path.join(pkg, "package.json");
  return existsSync(stamp) && sources.every((name) => newest(path.join(root, name)) <= statSync(stamp).mtimeMs);
}

/** The published package.json: what an importer needs and no more. */
function manifest(version) {
  return {
    name: "promptfare",
    version,
    description: "Tokens, cost and route of a prompt before it leaves the browser; the request, the stream and the bill after.",
    license: "MIT OR Apache-2.0",
    keywords: ["llm", "tokens", "tokenizer", "cost", "pricing", "routing", "openai", "claude", "openrouter", "litellm", "wasm"],
    type: "module",
    sideEffects: false,
    main: "./promptfare.js",
    types: "./promptfare.d.ts",
    exports: {
      ".": { types: "./promptfare.d.ts", default: "./promptfare.js" },
      "./workshop": { types: "./workshop.d.ts", default: "./workshop.js" },
      "./promptfare_core_bg.wasm": "./promptfare_core_bg.wasm",
      "./promptfare_workshop_bg.wasm": "./promptfare_workshop_bg.wasm",
      "./vocabularies/*": "./vocabularies/*",
      "./catalog.json": "./catalog.json",
      "./catalog-schema.json": "./catalog-schema.json",
      "./package.json": "./package.json",
    },
    files: ["*.js", "*.d.ts", "*.wasm", "catalog.json", "catalog-schema.json", "vocabularies", "LICENSE-*", "NOTICE", "CHANGELOG.md"],
  };
}

export function sizes(file) {
  const bytes = readFileSync(file);
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  return { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotli.length };
}

/** What a page downloads for a module, by brotli. */
export const downloadOf = (part) => parts[part].reduce((sum, name) => sum + sizes(path.join(pkg, name)).brotli, 0);

function report() {
  const cell = (value) => String(value).padStart(10);
  const line = ({ name, raw, gzip, brotli }) => console.log(`${name.padEnd(28)}${cell(raw)}${cell(gzip)}${cell(brotli)}`);
  line({ name: "bytes", raw: "raw", gzip: "gzip", brotli: "brotli" });
  for (const [part, names] of Object.entries(parts)) {
    const sum = { name: `${part}: wasm + glue`, raw: 0, gzip: 0, brotli: 0 };
    for (const name of names) {
      const row = { name, ...sizes(path.join(pkg, name)) };
      for (const key of ["raw", "gzip", "brotli"]) sum[key] += row[key];
      line(row);
    }
    line(sum);
  }
  const folder = path.join(pkg, "vocabularies");
  const files = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of files) line({ name: `vocabularies/${name}`, ...sizes(path.join(folder, name)) });
}

/** Compiles the crate with one module's face and leaves that module in pkg/. */
function compile(part, target, env, wasmBindgen) {
  console.log(`build: compiling the crate to WebAssembly, ${part}`);
  // As nothing but that module: what is a library too keeps what others could call, and is 5 % larger.
  run("cargo", ["rustc", "--locked", "--release", "--lib", "--crate-type", "cdylib", "--target", "wasm32-unknown-unknown",
    "--no-default-features", "--features", part, "--target-dir", target], { env });
  const wasm = path.join(target, "wasm32-unknown-unknown/release/promptfare.wasm");
  run(path.join(wasmBindgen, "wasm-bindgen"), [wasm, "--target", "web", "--no-typescript",
    "--out-dir", pkg, "--out-name", `promptfare_${part}`]);
  const module = path.join(pkg, `promptfare_${part}_bg.wasm`);
  console.log(`build: optimising, ${part}`);
  run(process.execPath, [path.join(root, "node_modules/binaryen/bin/wasm-opt"), "-O2",
    // What brotli leaves of it counts: a function inlined into its only caller compresses worse,
    // and one that stands beside its like better.
    "--one-caller-inline-max-function-size", "0", "--flexible-inline-max-function-size", "0", "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int", "--enable-sign-ext", "--enable-mutable-globals", "--enable-reference-types",
    "--enable-multivalue", "--strip-debug", "--strip-producers", "--reorder-functions-by-name", module, "-o", module]);
}

export async function build({ force = false } = {}) {
  if (!force && isFresh()) return;
  const { wasmBindgen } = await ensureTools();
  // Panic messages name source files: by their place in the project, not on this machine.
  const home = process.env.CARGO_HOME ?? path.join(homedir(), ".cargo");
  const flags = [process.env.RUSTFLAGS, `--remap-path-prefix=${home}=/cargo`, `--remap-path-prefix=${root}=/promptfare`];
  const env = { ...process.env, RUSTFLAGS: flags.filter(Boolean).join(" ") };
  const target = process.env.CARGO_TARGET_DIR ?? path.join(root, "target");
  rmSync(pkg, { recursive: true, force: true });
  mkdirSync(pkg, { recursive: true });
  compile("core", target, env, wasmBindgen);
  // Both give a file of the same name: in one folder cargo would take the one for the other.
  compile("workshop", path.join(target, "workshop"), env, wasmBindgen);
  for (const [own, published] of written) cpSync(path.join(root, "src/wasm", own), path.join(pkg, published));
  for (const name of ["catalog.json", "catalog-schema.json"]) cpSync(path.join(root, "src/data", name), path.join(pkg, name));
  for (const name of ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "NOTICE", "CHANGELOG.md", "vocabularies"]) {
    if (existsSync(path.join(root, name))) cpSync(path.join(root, name), path.join(pkg, name), { recursive: true });
  }
  const version = /^version = "(.+)"$/m.exec(readFileSync(path.join(root, "Cargo.toml"), "utf8"))[1];
  writeFileSync(path.join(pkg, "package.json"), `${JSON.stringify(manifest(version), null, 2)}\n`);
  report();
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await build({ force: process.argv.includes("--force") });
    console.log("build: pkg/ is complete");
  } catch (error) {
    console.error(`build: ${error.message}`);
    process.exitCode = 1;
  }
}
