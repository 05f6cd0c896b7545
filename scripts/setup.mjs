// Finds what a build needs, installs what is missing, and says what it installs. Everything that is
// installed goes where the next run finds it: rustup's own folder, node_modules, and a cache folder.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Where tools that are not npm's survive a fresh clone. */
export const cache =
  process.env.PROMPTFARE_CACHE ??
  path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache"), "promptfare");

/** Runs a command with its output shown; throws where it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (result.error) throw new Error(`${command}: ${result.error.message}`);
  if (result.status !== 0) {
    throw new Error(`${[command, ...args].join(" ")}: exit code ${result.status ?? result.signal}`);
  }
  return result;
}

/** A command's output, or null where it is missing or fails. */
function read(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: "utf8" });
  return result.status === 0 ? result.stdout.trim() : null;
}

function say(text) {
  console.log(`setup: ${text}`);
}

/** cargo, by PATH or in rustup's own folder. */
function ensureRust() {
  if (!read("cargo", ["--version"])) {
    const folder = path.join(process.env.CARGO_HOME ?? path.join(homedir(), ".cargo"), "bin");
    process.env.PATH = `${folder}${path.delimiter}${process.env.PATH}`;
    if (!read("cargo", ["--version"])) {
      throw new Error("cargo is missing: install Rust by rustup (https://rustup.rs), then run this again");
    }
  }
  const target = "wasm32-unknown-unknown";
  const library = path.join(read("rustc", ["--print", "sysroot"]) ?? "", "lib/rustlib", target);
  if (!existsSync(library)) {
    say(`adding the Rust target ${target}`);
    try {
      run("rustup", ["target", "add", target]);
    } catch (error) {
      throw new Error(`the Rust target ${target} is missing and rustup could not add it: ${error.message}`);
    }
  }
}

/** The version of wasm-bindgen that Cargo.toml pins; its CLI must be the very same. */
function wasmBindgenVersion() {
  const pin = /^wasm-bindgen = "=([0-9.]+)"$/m.exec(readFileSync(path.join(root, "Cargo.toml"), "utf8"));
  if (!pin) throw new Error('Cargo.toml: wanted a pinned line wasm-bindgen = "=x.y.z", found none');
  return pin[1];
}

/** The folder with `wasm-bindgen` and `wasm-bindgen-test-runner`, installed where missing. */
export function ensureWasmBindgen() {
  const version = wasmBindgenVersion();
  const home = path.join(cache, `wasm-bindgen-${version}`);
  const folder = path.join(home, "bin");
  const wanted = `wasm-bindgen ${version}`;
  if (read(path.join(folder, "wasm-bindgen"), ["--version"]) === wanted) return folder;
  if (read("wasm-bindgen", ["--version"]) === wanted && read("wasm-bindgen-test-runner", ["--version"])) {
    return "";
  }
  say(`compiling wasm-bindgen-cli ${version} into ${home}: once, some minutes`);
  const install = ["install", "wasm-bindgen-cli", "--version", version, "--root", home, "--force"];
  try {
    run("cargo", [...install, "--locked"]);
  } catch {
    say("its own lock file names a crate that is not to be had here; trying without it");
    run("cargo", install);
  }
  return folder;
}

/** Node packages, where missing or older than the lock file. */
export function ensureNodePackages() {
  const lock = path.join(root, "package-lock.json");
  const installed = path.join(root, "node_modules/.package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  // A checkout gives every file its own time: compare what matters too.
  if (existsSync(installed) && sameVersions(lock, installed)) return;
  say("installing the Node packages of package-lock.json");
  run("npm", ["ci", "--no-audit", "--no-fund"], { shell: process.platform === "win32" });
}

function sameVersions(lock, installed) {
  const versions = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
  const wanted = versions(lock);
  const found = versions(installed);
  return Object.entries(wanted).every(
    ([name, entry]) => name === "" || entry.optional || found[name]?.version === entry.version,
  );
}

/** A Chromium for the tests: named by CHROME_PATH, installed, or Playwright's own; on Debian it is
 * installed where missing. */
export async function ensureChromium() {
  const found = findChromium() ?? (await playwrightChromium());
  if (found) return found;
  if (read("apt-get", ["--version"])) {
    say("installing Debian's package chromium");
    const sudo = process.getuid?.() === 0 ? [] : ["sudo"];
    const apt = (...args) => {
      const [command, ...rest] = [...sudo, "apt-get", ...args];
      run(command, rest, { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
    };
    apt("update");
    apt("install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core", "fonts-noto-color-emoji");
    const installed = findChromium();
    if (installed) return installed;
  }
  throw new Error(
    "no Chromium found: install Chrome or Chromium, name one in CHROME_PATH, or run npx playwright install chromium",
  );
}

function findChromium() {
  const places = [
    process.env.CHROME_PATH,
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/snap/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  ];
  return places.find((place) => place && existsSync(place)) ?? null;
}

async function playwrightChromium() {
  try {
    const { chromium } = await import("playwright-core");
    const place = chromium.executablePath();
    return place && existsSync(place) ? place : null;
  } catch {
    return null;
  }
}

/** All that a build needs. */
export async function ensureTools() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) throw new Error(`Node ${process.versions.node} found, 20 or later wanted`);
  ensureRust();
  ensureNodePackages();
  return { wasmBindgen: ensureWasmBindgen() };
}
