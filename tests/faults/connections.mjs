// The network itself: silence, refusals, origins, and frames that break.
import { TEXT, pieces } from "./text.mjs";
import { broke, completed, errored, fault, truncated } from "./expect.mjs";

const PART = 4;
const soon = { firstByteMs: 1500, idleMs: 1500 };
const own = { litellm: null, portkey: null };
const head = (wire, more) => `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n${Object.entries(wire.cors(200)).map(([name, value]) => `${name}: ${value}\r\n`).join("")}${more}\r\n`;
const part = (wire) => pieces.slice(0, PART).map((piece) => `data: ${JSON.stringify(wire.chunk({ content: piece }))}\n\n`).join("");
const last = (wire) => `data: ${JSON.stringify(wire.chunk({}, "stop"))}\n\ndata: [DONE]\n\n`;
const framed = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const MB = 1_048_576;

export const connections = [
  fault("stall-before-head", "silence before the head", (wire) => wire.stall(), errored("timeout", undefined, 2), { timeouts: soon, ...own }),
  fault("stall-before-content", "silence after the head", (wire) => { wire.begin(); return wire.stall(); }, errored("timeout", undefined, 2), { timeouts: soon, ...own }),
  fault("stall-between", "silence in the middle", async (wire) => {
    await wire.say(PART);
    return wire.stall();
  }, broke("timeout"), { timeouts: soon, ...own }),
  fault("stall-after-finish", "silence after finish_reason", async (wire) => {
    await wire.say();
    await wire.finish();
    return wire.stall();
  }, broke("timeout", "whole"), { timeouts: soon, ...own }),
  fault("stall-after-done", "[DONE], and the connection stays open", async (wire) => {
    await wire.say();
    await wire.finish();
    await wire.usage();
    await wire.write("data: [DONE]\n\n");
    return wire.stall();
  }, completed({ usage: true }), { timeouts: soon, ...own }),
  fault("comments-forever", "comments keep the connection alive, and nothing comes", async (wire) => {
    wire.begin();
    while (!wire.response.destroyed) await wire.write(": waiting\n\n", 50);
  }, errored("timeout", undefined, 2), { timeouts: { idleMs: 1500, totalMs: 3000 }, ...own }),
  fault("hang-up", "the connection is closed before an answer", (wire) => { wire.request.socket.destroy(); }, errored("network", undefined, 2, { repeated: true }),
    { proxy: { kind: "server", status: 502 }, litellm: { kind: "server", status: 500 }, portkey: { kind: "server", status: 500 } }),
  fault("reset-first", "the connection is reset before an answer", (wire) => wire.reset(), errored("network", undefined, 2, { repeated: true }),
    { proxy: { kind: "server", status: 502 }, litellm: { kind: "server", status: 500 }, portkey: { kind: "server", status: 500 } }),
  fault("not-http", "bytes that are no HTTP", (wire) => wire.raw("SSH-2.0-OpenSSH_9.6\r\n"), errored("network", undefined, 2, { repeated: true }), { proxy: { kind: "server", status: 502 }, ...own }),
  fault("length-too-long", "content-length says more than comes", (wire) => wire.raw(`${head(wire, "Content-Length: 90000\r\n")}${part(wire)}`), broke("network"), own),
  fault("length-too-short", "content-length ends in the middle of the answer", (wire) => {
    const kept = part(wire);
    return wire.raw(`${head(wire, `Content-Length: ${Buffer.byteLength(kept)}\r\n`)}${kept}${last(wire)}`, "end");
  }, truncated("part", /without a finish_reason/), { proxy: null, ...own }),
  fault("length-missing", "no length at all, closed in the middle", (wire) => wire.raw(`${head(wire, "Connection: close\r\n")}${part(wire)}`, "end"), truncated("part", /without a finish_reason/), own),
  fault("chunks-broken", "chunked framing that breaks", (wire) => wire.raw(`${head(wire, "Transfer-Encoding: chunked\r\n")}${framed(part(wire))}`, "end", "zz\r\n"), broke("network"), own),
  fault("redirect-away", "a redirect to another origin", (wire) => {
    const port = wire.request.headers.host.split(":").at(-1);
    wire.answer(307, "", { location: `http://localhost:${port}${wire.request.url}?again` });
  }, errored("protocol"), { proxy: { kind: "server", status: 502, attempts: 2 }, ...own }),
  fault("redirect-home", "a redirect within the origin", (wire) => wire.answer(308, "", { location: `${wire.request.url}?again` }), errored("protocol"), { proxy: { kind: "server", status: 502, attempts: 2 }, ...own }),
  fault("cors-missing", "nothing is allowed across origins", (wire) => wire.whole(), errored("network", undefined, 2, { received: 0, says: /CORS/ }), { open: "none", proxy: { ...completed(), received: undefined, says: undefined, kind: undefined }, ...own }),
  fault("cors-on-success-only", "401 without CORS headers: the page sees no status", (wire) => wire.error(401, { message: "Incorrect API key", code: "invalid_api_key" }), errored("network", undefined, 2, { says: /CORS.*wrong key/ }), { open: "errors", proxy: { kind: "authentication", status: 401, attempts: 1, says: undefined }, ...own }),
  fault("cors-strict", "only Authorization and Content-Type are allowed in requests", (wire) => wire.whole(), completed({ usage: true }), { open: "strict", ...own }),
  fault("cors-hidden-wait", "429 with Retry-After, which the page cannot read; the words say it", (wire) =>
    (wire.attempt === 1 ? wire.error(429, { message: "Rate limit reached. Please try again in 900ms.", code: "rate_limit_exceeded" }, { "retry-after": "1" }) : wire.whole()), completed({ attempts: 2, waitMs: [850, 3500] }), { open: "stock", ...own }),
  fault("drip", "one byte at a time", async (wire) => {
    wire.begin();
    const bytes = Buffer.from(`${pieces.map((piece) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: piece } }] })}\n\n`).join("")}${last(wire)}`);
    for (let at = 0; at < bytes.length; at += 1) await wire.write(bytes.subarray(at, at + 1), at % 8 === 0 ? 1 : 0);
    wire.end();
  }, completed(), { litellm: null }),
  fault("line-endless", "one line of 20 MB that never ends", async (wire) => {
    await wire.say(PART);
    await wire.write('data: {"choices":[{"index":0,"delta":{"content":"');
    for (let sent = 0; sent < 20 * MB && !wire.response.destroyed; sent += MB) await wire.write("x".repeat(MB), 5);
    return wire.stall();
  }, broke("protocol", "part", { says: /16/ }), own),
  fault("lines-endless", "one event of 20 MB in lines that never end", async (wire) => {
    await wire.say(PART);
    for (let sent = 0; sent < 20 * MB && !wire.response.destroyed; sent += MB) await wire.write(`data: ${"x".repeat(1000)}\n`.repeat(1040), 5);
    return wire.stall();
  }, broke("protocol"), own),
  fault("event-1-mb", "one event of 1 MB", async (wire) => {
    await wire.say();
    await wire.event({ ...wire.chunk({}), padding: "x".repeat(MB) });
    await wire.finish();
    await wire.done();
  }, completed(), own),
  fault("event-17-mb", "one whole event of 17 MB", async (wire) => {
    await wire.say(PART);
    await wire.event({ ...wire.chunk({ content: "lost" }), padding: "x".repeat(17 * MB) });
    await wire.finish();
    await wire.done();
  }, broke("protocol"), { ...own, ourLimit: true }),
  fault("json-17-mb", "a whole answer of 17 MB as JSON", (wire) => wire.answer(200, { ...wire.completion(), padding: "x".repeat(17 * MB) }), errored("protocol"), { ...own, ourLimit: true }),
  fault("after-done", "more content after [DONE]", async (wire) => {
    await wire.say();
    await wire.finish();
    await wire.write("data: [DONE]\n\n");
    await wire.event(wire.chunk({ content: " and more" }));
    wire.end();
  }, completed(), own),
  fault("in-one-write", "all of the stream in one write", (wire) => {
    wire.begin();
    wire.response.end(`data: ${JSON.stringify(wire.chunk({ content: TEXT }))}\n\n${last(wire)}`);
  }, completed()),
];
