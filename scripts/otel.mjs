// OpenTelemetry's own schema of OTLP (PyPI opentelemetry-proto), installed once into the cache folder, and
// a strict collector on loopback that holds every body to it (tests/e2e/collector.py).
import { spawn, spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import { python } from "./litellm.mjs";
import { cache, root, run } from "./setup.mjs";

const VERSION = "1.45.2";
const HOME = path.join(cache, `otel-proto-${VERSION}`);
const PYTHON = path.join(HOME, process.platform === "win32" ? "Scripts" : "bin", "python");

/** `{ command }`: a Python that has the schema, installed where it is missing; or `{ missing }`. */
export function ensureSchema() {
  if (existsSync(PYTHON) && spawnSync(PYTHON, ["-c", "import opentelemetry.proto.collector.trace.v1.trace_service_pb2"]).status === 0) return { command: PYTHON };
  const interpreter = python();
  if (interpreter === null) return { missing: "no Python of 3.10 or later with venv and pip" };
  console.log(`setup: installing opentelemetry-proto ${VERSION} into ${HOME}: once, a few MB`);
  try {
    rmSync(HOME, { recursive: true, force: true });
    run(interpreter, ["-m", "venv", HOME]);
    run(PYTHON, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `opentelemetry-proto==${VERSION}`]);
  } catch (error) {
    return { missing: `pip could not install opentelemetry-proto ${VERSION}: ${error.message}` };
  }
  return { command: PYTHON };
}

/** Starts the collector. `told` lists what arrived: `{ kind, accepted, error?, message }`, where message
 * is the body as the schema read it. */
export async function startCollector({ command }) {
  const child = spawn(command, [path.join(root, "tests/e2e/collector.py")], { stdio: ["ignore", "pipe", "inherit"] });
  const told = [];
  let rest = "";
  const port = await new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`collector: ended with ${code}`)));
    child.stdout.on("data", (piece) => {
      const lines = (rest + piece).split("\n");
      rest = lines.pop();
      for (const line of lines) {
        const said = JSON.parse(line);
        if (said.port === undefined) told.push(said);
        else resolve(said.port);
      }
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    told,
    stop: () => new Promise((resolve) => {
      child.removeAllListeners("exit");
      child.once("exit", resolve);
      child.kill();
    }),
  };
}
