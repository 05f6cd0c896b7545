// `node benches/stream/network.mjs`: writes docs/streaming.md. Two measurements beside openai-node, in
// one headless Chromium, the readers taking turns: from memory (measure.mjs), where only the readers'
// own work counts, and over real connections to a server on this machine, where the page's first
// piece is timed from the call to the loop.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { build as bundle } from "vite";
import { build } from "../../scripts/build.mjs";
import { root } from "../../scripts/setup.mjs";
import { launch } from "../../tests/browser.mjs";
import { serveFolder } from "../../tests/package/project.mjs";

const TURNS = 60;
const CHUNKS = 40;
const row = (cells) => `| ${cells.join(" | ")} |`;

/** A gateway that streams forty chunks, three milliseconds apart, after a pause of twenty. */
async function startGateway() {
  const server = http.createServer(async (request, response) => {
    const cors = { "access-control-allow-origin": "*", "access-control-allow-headers": request.headers["access-control-request-headers"] ?? "*", "access-control-max-age": "600" };
    if (request.method === "OPTIONS") return response.writeHead(204, cors).end();
    for await (const part of request) void part;
    await wait(20);
    response.writeHead(200, { ...cors, "content-type": "text/event-stream" });
    response.socket.setNoDelay(true);
    const chunk = (more) => response.write(`data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "gpt-5", ...more })}\n\n`);
    for (let at = 0; at < CHUNKS && !response.destroyed; at += 1) {
      chunk({ choices: [{ index: 0, delta: { content: `word ${at} ` }, finish_reason: null }] });
      await wait(3);
    }
    chunk({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
    return response.end("data: [DONE]\n\n");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/v1`, stop: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }) };
}

const page = (modules) => `
import OpenAI from "${modules}/openai/index.mjs";
const promptfare = await import(/* @vite-ignore */ new URL("/pkg/promptfare.js", location.href).href);
await promptfare.default();
globalThis.turns = async (baseUrl, count) => {
  const client = await promptfare.Client.create({ baseUrl, models: ["gpt-5"] });
  const openai = new OpenAI({ apiKey: "none", baseURL: baseUrl, dangerouslyAllowBrowser: true, maxRetries: 0 });
  const readers = {
    promptfare: async (seen) => {
      for await (const piece of client.send(client.plan("Hello"))) if (piece.text) seen(piece.text);
    },
    "openai-node": async (seen) => {
      for await (const chunk of await openai.chat.completions.create({ model: "gpt-5", stream: true, messages: [{ role: "user", content: "Hello" }] })) {
        const text = chunk.choices[0]?.delta?.content;
        if (text) seen(text);
      }
    },
  };
  const times = Object.fromEntries(Object.keys(readers).map((name) => [name, { first: [], shown: [], whole: [] }]));
  const place = document.createElement("p");
  document.body.append(place);
  for (let turn = 0; turn < count + 4; turn += 1) {
    const order = Object.entries(readers);
    if (turn % 2 === 1) order.reverse();
    for (const [name, read] of order) {
      const start = performance.now();
      let [first, shown, text] = [null, null, ""];
      place.textContent = "";
      await read((piece) => {
        text += piece;
        place.textContent = text;
        if (first !== null) return;
        first = performance.now() - start;
        // The frame that shows it.
        requestAnimationFrame(() => { shown = performance.now() - start; });
      });
      const whole = performance.now() - start;
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
      if (text.split(" ").length !== ${CHUNKS * 2 + 1}) throw new Error(name + ": another text: " + text);
      if (turn >= 4) for (const [key, value] of Object.entries({ first, shown, whole })) times[name][key].push(value);
    }
  }
  return times;
};
`;

async function overTheNetwork() {
  const folder = mkdtempSync(path.join(tmpdir(), "promptfare-bench-"));
  const gateway = await startGateway();
  let [browser, server] = [null, null];
  try {
    cpSync(path.join(root, "pkg"), path.join(folder, "public/pkg"), { recursive: true });
    writeFileSync(path.join(folder, "main.js"), page(path.join(root, "node_modules")));
    writeFileSync(path.join(folder, "index.html"), '<!doctype html><title>bench</title><body><script type="module" src="/main.js"></script>');
    await bundle({ root: folder, logLevel: "error", build: { target: "esnext", chunkSizeWarningLimit: 10_000 } });
    server = await serveFolder(path.join(folder, "dist"));
    browser = await launch();
    const tab = await browser.newPage();
    tab.on("pageerror", (error) => console.error(error.message));
    await tab.goto(`${server.address}/`);
    await tab.waitForFunction(() => globalThis.turns !== undefined, null, { timeout: 60_000 });
    return { times: await tab.evaluate(([url, count]) => globalThis.turns(url, count), [gateway.url, TURNS]), version: browser.version() };
  } finally {
    await browser?.close();
    await server?.close();
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const at = (list, share) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))].toFixed(1);

await build();
const memory = execFileSync(process.execPath, [path.join(root, "benches/stream/run.mjs")], { cwd: root, encoding: "utf8" });
const { times, version } = await overTheNetwork();
const lines = [
  "# What streaming costs",
  "",
  "Written by `node benches/stream/network.mjs`. Both readers read the same bytes in the same process, taking turns; what counts are the ratios of one run.",
  "",
  "## From memory",
  "",
  "`fetch` answers from memory, so only the readers' own work is measured. A request's cost is that of a stream with one chunk.",
  memory.slice(memory.indexOf("\n###")).trimEnd(),
  "",
  "## Over real connections",
  "",
  `Chromium ${version}, a server on the same machine, across origins: ${CHUNKS} chunks, 3 ms apart, 20 ms after the request. ${TURNS} requests each, in turns. Milliseconds from the call (promptfare's includes the plan) to the first piece in the loop, to the frame that shows it, and to the end.`,
  "",
  row(["reader", "first piece, median", "95 %", "shown, median", "95 %", "end, median", "95 %"]),
  row(["---", ...Array(6).fill("---:")]),
  ...Object.entries(times).map(([name, found]) => row([name, ...["first", "shown", "whole"].flatMap((key) => [at(found[key], 0.5), at(found[key], 0.95)])])),
  "",
];
writeFileSync(path.join(root, "docs/streaming.md"), lines.join("\n"));
console.log(lines.join("\n"));
