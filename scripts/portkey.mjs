// Portkey's gateway for the tests: installed once into the cache folder, started on loopback.
//
// Alone: node scripts/portkey.mjs [port]

import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { freePort } from "./litellm.mjs";
import { cache, root, run } from "./setup.mjs";

const VERSION = "1.15.2";
const HOME = path.join(cache, `portkey-${VERSION}`);
const SERVER = path.join(HOME, "node_modules/@portkey-ai/gateway/build/start-server.js");
const READY_WITHIN_MS = 60_000;

/** The gateway's program, installed where it is missing; or why there is none.
 * Returns `{ program }` or `{ missing }`. */
export function ensurePortkey() {
  if (existsSync(SERVER)) return { program: SERVER };
  console.log(`setup: installing @portkey-ai/gateway ${VERSION} into ${HOME}: once, 25 MB`);
  try {
    mkdirSync(HOME, { recursive: true });
    run("npm", ["install", "--prefix", HOME, `@portkey-ai/gateway@${VERSION}`, "--no-audit", "--no-fund", "--ignore-scripts", "--silent"], { shell: process.platform === "win32" });
  } catch (error) {
    return { missing: `npm could not install @portkey-ai/gateway ${VERSION}: ${error.message}` };
  }
  return existsSync(SERVER) ? { program: SERVER } : { missing: `${SERVER} is not in the package` };
}

/** Starts it and waits until it answers. */
export async function startPortkey({ program, port }) {
  const listen = port ?? (await freePort());
  const preload = pathToFileURL(path.join(root, "scripts/portkey-preload.mjs")).href;
  const child = spawn(process.execPath, ["--import", preload, program, `--port=${listen}`, "--headless"], {
    cwd: HOME,
    stdio: ["ignore", "pipe", "pipe"],
    // It takes the address of the provider behind it from a header: this one only.
    env: { ...process.env, TRUSTED_CUSTOM_HOSTS: "localhost,127.0.0.1" },
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => { log = (log + piece).slice(-20_000); });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 3000);
    await ended;
    clearTimeout(timer);
  };
  const url = `http://127.0.0.1:${listen}`;
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`portkey ended with ${child.exitCode}:\n${log}`);
    if (await fetch(url).then((response) => response.ok, () => false)) return { url: `${url}/v1`, stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`portkey was not ready within ${READY_WITHIN_MS / 1000} s:\n${log}`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { program, missing } = ensurePortkey();
  if (missing !== undefined) {
    console.error(`portkey: ${missing}`);
    process.exit(1);
  }
  const gateway = await startPortkey({ program, port: Number(process.argv[2] ?? 8787) });
  console.log(`portkey: ${gateway.url}; it wants the headers x-portkey-provider and x-portkey-custom-host`);
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => gateway.stop().then(() => process.exit(0)));
}
