// Status 200, and no stream: an error, an answer in one go, or nothing that can be used.
import { constants, createGzip, gzipSync } from "node:zlib";
import { TEXT, pieces } from "./text.mjs";
import { broke, completed, errored, fault, truncated } from "./expect.mjs";

const json = { "content-type": "application/json" };
const html = { "content-type": "text/html" };
const sse = (wire) => {
  const chunks = [wire.chunk({ role: "assistant", content: "" }), wire.chunk({ content: TEXT }), wire.chunk({}, "stop")];
  return `${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("")}data: [DONE]\n\n`;
};

/** Between the page and the upstream only: a gateway unpacks it. */
const own = { litellm: null, portkey: null };

/** LiteLLM makes a finished answer without text, and without usage, of whatever is no stream. */
const emptied = { ending: "completed", kind: undefined, attempts: 1, text: "none", reason: undefined, says: undefined, why: "LiteLLM makes a finished, empty answer of whatever is no stream" };

/** The beginning of a compressed stream. */
async function compressed(wire) {
  wire.begin({ "content-encoding": "gzip" });
  const gzip = createGzip();
  gzip.on("data", (bytes) => wire.response.write(bytes));
  for (const piece of pieces.slice(0, 4)) gzip.write(`data: ${JSON.stringify(wire.chunk({ content: piece }))}\n\n`);
  return { flushed: () => new Promise((resolve) => gzip.flush(constants.Z_SYNC_FLUSH, resolve)) };
}

export const bodies = [
  fault("null-200", "200 with null (what LiteLLM makes of a 422)", (wire) => wire.answer(200, "null", json), errored("protocol"), { litellm: emptied }),
  fault("error-200", "200 with an error object, code 502", (wire) => wire.answer(200, { error: { message: "Provider returned error", code: 502 } }), errored("server", undefined, 2), { litellm: emptied }),
  fault("quota-200", "200 with an error object: quota", (wire) => wire.answer(200, { error: { message: "no credit", code: "insufficient_quota" } }), errored("quota"), { litellm: emptied }),
  fault("error-text-200", "200 with an error that is a text", (wire) => wire.answer(200, { error: "Incorrect API key" }), errored("authentication"), { litellm: emptied }),
  fault("error-and-choices-200", "200 with an error beside empty choices", (wire) => wire.answer(200, { choices: [], error: { message: "Overloaded", type: "overloaded_error" } }), errored("overloaded", undefined, 2), { litellm: emptied }),
  fault("json-200", "the whole answer as JSON", (wire) => wire.answer(200, wire.completion()), completed(), { litellm: emptied }),
  fault("json-as-stream", "the whole answer as JSON under text/event-stream", (wire) => wire.answer(200, JSON.stringify(wire.completion()), { "content-type": "text/event-stream" }), completed(), { litellm: emptied }),
  fault("json-length", "the whole answer as JSON, finish_reason length", (wire) => {
    const body = wire.completion();
    body.choices[0].finish_reason = "length";
    wire.answer(200, body);
  }, truncated("whole", /limit of tokens/), { litellm: emptied }),
  fault("json-other", "JSON that is no answer", (wire) => wire.answer(200, { status: "ok", version: "1.2.3" }), errored("protocol"), { litellm: emptied }),
  fault("json-broken", "JSON that breaks off", (wire) => wire.answer(200, '{"id":"x","choices":[{"index":0,"mess', json), errored("protocol"), { litellm: emptied }),
  fault("html-200", "a page of HTML (a captive portal, a login)", (wire) => wire.answer(200, "<!doctype html><title>Sign in</title><p>Please sign in", html), errored("protocol", undefined, 1, { says: /Sign in/ }), { litellm: emptied }),
  fault("html-as-stream", "HTML under text/event-stream", (wire) => wire.answer(200, "<!doctype html><title>Sign in</title>", { "content-type": "text/event-stream" }), errored("protocol"), { litellm: emptied }),
  fault("text-200", "plain text", (wire) => wire.answer(200, "upstream is warming up"), errored("protocol"), { litellm: emptied }),
  fault("empty-200", "an empty body", (wire) => wire.answer(200, "", { "content-type": "text/event-stream" }), errored("protocol"), { litellm: emptied }),
  fault("empty-204", "204 without a body", (wire) => { wire.response.writeHead(204, wire.cors(204)).end(); }, errored("protocol"), { litellm: emptied }),
  fault("comments-only", "a stream of comments and nothing else", async (wire) => {
    wire.begin();
    for (let turn = 0; turn < 3; turn += 1) await wire.write(": waiting\n\n");
    wire.end();
  }, errored("protocol"), { litellm: emptied }),
  fault("done-only", "a stream of [DONE] and nothing else", (wire) => { wire.begin(); return wire.done(); }, truncated("none", /without a finish_reason/), { litellm: emptied }),
  fault("stream-as-json", "a stream under application/json", (wire) => wire.answer(200, sse(wire), json), completed()),
  fault("stream-as-html", "a stream under text/html", (wire) => wire.answer(200, sse(wire), html), completed()),
  fault("stream-as-nothing", "a stream without a content type", (wire) => {
    wire.response.writeHead(200, wire.cors(200));
    wire.response.end(sse(wire));
  }, completed()),
  fault("stream-gzip", "a compressed stream", (wire) => wire.answer(200, gzipSync(sse(wire)), { "content-type": "text/event-stream", "content-encoding": "gzip" }), completed()),
  fault("stream-gzip-cut", "a compressed stream, cut in the middle", async (wire) => {
    const zip = await compressed(wire);
    await zip.flushed();
    await wire.cut();
  }, broke("network"), own),
  fault("stream-gzip-end", "a compressed stream that ends in the middle, cleanly", async (wire) => {
    const zip = await compressed(wire);
    await zip.flushed();
    wire.end();
  }, truncated("part", /without a finish_reason/), own),
  fault("stream-not-gzip", "a stream that says it is compressed and is not", (wire) => wire.answer(200, sse(wire), { "content-type": "text/event-stream", "content-encoding": "gzip" }),
    errored("network", undefined, 2), own),
];
