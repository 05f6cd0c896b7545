// cargo's runner for tests/wasm.rs: lets wasm-bindgen-test-runner serve the tests and opens them in
// headless Chromium by playwright-core, so that no driver of one exact version is needed.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { launch } from "../browser.mjs";

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const address = `127.0.0.1:${await freePort()}`;
const runner = spawn(process.env.WASM_BINDGEN_TEST_RUNNER, process.argv.slice(2), {
  env: { ...process.env, NO_HEADLESS: "1", WASM_BINDGEN_TEST_ADDRESS: address },
  stdio: ["ignore", "pipe", "inherit"],
});
let served = "";
runner.stdout.on("data", (text) => (served += text));

async function reachable() {
  for (let tries = 0; tries < 300; tries += 1) {
    if (runner.exitCode !== null) return false;
    try {
      await (await fetch(`http://${address}/`)).text();
      return true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return false;
}

let ok = false;
if (await reachable()) {
  const browser = await launch();
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(`page: ${error.message}`));
  await page.goto(`http://${address}/`);
  const finished = await page
    .waitForFunction(() => /test result: /.test(document.body.innerText), null, { timeout: 120_000 })
    .then(() => true, () => false);
  const text = await page.evaluate(() => document.body.innerText);
  console.log(text);
  ok = finished && /test result: ok\. [1-9]\d* passed; 0 failed/.test(text);
  await browser.close();
} else {
  console.error(`the test runner did not serve its page\n${served}`);
}
runner.kill();
process.exit(ok ? 0 : 1);
