// Streams that begin well: how they end, and what breaks in the middle.
import { pieces } from "./text.mjs";
import { broke, completed, errored, fault, truncated } from "./expect.mjs";

/** How many pieces have come when it breaks. */
const PART = 4;
const trouble = { message: "The server had an error while it wrote this answer.", type: "server_error", param: null, code: "server_error" };
const body = (wire, delta) => `data: ${JSON.stringify(wire.chunk(delta))}\n\n`;
const unfinished = /without a finish_reason/;
/** LiteLLM writes a finish_reason, usage and [DONE] behind any clean end: nothing can be noticed behind it. */
const litellmFinishes = { ending: "completed", kind: undefined, reason: undefined, why: "LiteLLM makes a finished answer of any clean end" };
/** LiteLLM puts what went wrong into words of its own, as an error in the stream. */
const litellmTells = { kind: "server", why: "LiteLLM tells it as an error of its own" };
/** Portkey makes a clean end of a cut connection. */
const portkeyCloses = { ending: "truncated", kind: undefined, reason: unfinished, why: "Portkey makes a clean end of a cut connection" };

export const endings = [
  fault("ok", "nothing: a whole stream", (wire) => wire.whole(), completed({ usage: true })),
  fault("no-done", "finish_reason, then a clean end without [DONE]", async (wire) => {
    await wire.say();
    await wire.finish();
    await wire.usage();
    wire.end();
  }, completed({ usage: true })),
  fault("no-usage", "finish_reason and [DONE], no usage", async (wire) => {
    await wire.say();
    await wire.finish();
    await wire.done();
  }, completed()),
  fault("no-finish", "a clean end in the middle, no finish_reason, no [DONE]", async (wire) => {
    await wire.say(PART);
    wire.end();
  }, truncated("part", unfinished), { litellm: litellmFinishes }),
  fault("done-no-finish", "[DONE] in the middle, no finish_reason", async (wire) => {
    await wire.say(PART);
    await wire.done();
  }, truncated("part", unfinished), { litellm: litellmFinishes }),
  fault("length", "finish_reason length", async (wire) => {
    await wire.say(PART);
    await wire.finish("length");
    await wire.usage();
    await wire.done();
  }, truncated("part", /limit of tokens/)),
  fault("content-filter", "finish_reason content_filter", async (wire) => {
    await wire.say(PART);
    await wire.finish("content_filter");
    await wire.done();
  }, truncated("part", /content filter/)),
  fault("finish-unknown", "a finish_reason nobody knows", async (wire) => {
    await wire.say(PART);
    await wire.finish("interrupted");
    await wire.done();
  }, truncated("part", /interrupted/), { litellm: litellmFinishes }),
  fault("finish-error", "finish_reason error, and nothing else is said", async (wire) => {
    await wire.say(PART);
    await wire.finish("error");
    await wire.done();
  }, broke("server")),
  fault("length-then-error", "finish_reason length twice, then an error, then [DONE]", async (wire) => {
    await wire.say(PART);
    await wire.finish("length");
    await wire.finish("length");
    await wire.event({ ...wire.chunk({ content: "" }, "error"), error: { code: 502, message: "Provider disconnected" } });
    await wire.done();
  }, broke("server")),
  fault("error-event", "an error as data, then the end", async (wire) => {
    await wire.say(PART);
    await wire.event({ error: trouble });
    wire.end();
  }, broke("server")),
  fault("error-then-done", "an error as data, then [DONE]", async (wire) => {
    await wire.say(PART);
    await wire.event({ error: trouble });
    await wire.done();
  }, broke("server")),
  fault("error-in-chunk", "an error beside choices, finish_reason error, [DONE]", async (wire) => {
    await wire.say(PART);
    await wire.event({ ...wire.chunk({ content: "" }, "error"), error: { code: 429, message: "Rate limit" } });
    await wire.done();
  }, broke("rate_limit")),
  fault("error-named", "event: error", async (wire) => {
    await wire.say(PART);
    await wire.write('event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n');
    wire.end();
  }, broke("overloaded")),
  fault("error-named-bare", "event: error with a plain text", async (wire) => {
    await wire.say(PART);
    await wire.write("event: error\ndata: upstream hung up\n\n");
    wire.end();
  }, broke("server")),
  fault("error-text", "an error that is a text", async (wire) => {
    await wire.say(PART);
    await wire.event({ error: "upstream timed out" });
    wire.end();
  }, broke("timeout"), { litellm: litellmTells }),
  fault("key-in-stream", "an error in the middle that repeats the key", async (wire) => {
    await wire.say(PART);
    await wire.event({ error: { message: `the upstream refused ${wire.request.headers.authorization}`, type: "server_error" } });
    wire.end();
  }, broke("server")),
  fault("error-after-finish", "an error after finish_reason stop", async (wire) => {
    await wire.say();
    await wire.finish();
    await wire.event({ error: trouble });
    await wire.done();
  }, broke("server", "whole")),
  fault("error-first", "200, and the first event is an error", async (wire) => {
    wire.begin();
    await wire.event({ error: { message: "Provider overloaded", type: "server_error", code: 503 } });
    wire.end();
  }, errored("overloaded", undefined, 2)),
  fault("error-first-quota", "200, and the first event is an exhausted quota", async (wire) => {
    wire.begin();
    await wire.event({ error: { message: "You exceeded your current quota", code: "insufficient_quota" } });
    wire.end();
  }, errored("quota")),
  fault("error-null", "error: null in every chunk is no error", async (wire) => {
    wire.begin();
    for (const piece of pieces) await wire.event(wire.chunk({ content: piece }, null, { error: null }), 1);
    await wire.finish();
    await wire.done();
  }, completed()),
  fault("bad-json", "a chunk of broken JSON in the middle, and the answer goes on", async (wire) => {
    await wire.say(PART);
    await wire.write('data: {"id":"chatcmpl-fault","choices":[{"ind\n\n');
    for (const piece of pieces.slice(PART)) await wire.event(wire.chunk({ content: piece }));
    await wire.finish();
    await wire.done();
  }, broke("protocol"), { litellm: litellmTells }),
  fault("bad-text", "an event of plain text in the middle", async (wire) => {
    await wire.say(PART);
    await wire.write("data: <html>502 Bad Gateway</html>\n\n");
    wire.end();
  }, broke("protocol"), { litellm: litellmTells }),
  fault("cut-before-body", "the head of a stream, then the connection is closed", async (wire) => {
    wire.begin();
    await wire.cut();
  }, errored("network", undefined, 2), { litellm: { ...litellmTells, status: 500 }, portkey: { kind: "protocol", attempts: 1, why: portkeyCloses.why } }),
  fault("cut-before-content", "closed after the chunk with the role", async (wire) => {
    await wire.say(0);
    await wire.cut();
  }, errored("network", undefined, 2), { litellm: litellmTells, portkey: { ...portkeyCloses, attempts: 1 } }),
  fault("cut-between", "closed between two events", async (wire) => {
    await wire.say(PART);
    await wire.cut();
  }, broke("network"), { portkey: portkeyCloses, litellm: litellmTells }),
  fault("cut-in-event", "closed within an event", async (wire) => {
    await wire.say(PART);
    await wire.write(body(wire, { content: "lost" }).slice(0, 60));
    await wire.cut();
  }, broke("network"), { portkey: portkeyCloses, litellm: litellmTells }),
  fault("cut-before-blank", "closed after an event's line, before its blank line", async (wire) => {
    await wire.say(PART - 1);
    await wire.write(body(wire, { content: pieces[PART - 1] }).slice(0, -1));
    await wire.cut();
  }, broke("network"), { portkey: { ...portkeyCloses, text: "The fare bef" }, litellm: { ...litellmTells, text: "The fare bef" } }),
  fault("cut-in-character", "closed within a character of several bytes", async (wire) => {
    await wire.say(PART);
    const bytes = Buffer.from(body(wire, { content: "🚂" }));
    await wire.write(bytes.subarray(0, bytes.indexOf(0xf0) + 2));
    await wire.cut();
  }, broke("network"), { portkey: portkeyCloses, litellm: litellmTells }),
  fault("cut-after-finish", "closed after finish_reason, before usage and [DONE]", async (wire) => {
    await wire.say();
    await wire.finish();
    await wire.cut();
  }, broke("network", "whole"), { portkey: { ...portkeyCloses, ending: "completed", reason: undefined }, litellm: litellmFinishes }),
  fault("cut-after-usage", "closed after usage, before [DONE]", async (wire) => {
    await wire.say();
    await wire.finish();
    await wire.usage();
    await wire.cut();
  }, broke("network", "whole"), { portkey: { ...portkeyCloses, ending: "completed", reason: undefined }, litellm: litellmFinishes }),
  fault("cut-after-done", "[DONE], and the connection is closed without its end", async (wire) => {
    await wire.say();
    await wire.finish();
    await wire.usage();
    await wire.write("data: [DONE]\n\n");
    await wire.cut();
  }, completed({ usage: true })),
  fault("reset-between", "reset between two events", async (wire) => {
    await wire.say(PART);
    await wire.reset();
  }, broke("network"), { portkey: portkeyCloses, litellm: litellmTells }),
  fault("end-in-event", "a clean end within an event", async (wire) => {
    await wire.say(PART);
    await wire.write(body(wire, { content: "lost" }).slice(0, 60));
    wire.end();
  }, truncated("part", unfinished), { litellm: litellmFinishes }),
  fault("end-in-character", "a clean end within a character of several bytes", async (wire) => {
    await wire.say(PART);
    const bytes = Buffer.from(body(wire, { content: "🚂" }));
    await wire.write(bytes.subarray(0, bytes.indexOf(0xf0) + 2));
    wire.end();
  }, truncated("part", unfinished), { litellm: { ...litellmTells, ending: "errored", reason: undefined } }),
  fault("end-before-blank", "a clean end after the last event's line, without its blank line", async (wire) => {
    await wire.say();
    await wire.write(`data: ${JSON.stringify(wire.chunk({}, "stop"))}`);
    wire.end();
  }, completed()),
  fault("refusal", "the model declines, in its own field", async (wire) => {
    wire.begin();
    await wire.event(wire.chunk({ role: "assistant", refusal: "I can't " }));
    await wire.event(wire.chunk({ refusal: "help with that." }));
    await wire.finish();
    await wire.done();
  }, completed({ text: "none", refusal: "I can't help with that." }), { litellm: { refusal: "I can't ", why: "LiteLLM loses all but the first part of a refusal" } }),
];
