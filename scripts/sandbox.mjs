// The sandbox gateway: an OpenAI-compatible server on loopback that answers any prompt for any
// model name, so that the page can be tried without a key, an account or a cent. aimock speaks the
// wire (so the client meets a server that others wrote); this file decides what is said and how fast.
//
// Its answers say in their first line what they are. Its usage figures are its own rough count, so
// they stand for "a bill that somebody else wrote", not for any provider's tokenizer.
//
// Troubles on purpose: ask for model "sandbox/NAME", or begin the prompt with "sandbox: NAME".
//   rate-limited   429 with Retry-After: 2, every time
//   overloaded     503, every time
//   no-credit      429 insufficient_quota: never worth a retry
//   wrong-key      401
//   cut            the connection is cut in the middle of the answer
//   length         ends with finish_reason "length"
//   filtered       ends with finish_reason "content_filter"
//   slow           four seconds of silence before the first piece
//   html           answers in HTML that would run a script if a page let it
//
// Alone: node scripts/sandbox.mjs [port]

import { pathToFileURL } from "node:url";

/** Names of `GET /v1/models`. Any other name is answered too. */
export const MODELS = [
  "claude-opus-4",
  "claude-sonnet-4",
  "claude-opus-5-5",
  "claude-sonnet-5-5",
  "claude-haiku-5-5",
  "gpt-5",
  "gpt-5-mini",
  "gpt-4o-mini",
  "gemini-2.5-flash",
];

/** Milliseconds to the first piece and pieces per second, by the size a name suggests. Plausible, not
 * measured: they only make the page feel like the real thing. */
const PACES = [
  { names: /haiku|mini|nano|flash|luna|lite/i, profile: { ttft: 240, tps: 110, jitter: 0.5 } },
  { names: /opus|pro\b|fable|mythos|ultra/i, profile: { ttft: 820, tps: 45, jitter: 0.5 } },
  { names: /./, profile: { ttft: 430, tps: 75, jitter: 0.5 } },
];

/** Characters per piece, about one token of English. */
const PIECE = 5;

const PARAGRAPHS = [
  "A real model would first say what it takes the question to mean, because half of a good answer is agreeing on the question. It would then give the short version, so that a hurried reader can stop early.",
  "After that comes the part that costs money: the working. Every sentence here is output, and output is priced several times higher than input on most models. Watch the receipt below when this answer ends.",
  "There is usually one example that carries the whole idea. It is small, it is concrete, and it fails in an instructive way when one piece of it is changed.",
  "Two things often go wrong. The first is an assumption nobody wrote down. The second is a number without its unit. Both are cheap to check and expensive to miss.",
  "If the question allows more than one answer, the honest reply names the alternatives and says what would decide between them, instead of picking one in silence.",
  "What remains uncertain should be said in plain words at the end, together with the next step that would settle it.",
];

const CODE = "```js\n// the shape of an answer with code in it\nfunction firstWords(text, count) {\n  return text.trim().split(/\\s+/).slice(0, count).join(\" \");\n}\n```";

const HTML = "Sandbox: <b>not bold</b> <img src=x onerror=\"document.title='run'\"> <script>document.title='run'</script> and the text goes on.";

/** The plain text of a message's content. */
function textOf(content) {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => (part?.type === "text" ? String(part.text) : "")).join(" ");
}

/** A rough token count: words by their length, other scripts and signs one by one. */
export function roughTokens(text) {
  let tokens = 0;
  for (const [piece] of text.matchAll(/[\p{Script=Latin}\d]+|\s+|[^\s]/gu)) {
    if (/^\s/u.test(piece)) tokens += piece.includes("\n") ? 1 : 0;
    else tokens += Math.ceil(piece.length / 6);
  }
  return tokens;
}

const messages = (request) => (Array.isArray(request.messages) ? request.messages : []);

/** What was asked last. */
const promptOf = (request) => textOf(messages(request).filter((message) => message.role === "user").at(-1)?.content);

function requestTokens(request) {
  let tokens = 3;
  for (const message of messages(request)) {
    tokens += 4 + roughTokens(textOf(message.content));
    const parts = Array.isArray(message.content) ? message.content : [];
    tokens += parts.filter((part) => part?.type === "image_url").length * 1000;
  }
  return tokens;
}

/** A small seeded generator (mulberry32), so that the same prompt gets the same answer. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function seedOf(text) {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash;
}

/** The prompt's first words for quoting. Characters beyond the basic plane are left out: aimock
 * cuts text into pieces by UTF-16 units and would cut an emoji in two. */
function quoted(prompt) {
  const plain = prompt.replace(/[\u{10000}-\u{10ffff}\ud800-\udfff]/gu, "").replace(/\s+/g, " ").trim();
  return plain.length > 90 ? `${plain.slice(0, 89).trimEnd()}…` : plain;
}

/** The sandbox's answer to a request. */
export function answerTo(request) {
  const prompt = promptOf(request);
  const draw = random(seedOf(`${request.model}\n${prompt}`));
  const asked = quoted(prompt);
  const lines = [
    `[Sandbox answer in the name of ${request.model}: no model has read the prompt, nothing is charged, and the usage is the sandbox's own rough count.]`,
    asked === "" ? "There was no text in the prompt." : `You asked: “${asked}”`,
  ];
  const order = PARAGRAPHS.map((text) => ({ text, at: draw() })).sort((a, b) => a.at - b.at);
  const wanted = 2 + Math.floor(draw() * 3);
  for (const { text } of order.slice(0, wanted)) lines.push(text);
  if (/\b(code|function|program|script|rust|python|javascript|sql|bug|regex)\b/i.test(prompt)) lines.splice(3, 0, CODE);
  return lines.join("\n\n");
}

/** What is said to a request: text, usage, and why it ends. */
function respond(request) {
  let content = answerTo(request);
  let finishReason = "stop";
  const limit = request.max_completion_tokens ?? request.max_tokens;
  if (Number.isInteger(limit) && limit > 0 && roughTokens(content) > limit) {
    // Nearest cut from below; about four characters per token, then word by word.
    content = content.slice(0, limit * 8);
    while (roughTokens(content) > limit) content = content.slice(0, content.lastIndexOf(" ", content.length - 2));
    finishReason = "length";
  }
  return {
    content,
    finishReason,
    usage: { prompt_tokens: requestTokens(request), completion_tokens: roughTokens(content) },
  };
}

/** The troubles of the list at the top. */
function troubles() {
  const refuse = (status, type, code, message, more = {}) => ({ error: { message: `Sandbox: ${message}`, type, code }, status, ...more });
  const steady = { streamingProfile: PACES.at(-1).profile };
  const short = (request, finishReason) => ({ ...respond({ ...request, max_tokens: 60 }), finishReason });
  return [
    { name: "rate-limited", response: refuse(429, "rate_limit_error", "rate_limit_exceeded", "too many requests, try again in 2 s.", { retryAfter: 2 }) },
    { name: "overloaded", response: refuse(503, "server_error", "overloaded", "the model is overloaded.") },
    { name: "no-credit", response: refuse(429, "insufficient_quota", "insufficient_quota", "the account has no credit left.") },
    { name: "wrong-key", response: refuse(401, "authentication_error", "invalid_api_key", "the key is not valid.") },
    { name: "cut", response: respond, options: { streamingProfile: { ttft: 400, tps: 12 }, chunkSize: 24, truncateAfterChunks: 9 } },
    { name: "length", response: (request) => short(request, "length"), options: steady },
    { name: "filtered", response: (request) => short(request, "content_filter"), options: steady },
    { name: "slow", response: respond, options: { streamingProfile: { ttft: 4000, tps: 60 } } },
    { name: "html", response: { content: HTML }, options: steady },
  ];
}

/** Starts the sandbox gateway. `port` 0 takes a free one. */
export async function startSandbox({ port = 0 } = {}) {
  const { LLMock } = await import("@copilotkit/aimock");
  const mock = new LLMock({ host: "127.0.0.1", port, chunkSize: PIECE, logLevel: "silent", journalMaxEntries: 8 });

  for (const { name, response, options } of troubles()) {
    const asked = new RegExp(`^\\s*sandbox: *${name}\\b`, "i");
    mock.on({ model: `sandbox/${name}` }, response, options);
    mock.on({ endpoint: "chat", predicate: (request) => asked.test(promptOf(request)) }, response, options);
  }
  for (const model of MODELS) mock.on({ model }, respond, { streamingProfile: PACES.find((pace) => pace.names.test(model)).profile });
  for (const { names, profile } of PACES) mock.on({ model: names, endpoint: "chat" }, respond, { streamingProfile: profile });

  await mock.start();
  return { url: `http://127.0.0.1:${mock.port}/v1`, stop: () => mock.stop() };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const sandbox = await startSandbox({ port: Number(process.argv[2] ?? 4010) });
  console.log(`sandbox gateway: ${sandbox.url}`);
}
