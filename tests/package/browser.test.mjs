// The packed package in projects of others: bundled by Vite, served by Vite's development server,
// and in a bare page; each opened in a real browser. The workshop is loaded only where it is asked for.
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
  // With what a page downloaded until now.
  globalThis.workshop = async () => {
    const own = await import("promptfare/workshop");
    await own.default();
    await own.default();
    return Object.keys(own).length;
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
    "bare.js": program
      .replace('"promptfare"', '"./node_modules/promptfare/promptfare.js"')
      .replace('"promptfare/workshop"', '"./node_modules/promptfare/workshop.js"'),
  });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  project?.remove();
});

const modules = (names) => names.filter((name) => /promptfare_\w+_bg[^/]*\.wasm$/.test(name.split("?")[0]));

/** Opens a page and checks what it finds: with the first module alone, then with the second. */
async function check(address) {
  const tab = await browser.newPage();
  const asked = [];
  tab.on("request", (request) => asked.push(request.url()));
  try {
    await tab.goto(address);
    await tab.waitForFunction(() => globalThis.result !== undefined, null, { timeout: 60_000 });
    checkResult(await tab.evaluate(() => globalThis.result));
    assert.equal(modules(asked).length, 1, asked.join(" "));
    assert.ok(await tab.evaluate(() => globalThis.workshop()) >= 2);
    assert.equal(modules(asked).length, 2, asked.join(" "));
  } finally {
    await tab.close();
  }
}

function checkResult(result) {
  assert.equal(result.error, undefined);
  assert.equal(result.model, "claude-opus-4");
  assert.ok(result.before.low <= result.before.tokens && result.before.tokens <= result.before.high);
  assert.equal(result.before.exact, false);
  // "The fare before the ride." is six tokens of o200k_base.
  assert.deepEqual(result.after, { tokens: 6, low: 6, high: 6, exact: true, method: "o200k_base" });
  const { low, expected, high } = result.cost;
  assert.ok(Number(low) > 0 && Number(low) <= Number(expected) && Number(expected) <= Number(high));
}

test("Vite builds it, with one .wasm for each module and no more", async () => {
  await build({ root: project.folder, logLevel: "error" });
  const dist = path.join(project.folder, "dist");
  assert.equal(filesBelow(dist).filter((name) => name.endsWith(".wasm")).length, 2);
  const server = await serveFolder(dist);
  try {
    await check(`${server.address}/`);
  } finally {
    await server.close();
  }
});

test("Vite leaves the workshop out where it is not imported", async () => {
  const alone = freshProject({
    "index.html": page('<script type="module" src="/main.js"></script>'),
    "main.js": 'import init, { resolveModel } from "promptfare"; await init(); globalThis.result = resolveModel("gpt-5").id;',
  });
  try {
    await build({ root: alone.folder, logLevel: "error" });
    const names = filesBelow(path.join(alone.folder, "dist")).filter((name) => name.endsWith(".wasm"));
    assert.equal(modules(names).length, 1, names.join(" "));
    assert.equal(names.length, 1);
  } finally {
    alone.remove();
  }
});

test("Vite's development server serves it", async () => {
  const server = await createServer({ root: project.folder, logLevel: "error", server: { host: "127.0.0.1", port: 0 } });
  try {
    await server.listen();
    const address = server.httpServer.address();
    await check(`http://127.0.0.1:${address.port}/`);
  } finally {
    await server.close();
  }
});

test("a bare page imports it without any build", async () => {
  const server = await serveFolder(project.folder);
  try {
    await check(`${server.address}/bare.html`);
  } finally {
    await server.close();
  }
});
