// A scripted upstream of our own: an OpenAI-compatible server that fails on demand, in every way that
// gateways and networks were seen to fail. What it does is told by the model's name, because that
// survives any gateway in between: "fault/NAME~RUN" plays the script NAME and writes the request down
// under RUN.
//
// The path's first part says what the page may see across origins:
//   /open/v1     everything is allowed and every header can be read
//   /stock/v1    allowed, but only content-type and content-length can be read (a stock LiteLLM)
//   /strict/v1   only the headers Authorization and Content-Type are allowed in requests
//   /errors/v1   successes are allowed, errors carry no CORS headers (a gateway that fails early)
//   /none/v1     nothing is allowed
//
// Alone: node tests/faults/upstream.mjs [port]

import http from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { faults } from "./faults.mjs";
import { loads } from "./loads.mjs";
import { TEXT, USAGE, pieces } from "./text.mjs";

/** Milliseconds between the last bytes and the end of a connection. */
const PAUSE = 200;

const sse = (value) => `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`;

/** What a script plays on: one request and its answer. */
class Wire {
  constructor(request, response, body, record, open) {
    Object.assign(this, { request, response, body, record, open, model: body.model ?? "none" });
    this.wantsUsage = body.stream_options?.include_usage === true;
  }

  /** Which attempt of this run it is, from 1. */
  get attempt() {
    return this.record.attempt;
  }

  /** An answer in one go. `body` is an object, a text or bytes. */
  answer(status, body, headers = {}) {
    const plain = typeof body === "string" || Buffer.isBuffer(body);
    this.response.writeHead(status, { "content-type": plain ? "text/plain" : "application/json", "x-request-id": "req_fault_1", ...this.cors(status), ...headers });
    this.response.end(plain ? body : JSON.stringify(body));
  }

  /** OpenAI's shape of an error. */
  error(status, { message, type = "invalid_request_error", code = null, param = null }, headers) {
    this.answer(status, { error: { message, type, param, code } }, headers);
  }

  cors(status) {
    if (this.open === "none" || (this.open === "errors" && status >= 400)) return {};
    return { "access-control-allow-origin": "*", "access-control-expose-headers": this.open === "stock" ? "content-type, content-length" : "*" };
  }

  /** The head of a stream, at once. */
  begin(headers = {}) {
    this.response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache", "x-request-id": "req_fault_1", ...this.cors(200), ...headers });
    this.response.socket?.setNoDelay(true);
    this.response.flushHeaders();
  }

  async write(bytes, ms = 4) {
    if (this.response.destroyed) return;
    this.response.write(bytes);
    this.record.firstByteAt ??= performance.now();
    if (ms > 0) await wait(ms);
  }

  /** A chunk as OpenAI sends it, without its framing. */
  chunk(delta, finish = null, more = {}) {
    return { id: "chatcmpl-fault", object: "chat.completion.chunk", created: 1_795_000_000, model: this.model, system_fingerprint: "fp_fault",
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...(this.wantsUsage ? { usage: null } : {}), ...more };
  }

  async event(value, ms) {
    await this.write(sse(value), ms);
  }

  /** The head, then the first `count` pieces of the text. */
  async say(count = pieces.length, headers = {}) {
    this.begin(headers);
    await this.event(this.chunk({ role: "assistant", content: "" }));
    for (const piece of pieces.slice(0, count)) await this.event(this.chunk({ content: piece }));
  }

  finish(reason = "stop") {
    return this.event(this.chunk({}, reason));
  }

  async usage() {
    if (this.wantsUsage) await this.event({ ...this.chunk({}), choices: [], usage: USAGE });
  }

  async done() {
    await this.write(sse("[DONE]"), 0);
    this.response.end();
  }

  /** A whole answer. */
  async whole() {
    await this.say();
    await this.finish();
    await this.usage();
    await this.done();
  }

  /** A whole answer that was not streamed. */
  completion(more = {}) {
    return { id: "chatcmpl-fault", object: "chat.completion", created: 1_795_000_000, model: this.model,
      choices: [{ index: 0, message: { role: "assistant", content: TEXT, refusal: null }, logprobs: null, finish_reason: "stop" }], usage: USAGE, ...more };
  }

  end() {
    this.response.end();
  }

  /** The connection is closed in the middle of things. What the browser has not handed over by then
   * is lost to every reader: hence the pause. */
  async cut() {
    await wait(PAUSE);
    this.response.destroy();
  }

  /** The connection is reset. */
  async reset() {
    await wait(PAUSE);
    this.request.socket.resetAndDestroy();
  }

  /** Nothing more, until the other side has enough of it. */
  async stall() {
    await new Promise((resolve) => { this.response.once("close", resolve); });
  }

  /** Bytes on the bare connection, for what no HTTP library would send. */
  async raw(text, end = "cut", last = "") {
    const { socket } = this.request;
    socket.write(text);
    await wait(PAUSE);
    if (last !== "") socket.write(last);
    if (end === "cut") socket.destroy();
    if (end === "end") socket.end();
  }
}

function preflight(request, response, open) {
  if (open === "none") return response.writeHead(204).end();
  const asked = request.headers["access-control-request-headers"] ?? "";
  response.writeHead(204, {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "POST, GET",
    "access-control-allow-headers": open === "strict" ? "authorization, content-type" : asked,
    "access-control-max-age": "600",
  });
  return response.end();
}

/** Starts it on `ports` free ports of loopback (a browser opens six connections to each). `seen`
 * lists the requests as they came: `{ run, name, attempt, headers, body, startedAt, firstByteAt,
 * goneAt, finished }`, times of `performance.now()`. `goneAt` is when the other side left. */
export async function startUpstream({ ports = 1, port = 0 } = {}) {
  const seen = [];
  const scripts = new Map([...faults, ...loads].map((script) => [script.name, script]));
  const attempts = new Map();
  let [busy, busiest] = [0, 0];

  async function handle(request, response) {
    const open = request.url.split("/")[1];
    if (request.method === "OPTIONS") return preflight(request, response, open);
    const parts = [];
    for await (const part of request) parts.push(part);
    const text = Buffer.concat(parts).toString("utf8");
    const body = text === "" ? {} : JSON.parse(text);
    const [asked, run = "none"] = String(body.model ?? "ok").split("/").at(-1).split("~");
    // A page that names real models asks for a script in its prompt.
    const name = scripts.has(asked) ? asked : (/fault\/([\w-]+)/.exec(JSON.stringify(body.messages ?? ""))?.[1] ?? asked);
    const before = attempts.get(run) ?? { count: 0, firstAt: performance.now() };
    const attempt = before.count + 1;
    attempts.set(run, { ...before, count: attempt });
    const record = { run, name, attempt, url: request.url, headers: request.headers, body, startedAt: performance.now(), firstByteAt: null, goneAt: null, finished: false, sinceFirstMs: performance.now() - before.firstAt };
    seen.push(record);
    busy += 1;
    busiest = Math.max(busiest, busy);
    response.on("close", () => {
      busy -= 1;
      record.goneAt = performance.now();
      record.finished = response.writableFinished;
    });
    const wire = new Wire(request, response, body, record, open);
    const script = scripts.get(name);
    if (script === undefined) return wire.error(404, { message: `no script ${name}`, code: "model_not_found" });
    return script.play(wire);
  }

  const servers = [];
  for (let index = 0; index < ports; index += 1) {
    const server = http.createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
      handle(request, response).catch((trouble) => {
        if (!response.destroyed) response.destroy();
        if (!["ECONNRESET", "EPIPE", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"].includes(trouble.code)) console.error("upstream:", trouble);
      });
    });
    server.on("clientError", (_, socket) => socket.destroy());
    await new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(index === 0 ? port : 0, "127.0.0.1", resolve);
    });
    servers.push(server);
  }
  const origins = servers.map((server) => `http://127.0.0.1:${server.address().port}`);
  return {
    origins,
    url: `${origins[0]}/open/v1`,
    seen,
    /** The most requests that were answered at the same time. */
    busiest: () => busiest,
    /** The requests of one run. */
    of: (run) => seen.filter((record) => record.run === run),
    async stop() {
      await Promise.all(servers.map((server) => new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      })));
    },
  };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const upstream = await startUpstream({ port: Number(process.argv[2] ?? 9901) });
  console.log(`upstream: ${upstream.url}\n${[...faults, ...loads].map((fault) => `  fault/${fault.name.padEnd(26)} ${fault.what}`).join("\n")}`);
}
