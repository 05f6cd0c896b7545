// The README's own programs, run as they stand, in a bare page beside a sandbox gateway.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { after, before, test } from "node:test";
import { root } from "../../scripts/setup.mjs";
import { launch } from "../browser.mjs";
import { serveFolder } from "./project.mjs";

const readme = readFileSync(path.join(root, "README.md"), "utf8");
const programs = [...readme.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map((match) => match[1]);

let files;
let browser;
let gateway;
before(async () => {
  files = await serveFolder(path.join(root, "pkg"));
  browser = await launch();
  // What a gateway is to a reader of the README: two pieces of text and a usage.
  gateway = createServer((request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const data of [
      { choices: [{ index: 0, delta: { content: "A box " } }] },
      { choices: [{ index: 0, delta: { content: "in a box." }, finish_reason: "stop" }] },
      { choices: [], usage: { prompt_tokens: 15, completion_tokens: 6 } },
    ]) {
      response.write(`data: ${JSON.stringify(data)}\n\n`);
    }
    response.end("data: [DONE]\n\n");
  });
  await new Promise((resolve) => gateway.listen(0, "127.0.0.1", resolve));
});
after(async () => {
  await browser?.close();
  await files?.close();
  gateway?.close();
});

/** Runs a program in a page; returns what it logged. */
async function run(program) {
  const page = await browser.newPage();
  const logged = [];
  const errors = [];
  page.on("console", (message) => logged.push(message.text()));
  page.on("pageerror", (error) => errors.push(error.message));
  await page.route("**/gateway/v1/**", (route) =>
    fetch(`http://127.0.0.1:${gateway.address().port}/`).then(async (answer) =>
      route.fulfill({ status: 200, contentType: "text/event-stream", body: await answer.text() }),
    ),
  );
  await page.route("**/program.js", (route) =>
    route.fulfill({
      contentType: "text/javascript",
      body: `${program.replaceAll('"promptfare"', '"/promptfare.js"').replaceAll('"promptfare/workshop"', '"/workshop.js"')}\nglobalThis.finished = true;`,
    }),
  );
  await page.route("**/program.html", (route) =>
    route.fulfill({ contentType: "text/html", body: '<!doctype html><title>x</title><script type="module" src="/program.js"></script>' }),
  );
  await page.goto(`${files.address}/program.html`);
  await page.waitForFunction(() => globalThis.finished === true, null, { timeout: 30_000 }).catch(() => {});
  const finished = await page.evaluate(() => globalThis.finished === true);
  await page.close();
  assert.deepEqual(errors, []);
  assert.ok(finished, `the program did not come to its end; it logged ${logged.join(" | ")}`);
  return logged;
}

test("there are programs in the README", () => {
  assert.ok(programs.length >= 2);
});

for (const [index, program] of programs.entries()) {
  test(`program ${index + 1} runs`, async () => {
    const logged = await run(program);
    if (program.includes("client.send")) assert.equal(logged.slice(1).join(""), "A box in a box.");
  });
}

test("what its comments promise is so", async () => {
  const program = programs.find((text) => text.includes('// "1.575"'));
  const logged = await run(
    program.replace(/^calculateCost\((.*)\)\.usd; \/\/ "(.*)"$/m, "console.log(calculateCost($1).usd === $2);".replace("$2", '"1.575"')),
  );
  assert.deepEqual(logged, ["true"]);
});
