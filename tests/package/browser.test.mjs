// The packed package in projects of others: bundled by Vite, served by Vite's development server,
// and in a bare page; each opened in a real browser.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import { build, createServer } from "vite";
import { launch } from "../browser.mjs";
import { filesBelow, freshProject, serveFolder } from "./project.mjs";

const program = `
import init, { countTokens, estimateCost, loadVocabulary, resolveModel } from "promptfare";
try {
  await init();
  await init();
  const before = countTokens("The fare before the ride.", "gpt-4o");
  await loadVocabulary("o200k_base");
  const request = { model: "claude-sonnet-4", messages: [{ role: "user", content: "Hello" }] };
  globalThis.result = {
    model: resolveModel("claude-opus-4").id,
    before,
    after: countTokens("The fare before the ride.", "gpt-4o"),
    cost: estimateCost(request),
  };
} catch (error) {
  globalThis.result = { error: String(error?.stack ?? error) };
}
`;
const page = (script) => `<!doctype html><meta charset="utf-8"><title>fresh</title>${script}`;

let project;
let browser;
before(async () => {
  project = freshProject({
    "index.html": page('<script type="module" src="/main.js"></script>'),
    "main.js": program,
    "bare.html": page('<script type="module" src="./bare.js"></script>'),
    "bare.js": program.replace('"promptfare"', '"./node_modules/promptfare/promptfare.js"'),
  });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  project?.remove();
});

async function resultOf(address) {
  const tab = await browser.newPage();
  await tab.goto(address);
  await tab.waitForFunction(() => globalThis.result !== undefined, null, { timeout: 60_000 });
  const result = await tab.evaluate(() => globalThis.result);
  await tab.close();
  assert.equal(result.error, undefined);
  return result;
}

function checkResult(result) {
  assert.equal(result.model, "claude-opus-4");
  assert.ok(result.before.low <= result.before.tokens && result.before.tokens <= result.before.high);
  assert.equal(result.before.exact, false);
  // "The fare before the ride." is six tokens of o200k_base.
  assert.deepEqual(result.after, { tokens: 6, low: 6, high: 6, exact: true, method: "o200k_base" });
  const { low, expected, high } = result.cost;
  assert.ok(Number(low) > 0 && Number(low) <= Number(expected) && Number(expected) <= Number(high));
}

test("Vite builds it, with exactly one .wasm", async () => {
  await build({ root: project.folder, logLevel: "error" });
  const dist = path.join(project.folder, "dist");
  assert.equal(filesBelow(dist).filter((name) => name.endsWith(".wasm")).length, 1);
  const server = await serveFolder(dist);
  try {
    checkResult(await resultOf(`${server.address}/`));
    assert.equal(server.requests.filter((name) => name.endsWith(".wasm")).length, 1);
  } finally {
    await server.close();
  }
});

test("Vite's development server serves it", async () => {
  const server = await createServer({ root: project.folder, logLevel: "error", server: { host: "127.0.0.1", port: 0 } });
  try {
    await server.listen();
    const address = server.httpServer.address();
    checkResult(await resultOf(`http://127.0.0.1:${address.port}/`));
  } finally {
    await server.close();
  }
});

test("a bare page imports it without any build", async () => {
  const server = await serveFolder(project.folder);
  try {
    checkResult(await resultOf(`${server.address}/bare.html`));
  } finally {
    await server.close();
  }
});
