// How long the router's score takes in WebAssembly, in Node: `node benches/router.mjs`.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { ensureWasmBindgen, root } from "../scripts/setup.mjs";

const runner = path.join(ensureWasmBindgen(), "wasm-bindgen-test-runner");
const command = ["test", "--locked", "--release", "--target", "wasm32-unknown-unknown", "--test", "router_wasm", "--",
  "--include-ignored", "--nocapture"];
const { status } = spawnSync("cargo", command, {
  cwd: root, stdio: "inherit", env: { ...process.env, CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: runner },
});
process.exitCode = status ?? 1;
