// A real LiteLLM proxy for the tests: installed once into the cache folder, started on loopback.
//
// Alone: node scripts/litellm.mjs [port] starts it with the tests' configuration.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { cache, root, run } from "./setup.mjs";

const VERSION = "1.106.2";
const HOME = path.join(cache, `litellm-${VERSION}`);
const BIN = process.platform === "win32" ? "Scripts" : "bin";

/** Starting takes 30 to 50 seconds on a small machine: it imports 742 MB of Python. */
const READY_WITHIN_MS = 240_000;

/** A Python of 3.10 or later, or null. */
export function python() {
  for (const name of ["python3", "python"]) {
    const found = spawnSync(name, ["-c", "import sys, venv, ensurepip; print(sys.version_info >= (3, 10))"], { encoding: "utf8" });
    if (found.status === 0 && found.stdout.trim() === "True") return name;
  }
  return null;
}

/** The `litellm` command, installed where it is missing; or why there is none.
 * Returns `{ command }` or `{ missing }`. */
export function ensureLitellm() {
  const command = path.join(HOME, BIN, "litellm");
  if (existsSync(command) && spawnSync(path.join(HOME, BIN, "python"), ["-c", "import litellm.proxy.proxy_server"], { env: { ...process.env, LITELLM_LOCAL_MODEL_COST_MAP: "True" } }).status === 0) return { command };
  const interpreter = python();
  if (interpreter === null) return { missing: "no Python of 3.10 or later with venv and pip" };
  console.log(`setup: installing litellm ${VERSION} into ${HOME}: once, about 0.7 GB`);
  try {
    rmSync(HOME, { recursive: true, force: true });
    run(interpreter, ["-m", "venv", HOME]);
    run(path.join(HOME, BIN, "python"), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `litellm[proxy]==${VERSION}`, "prisma"]);
  } catch (error) {
    return { missing: `pip could not install litellm ${VERSION}: ${error.message}` };
  }
  return { command };
}

/** A port of loopback that nobody listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts the proxy and waits until it answers. `key` is its master key; `env` what its configuration
 * reads from the environment. */
export async function startLitellm({ command, key, port, env = {}, config = path.join(root, "tests/e2e/litellm.yaml") }) {
  const listen = port ?? (await freePort());
  const child = spawn(command, ["--config", config, "--host", "127.0.0.1", "--port", String(listen)], {
    stdio: ["ignore", "pipe", "pipe"],
    // Its own price file instead of one from the network, and no tracking.
    env: { ...process.env, LITELLM_MASTER_KEY: key, LITELLM_LOCAL_MODEL_COST_MAP: "True", LITELLM_TELEMETRY: "False", ...env },
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => { log = (log + piece).slice(-20_000); });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
    await ended;
    clearTimeout(timer);
  };
  const url = `http://127.0.0.1:${listen}`;
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`litellm ended with ${child.exitCode}:\n${log}`);
    const ready = await fetch(`${url}/health/readiness`).then((response) => response.ok, () => false);
    if (ready) return { url: `${url}/v1`, stop };
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await stop();
  throw new Error(`litellm was not ready within ${READY_WITHIN_MS / 1000} s:\n${log}`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { command, missing } = ensureLitellm();
  if (missing !== undefined) {
    console.error(`litellm: ${missing}`);
    process.exit(1);
  }
  const key = "sk-local-only";
  const proxy = await startLitellm({ command, key, port: Number(process.argv[2] ?? 4000) });
  console.log(`litellm: ${proxy.url}, key ${key}`);
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => proxy.stop().then(() => process.exit(0)));
}
