// Streams that are unusual and whole: nothing may be lost and nothing invented.
import { TEXT, USAGE, pieces } from "./text.mjs";
import { completed, fault } from "./expect.mjs";

/** The bytes of a whole stream, event by event. */
const events = (wire) => [
  ...pieces.map((piece) => JSON.stringify(wire.chunk({ content: piece }))),
  JSON.stringify(wire.chunk({}, "stop")),
  "[DONE]",
];

/** A stream framed otherwise. Gateways read it and write their own. */
const framed = (name, what, frame, more = {}) =>
  fault(name, what, async (wire) => {
    wire.begin();
    for (const [at, data] of events(wire).entries()) await wire.write(frame(data, at), 1);
    wire.end();
  }, completed(), more);

/** A stream of chunks of another shape. */
const shaped = (name, what, send, expect = completed(), more = {}) =>
  fault(name, what, async (wire) => {
    wire.begin();
    await send(wire);
    wire.end();
  }, expect, more);

const say = async (wire, delta = (piece) => ({ content: piece }), more = {}) => {
  for (const piece of pieces) await wire.event(wire.chunk(delta(piece), null, more), 1);
};
const close = async (wire) => {
  await wire.finish();
  await wire.write("data: [DONE]\n\n", 0);
};
const call = (index, fields) => ({ tool_calls: [{ index, ...fields }] });

export const shapes = [
  framed("crlf", "lines end with CR LF", (data) => `data: ${data}\r\n\r\n`),
  framed("cr", "lines end with CR", (data) => `data: ${data}\r\r`, { litellm: null, portkey: null }),
  framed("mixed", "all three line ends, mixed", (data, at) => `data: ${data}${["\n\n", "\r\n\r\n", "\r\r", "\n\r\n", "\r\n\n"][at % 5]}`, { litellm: null, portkey: null }),
  framed("no-space", "data: without a space", (data) => `data:${data}\n\n`),
  framed("named", "events with event, id and retry", (data, at) => `event: message\nid: ${at}\nretry: 5000\ndata: ${data}\n\n`),
  framed("comments", "comments between and inside events", (data) => `: keep-alive\n\n: inside\ndata: ${data}\n: behind\n\n`),
  framed("bom", "a byte order mark at the start", (data, at) => `${at === 0 ? "\uFEFF" : ""}data: ${data}\n\n`, { litellm: null, portkey: null }),
  framed("unknown-fields", "lines of unknown fields", (data) => `foo: bar\nbaz\ndata: ${data}\n\n`),
  framed("lines", "one event in several data lines", (data) => `data: ${data.replace('"choices"', '\ndata: "choices"')}\n\n`, { litellm: null, portkey: null }),
  framed("pings", "events named ping between the chunks", (data) => `event: ping\ndata: {"type":"ping"}\n\ndata: ${data}\n\n`, { litellm: null }),
  framed("done-no-space", "data:[DONE]", (data) => (data === "[DONE]" ? "data:[DONE]\n\n" : `data: ${data}\n\n`)),
  fault("slow-start", "comments for half a second before the first chunk", async (wire) => {
    wire.begin();
    for (let turn = 0; turn < 5; turn += 1) await wire.write(": OPENROUTER PROCESSING\n\n", 100);
    await say(wire);
    await close(wire);
    wire.end();
  }, completed()),
  fault("bytes-3", "cut every three bytes: through characters and line ends", async (wire) => {
    wire.begin();
    const bytes = Buffer.from(events(wire).map((data) => `data: ${data}\r\n\r\n`).join(""));
    for (let at = 0; at < bytes.length; at += 3) await wire.write(bytes.subarray(at, at + 3), at % 30 === 0 ? 1 : 0);
    wire.end();
  }, completed()),
  fault("not-utf8", "a byte that is no UTF-8 becomes U+FFFD", async (wire) => {
    wire.begin();
    const bytes = Buffer.from(`data: ${JSON.stringify(wire.chunk({ content: "a?b" }))}\n\n`);
    bytes[bytes.indexOf("?")] = 0xff;
    await wire.write(bytes);
    await close(wire);
    wire.end();
  }, completed({ text: "a\uFFFDb" }), { litellm: null }),
  fault("half-characters", "an emoji cut in two between chunks, as escapes", async (wire) => {
    wire.begin();
    const line = (half) => `data: ${JSON.stringify(wire.chunk({ content: "?" })).replace("?", half)}\n\n`;
    await wire.write(line("\\ud83d"));
    await wire.write(line("\\ude82"));
    await close(wire);
    wire.end();
  }, completed({ text: "🚂" }), { litellm: null }),
  shaped("usage-on-finish", "usage on the finishing chunk", async (wire) => {
    await say(wire);
    await wire.event(wire.chunk({}, "stop", { usage: USAGE }));
  }, completed({ usage: true })),
  shaped("usage-groq", "usage in x_groq", async (wire) => {
    await say(wire);
    await wire.event(wire.chunk({}, "stop", { usage: undefined, x_groq: { id: "req", usage: USAGE } }));
    await wire.write("data: [DONE]\n\n", 0);
  }, completed({ usage: true }), { litellm: { usage: undefined }, portkey: { usage: undefined } }),
  shaped("usage-everywhere", "usage that grows in every chunk: the last one counts", async (wire) => {
    for (const [at, piece] of pieces.entries()) await wire.event(wire.chunk({ content: piece }, null, { usage: { prompt_tokens: 9, completion_tokens: at, total_tokens: 9 + at } }), 1);
    await wire.event(wire.chunk({}, "stop", { usage: USAGE }));
    await wire.write("data: [DONE]\n\n", 0);
  }, completed({ usage: true })),
  shaped("usage-then-moderation", "a chunk of moderation after usage", async (wire) => {
    await say(wire);
    await wire.finish();
    await wire.event({ ...wire.chunk({}), choices: [], usage: USAGE });
    await wire.event({ ...wire.chunk({}), choices: [], usage: null, moderation: { flagged: false } });
    await wire.write("data: [DONE]\n\n", 0);
  }, completed({ usage: true }), { litellm: { usage: undefined } }),
  shaped("azure-first", "a first chunk without choices, with filter results", async (wire) => {
    await wire.event({ ...wire.chunk({}), choices: [], prompt_filter_results: [{ prompt_index: 0 }] });
    await say(wire);
    await close(wire);
  }),
  shaped("content-parts", "content as a list of parts", async (wire) => {
    await say(wire, (piece) => ({ content: [{ type: "text", text: piece }] }));
    await close(wire);
  }, completed(), { litellm: null }),
  shaped("reasoning", "reasoning beside the text", async (wire) => {
    await wire.event(wire.chunk({ reasoning: "Let me see. " }));
    await wire.event(wire.chunk({ reasoning: "So be it." }));
    await say(wire);
    await close(wire);
  }, completed({ reasoning: "Let me see. So be it." }), { litellm: { reasoning: undefined } }),
  shaped("reasoning-content", "reasoning_content beside the text", async (wire) => {
    await wire.event(wire.chunk({ reasoning_content: "Let me see." }));
    await say(wire);
    await close(wire);
  }, completed({ reasoning: "Let me see." })),
  shaped("reasoning-details", "reasoning_details beside the text", async (wire) => {
    await wire.event(wire.chunk({ reasoning_details: [{ type: "reasoning.text", text: "Let me see." }] }));
    await say(wire);
    await close(wire);
  }, completed({ reasoning: "Let me see." }), { litellm: { reasoning: undefined } }),
  shaped("tools", "two tool calls in parts, names repeated empty", async (wire) => {
    await wire.event(wire.chunk(call(0, { id: "call_1", type: "function", function: { name: "get_weather", arguments: "" } })));
    for (const part of ['{"city":"', "Zürich", '"}']) await wire.event(wire.chunk(call(0, { id: "", function: { name: "", arguments: part } })));
    await wire.event(wire.chunk(call(1, { id: "call_2", type: "function", function: { name: "get_time", arguments: "{}" } })));
    await wire.finish("tool_calls");
    await wire.write("data: [DONE]\n\n", 0);
  }, completed({ text: "none", tools: ['get_weather {"city":"Zürich"}', "get_time {}"] }), { litellm: null }),
  shaped("nulls", "nulls and unknown fields everywhere", async (wire) => {
    await say(wire, (piece) => ({ content: piece, role: null, tool_calls: null, function_call: null, refusal: null, audio: null, new_field: [1] }), { system_fingerprint: null, service_tier: null, usage: null, obfuscation: "abcd" });
    await wire.event(wire.chunk({ content: null, tool_calls: [] }, "stop"));
    await wire.write("data: [DONE]\n\n", 0);
  }),
  shaped("finish-with-content", "finish_reason on the chunk with the last text", async (wire) => {
    for (const [at, piece] of pieces.entries()) await wire.event(wire.chunk({ content: piece }, at === pieces.length - 1 ? "stop" : null), 1);
    await wire.write("data: [DONE]\n\n", 0);
  }),
  shaped("finish-twice", "finish_reason twice", async (wire) => {
    await say(wire);
    await wire.finish();
    await close(wire);
  }),
  shaped("few-fields", "chunks with the fewest fields", async (wire) => {
    for (const piece of pieces) await wire.event({ choices: [{ delta: { content: piece } }] }, 1);
    await wire.event({ choices: [{ delta: {}, finish_reason: "stop" }] });
  }, completed(), { litellm: null, portkey: null }),
  shaped("list-of-chunks", "events that hold lists of chunks", async (wire) => {
    await wire.event([wire.chunk({ content: TEXT.slice(0, 20) }), wire.chunk({ content: TEXT.slice(20) })]);
    await close(wire);
  }, completed(), { litellm: null, portkey: null }),
];
