// `npm test`: every test, the real browser included. Installs what is missing, says so, and closes
// with one line that counts what really ran.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { build } from "./build.mjs";
import { ensureChromium, ensureTools, ensureWasmBindgen, root } from "./setup.mjs";

/** Runs a command, shows its output, and returns it with the exit code. */
function show(command, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const [from, to] of [[child.stdout, process.stdout], [child.stderr, process.stderr]]) {
      from.setEncoding("utf8");
      from.on("data", (text) => {
        output += text;
        to.write(text);
      });
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ output, code }));
  });
}

const sum = (output, pattern) =>
  [...output.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);

/** cargo's own lines: "test result: ok. 12 passed; 0 failed; 1 ignored; ...". */
function cargoCounts(output) {
  return {
    passed: sum(output, /^test result: .*? (\d+) passed/gm),
    failed: sum(output, /^test result: .*?; (\d+) failed/gm),
    skipped: sum(output, /^test result: .*?; (\d+) ignored/gm),
  };
}

/** Lines of Node's test runner: "# pass 12" or "ℹ pass 12". */
function nodeCounts(output) {
  const count = (word) => sum(output, new RegExp(`^(?:#|ℹ) ${word} (\\d+)`, "gm"));
  return { passed: count("pass"), failed: count("fail") + count("cancelled"), skipped: count("skipped") };
}

function testFiles(folder) {
  const place = path.join(root, "tests", folder);
  if (!existsSync(place)) return [];
  return readdirSync(place).filter((name) => name.endsWith(".test.mjs")).sort().map((name) => path.join("tests", folder, name));
}

async function nodeTests(folder, env) {
  const { output, code } = await show(
    process.execPath,
    ["--test", "--test-reporter=spec", "--test-concurrency=1", ...testFiles(folder)],
    env,
  );
  return { ...nodeCounts(output), code };
}

/** The parts, in order of what they tell first. `least`: fewer tests than this is a failure, because
 * a suite that is skipped in silence looks green. */
const parts = {
  heart: {
    least: 440,
    run: async () => {
      const { output, code } = await show("cargo", ["test", "--locked", "--quiet"]);
      return { ...cargoCounts(output), code };
    },
  },
  wasm: {
    least: 30,
    run: async ({ wasmBindgen, chromium }) => {
      const bindgen = path.join(wasmBindgen, "wasm-bindgen-test-runner");
      const sum = { passed: 0, failed: 0, skipped: 0, code: 0 };
      // In Chromium, and what asks nothing of a browser in Node.
      for (const [name, runner] of [["wasm", `${process.execPath} ${path.join(root, "tests/wasm/run.mjs")}`], ["router_wasm", bindgen]]) {
        const { output, code } = await show("cargo", ["test", "--locked", "--target", "wasm32-unknown-unknown", "--test", name], {
          CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: runner, WASM_BINDGEN_TEST_RUNNER: bindgen, CHROME_PATH: chromium,
        });
        for (const [key, count] of Object.entries(cargoCounts(output))) sum[key] += count;
        sum.code ||= code;
      }
      return sum;
    },
  },
  package: { least: 40, run: ({ chromium }) => nodeTests("package", { CHROME_PATH: chromium }) },
  faults: { least: 46, run: ({ chromium }) => nodeTests("faults", { CHROME_PATH: chromium }) },
  e2e: { least: 115, run: ({ chromium }) => nodeTests("e2e", { CHROME_PATH: chromium }) },
};

async function main(wanted) {
  await ensureTools();
  const context = { wasmBindgen: ensureWasmBindgen(), chromium: await ensureChromium() };
  await build();
  const total = { passed: 0, failed: 0, skipped: 0 };
  const rows = [];
  for (const name of wanted) {
    console.log(`\n== ${name}`);
    const counts = await parts[name].run(context);
    if (counts.code !== 0 && counts.failed === 0) counts.failed = 1;
    if (counts.passed + counts.failed < parts[name].least) {
      console.error(`${name}: only ${counts.passed} tests ran, at least ${parts[name].least} wanted`);
      counts.failed += 1;
    }
    for (const key of Object.keys(total)) total[key] += counts[key];
    rows.push(`${name.padEnd(8)} ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
  console.log(`\n${rows.join("\n")}\n`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed === 0 && total.passed > 0;
}

const wanted = process.argv.slice(2).length ? process.argv.slice(2) : Object.keys(parts);
const unknown = wanted.filter((name) => !(name in parts));
if (unknown.length) {
  console.error(`test: found ${unknown.join(", ")}, wanted any of ${Object.keys(parts).join(", ")}`);
  process.exit(2);
}
try {
  process.exitCode = (await main(wanted)) ? 0 : 1;
} catch (error) {
  console.error(`test: ${error.message}`);
  process.exitCode = 1;
}
