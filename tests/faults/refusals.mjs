// Errors with an HTTP status of their own, in every shape that gateways and providers give them. The
// shapes are from measurements and documentation; the words are ours, but for the marks by which a
// cause is known.
import { gzipSync } from "node:zlib";
import { errored, fault } from "./expect.mjs";

const html = (title) => `<!doctype html><html><head><title>${title}</title></head><body><center><h1>${title}</h1></center><hr><center>edge</center></body></html>`;
const type = (name) => ({ "content-type": name });

const keyOf = (wire) => (wire.request.headers.authorization ?? "").replace("Bearer ", "");

/** OpenAI's own shape, by status. */
const plain = [
  ["e400-parameter", 400, { message: "Invalid value for 'temperature': 9 is above the maximum of 2.", code: "invalid_value", param: "temperature" }, errored("invalid_request", 400, 1, { says: /temperature/ })],
  ["e401", 401, { message: "Incorrect API key provided.", code: "invalid_api_key" }, errored("authentication", 401)],
  ["e402", 402, { message: "This account has no credit.", type: "insufficient_quota", code: "insufficient_quota" }, errored("quota", 402)],
  ["e403", 403, { message: "Your region is not served.", type: "forbidden", code: "unsupported_country_region_territory" }, errored("permission", 403)],
  ["e404-model", 404, { message: "The model `nope` does not exist or you have no access to it.", code: "model_not_found" }, errored("unknown_model", 404)],
  ["e408", 408, { message: "The request took too long to arrive.", type: "timeout", code: "timeout" }, errored("timeout", 408, 2, { repeated: true })],
  ["e409", 409, { message: "Another request holds the lock.", type: "conflict", code: "conflict" }, errored("server", 409, 2)],
  ["e413", 413, { message: "The body is larger than 20 MB.", code: "payload_too_large" }, errored("invalid_request", 413)],
  ["e415", 415, { message: "Only application/json is taken.", code: "unsupported_media_type" }, errored("invalid_request", 415)],
  ["e422", 422, { message: "messages[0].role is not one of the known roles.", code: "unprocessable", param: "messages[0].role" }, errored("invalid_request", 422)],
  ["e425", 425, { message: "Too early.", type: "too_early" }, errored("server", 425, 2)],
  ["e429", 429, { message: "Rate limit reached for requests per minute.", type: "requests", code: "rate_limit_exceeded" }, errored("rate_limit", 429, 2)],
  ["e429-quota", 429, { message: "You exceeded your current quota, check your plan.", type: "insufficient_quota", code: "insufficient_quota" }, errored("quota", 429)],
  ["e429-too-large", 429, { message: "Request too large for this model on tokens per minute: limit 30000, requested 41000.", type: "tokens", code: "rate_limit_exceeded" }, errored("invalid_request", 429)],
  ["e500", 500, { message: "The server had an error.", type: "server_error" }, errored("server", 500, 2)],
  ["e501", 501, { message: "Not implemented.", type: "server_error" }, errored("server", 501, 2)],
  ["e502", 502, { message: "Bad gateway.", type: "server_error" }, errored("server", 502, 2)],
  ["e503-overloaded", 503, { message: "The engine is overloaded.", type: "server_error", code: "overloaded" }, errored("overloaded", 503, 2)],
  ["e504", 504, { message: "The upstream took too long.", type: "server_error" }, errored("timeout", 504, 2)],
  ["e529", 529, { message: "Overloaded.", type: "overloaded_error" }, errored("overloaded", 529, 2)],
  ["context-openai", 400, { message: "This model's maximum context length is 128000 tokens. However, your messages resulted in 200000 tokens.", code: "context_length_exceeded", param: "messages" }, errored("context_overflow", 400, 1, { says: /128000.*200000/ })],
  ["context-anthropic", 400, { message: "prompt is too long: 210000 tokens > 200000 maximum" }, errored("context_overflow", 400)],
  ["context-413", 413, { message: "Your input exceeds the context window of this model." }, errored("context_overflow", 413)],
  ["policy-azure", 400, { message: "The response was filtered due to the prompt triggering a content management policy.", code: "content_filter", param: "prompt" }, errored("policy", 400)],
];

/** Shapes of others. */
const shaped = [
  ["litellm-429", "LiteLLM: the code is the status as a text, the cause stands in the words", 429, { error: { message: "litellm.RateLimitError: RateLimitError: OpenAIException - too many\n\nLiteLLM: model group 'x' failed", type: "throttling_error", param: null, code: "429" } }, errored("rate_limit", 429, 2)],
  ["litellm-quota", "LiteLLM: an exhausted quota, only in the words", 429, { error: { message: "litellm.RateLimitError: RateLimitError: OpenAIException - You exceeded your current quota", type: "throttling_error", param: "None", code: "429" } }, errored("quota", 429)],
  ["litellm-context", "LiteLLM: a context overflow, only in the words", 400, { error: { message: "litellm.BadRequestError: ContextWindowExceededError: OpenAIException - it is too much", type: null, param: null, code: "400" } }, errored("context_overflow", 400)],
  ["litellm-policy", "LiteLLM: a refusal by policy, only in the words", 400, { error: { message: "litellm.BadRequestError: ContentPolicyViolationError: AzureException - no", type: null, param: null, code: "400" } }, errored("policy", 400)],
  ["litellm-model", "LiteLLM: a model that it does not have", 400, { error: { message: "/chat/completions: Invalid model name passed in model=nope. Call `/v1/models` to view available models for your key.", type: "None", param: "None", code: "400" } }, errored("unknown_model", 400)],
  ["litellm-no-db", "LiteLLM without a database: a wrong key is a bad request", 400, { error: { message: "No connected db.", type: "no_db_connection", param: null, code: "400" } }, errored("authentication", 400)],
  ["litellm-budget", "LiteLLM: the key's budget is spent", 400, { error: { message: "Budget has been exceeded! Current cost: 2.1, Max budget: 2.0", type: "budget_exceeded", param: null, code: "400" } }, errored("quota", 400)],
  ["portkey-own", "Portkey's own errors", 400, { status: "failure", message: "Either x-portkey-config or x-portkey-provider header is required" }, errored("invalid_request", 400)],
  ["portkey-html", "Portkey: HTML inside JSON", 502, { "html-message": html("502 Bad Gateway") }, errored("server", 502, 2, { says: /^(?!.*<).*502 Bad Gateway/ })],
  ["vllm", "vLLM: no error object", 404, { object: "error", message: "The model `nope` does not exist.", type: "NotFoundError", param: null, code: 404 }, errored("unknown_model", 404)],
  ["fastapi-list", "FastAPI: a list of details", 422, { detail: [{ type: "missing", loc: ["body", "messages"], msg: "Field required" }] }, errored("invalid_request", 422, 1, { says: /body\.messages: Field required/ })],
  ["fastapi-text", "FastAPI: a detail", 403, { detail: "Not allowed here" }, errored("permission", 403, 1, { says: /Not allowed here/ })],
  ["google-list", "Google: a list with an error", 429, [{ error: { code: 429, message: "Resource has been exhausted", status: "RESOURCE_EXHAUSTED" } }], errored("rate_limit", 429, 2)],
  ["anthropic", "Anthropic: an error of a type", 529, { type: "error", error: { type: "overloaded_error", message: "Overloaded" }, request_id: "req_anthropic" }, errored("overloaded", 529, 2)],
  ["ollama", "Ollama: the error is a text", 404, { error: "model 'nope' not found, try pulling it first" }, errored("unknown_model", 404)],
  ["tensorzero", "TensorZero: a rate limit as 502", 502, { error: "All variants failed: rate limit, 429 Too Many Requests" }, errored("rate_limit", 502, 2)],
  ["openrouter-raw", "OpenRouter: the provider's own words in metadata", 400, { error: { message: "Provider returned error", code: 400, metadata: { provider_name: "P", raw: "{\"error\":{\"message\":\"This model's maximum context length is 8192 tokens, however you requested 9000 tokens\"}}" } } }, errored("context_overflow", 400)],
  ["openrouter-flagged", "OpenRouter: a refusal by moderation", 403, { error: { message: "Your input was flagged", code: 403, metadata: { reasons: ["violence"], flagged_input: "…" } } }, errored("policy", 403)],
  ["openrouter-credit", "OpenRouter: no credit", 402, { error: { message: "This request requires more credits, or fewer max_tokens.", code: 402 } }, errored("quota", 402)],
  ["number-code", "the code is a number, nothing else is said", 503, { error: { code: 503 } }, errored("server", 503, 2)],
  ["empty-object", "an empty object", 500, {}, errored("server", 500, 2)],
  ["null-500", "null", 500, "null", errored("server", 500, 2)],
];

/** What gateways make of some of them. */
const behind = {
  "fastapi-list": { litellm: { says: /Field required/ } },
  ollama: { portkey: { kind: "invalid_request", why: "Portkey drops an error that is a text" } },
  tensorzero: { litellm: { status: 429, why: "LiteLLM knows it by its words" }, portkey: { kind: "server", why: "Portkey drops an error that is a text" } },
  "openrouter-raw": { litellm: { kind: "invalid_request", why: "LiteLLM drops the provider's own words" }, portkey: { kind: "invalid_request", why: "Portkey drops the provider's own words" } },
};

export const refusals = [
  ...plain.map(([name, status, body, expect]) =>
    fault(name, `${status}, OpenAI's shape: ${body.code ?? body.type ?? body.message}`, (wire) => wire.error(status, body), expect)),
  ...shaped.map(([name, what, status, body, expect]) =>
    fault(name, `${status}; ${what}`, (wire) => wire.answer(status, body, type("application/json")), expect, behind[name])),
  fault("html-502", "502 in HTML, as nginx writes it", (wire) => wire.answer(502, html("502 Bad Gateway"), type("text/html")), errored("server", 502, 2, { says: /502 Bad Gateway/ })),
  fault("html-524", "524 in HTML, as Cloudflare writes it", (wire) => wire.answer(524, html("524: A timeout occurred"), type("text/html")), errored("timeout", 524, 2), { litellm: { status: 408, repeated: true, why: "LiteLLM makes 408 of 524" } }),
  fault("html-404", "404 in HTML: the base address is wrong", (wire) => wire.answer(404, html("404 Not Found"), type("text/html")), errored("invalid_request", 404, 1, { says: /base URL/ })),
  fault("text-503", "503 in plain text", (wire) => wire.answer(503, "upstream connect error or disconnect/reset before headers"), errored("server", 503, 2)),
  fault("empty-500", "500 with an empty body", (wire) => wire.answer(500, ""), errored("server", 500, 2)),
  fault("empty-401", "401 with an empty body", (wire) => wire.answer(401, ""), errored("authentication", 401)),
  fault("broken-json-500", "500 with JSON that breaks off", (wire) => wire.answer(500, '{"error":{"message":"the serv', type("application/json")), errored("server", 500, 2)),
  fault("gzip-503", "503 with a compressed body", (wire) => wire.answer(503, gzipSync('{"error":{"message":"Overloaded","type":"overloaded_error"}}'), { ...type("application/json"), "content-encoding": "gzip" }), errored("overloaded", 503, 2)),
  fault("sse-429", "429 as an event", (wire) => wire.answer(429, 'data: {"error":{"message":"Slow down","code":"rate_limit_exceeded"}}\n\n', type("text/event-stream")), errored("rate_limit", 429, 2), { portkey: { kind: "server", status: 500, why: "Portkey fails where an error is no JSON" } }),
  fault("huge-error", "500 with 2 MB of HTML", (wire) => wire.answer(500, html("x".repeat(2_000_000)), type("text/html")), errored("server", 500, 2), { litellm: null, portkey: null }),
  fault("error-stalls", "503, and its body never comes", (wire) => {
    wire.response.writeHead(503, { "content-type": "application/json", ...wire.cors(503) });
    wire.response.flushHeaders();
    return wire.stall();
  }, errored("server", 503, 2), { timeouts: { idleMs: 1000 }, litellm: null, portkey: null }),
  fault("error-cut", "503, and its body is cut", async (wire) => {
    wire.response.writeHead(503, { "content-type": "application/json", ...wire.cors(503) });
    await wire.write('{"error":{"message":"Overl');
    return wire.cut();
  }, errored("server", 503, 2), { litellm: null, portkey: null }),
  fault("key-echoed", "401 that repeats the key", (wire) => wire.error(401, { message: `Incorrect API key provided: ${keyOf(wire)}.`, code: "invalid_api_key" }), errored("authentication", 401)),
  fault("key-echoed-plain", "403 in plain text that repeats the whole header", (wire) => wire.answer(403, `denied: Authorization: ${wire.request.headers.authorization}`), errored("permission", 403)),
  fault("key-in-html", "500 in HTML that repeats the key in an attribute and in a text", (wire) => wire.answer(500, `<p title="${keyOf(wire)}">the key ${keyOf(wire)} is unknown</p>`, type("text/html")), errored("server", 500, 2)),
  fault("key-in-id", "429 that repeats the key in its code, its parameter and its request id", (wire) =>
    wire.error(429, { message: "Slow down.", type: keyOf(wire), code: keyOf(wire), param: keyOf(wire) }, { "x-request-id": keyOf(wire) }), errored("rate_limit", 429, 2)),
];
