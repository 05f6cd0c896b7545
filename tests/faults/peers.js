// The same requests by openai-node and the AI SDK, as their documentation shows them, with their own
// defaults for retries. Bundled for the page by run.mjs.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { streamText } from "ai";
import OpenAI from "openai";

/** After this a caller has lost patience: it is stopped, and that is said. */
export const PATIENCE_MS = 15_000;

const prompt = "What is the fare?";

/** Whether an error shows the key, in anything that a log would print of it. */
function shows(error, key) {
  const seen = new Set();
  const look = (value, depth) => {
    if (typeof value === "string") return value.includes(key);
    if (value === null || typeof value !== "object" || seen.has(value) || depth > 6) return false;
    seen.add(value);
    return Object.getOwnPropertyNames(value).some((name) => {
      try {
        return look(value[name], depth + 1);
      } catch {
        return false;
      }
    });
  };
  return look(error, 0);
}

const told = (error, key) => ({
  name: error?.name === "Error" ? (error.constructor?.name ?? "Error") : (error?.name ?? typeof error),
  status: error?.status ?? error?.statusCode ?? error?.lastError?.statusCode ?? null,
  cause: error?.lastError?.name ?? null,
  code: error?.code ?? null,
  message: String(error?.message ?? error).slice(0, 300),
  showsKey: shows(error, key),
});

/** Runs `read`, which gives pieces to `take`, until it ends or patience does. */
async function patiently(key, read) {
  const controller = new AbortController();
  const outcome = { ended: "quietly", text: "", finishReason: null, error: null, firstMs: null };
  const started = performance.now();
  let timer;
  const over = new Promise((resolve) => {
    timer = setTimeout(() => {
      outcome.ended = "never";
      controller.abort();
      resolve();
    }, PATIENCE_MS);
  });
  const reading = read(controller.signal, outcome, () => { outcome.firstMs ??= performance.now() - started; }).catch((error) => {
    if (outcome.ended === "never") return;
    outcome.ended = "throws";
    outcome.error = told(error, key);
  });
  await Promise.race([reading, over]);
  clearTimeout(timer);
  return outcome;
}

export const openaiNode = ({ model, baseUrl, key, timeoutMs }) => patiently(key, async (signal, outcome, first) => {
  const client = new OpenAI({ apiKey: key, baseURL: new URL(baseUrl, location.href).href, dangerouslyAllowBrowser: true, timeout: timeoutMs });
  const stream = await client.chat.completions.create({ model, messages: [{ role: "user", content: prompt }], stream: true, stream_options: { include_usage: true } }, { signal });
  for await (const chunk of stream) {
    const choice = chunk.choices?.[0];
    if (choice?.delta?.content) first();
    outcome.text += choice?.delta?.content ?? "";
    outcome.finishReason = choice?.finish_reason ?? outcome.finishReason;
  }
});

export const aiSdk = ({ model, baseUrl, key }) => patiently(key, async (signal, outcome, first) => {
  const provider = createOpenAICompatible({ name: "gateway", apiKey: key, baseURL: new URL(baseUrl, location.href).href, includeUsage: true });
  const result = streamText({ model: provider(model), prompt, abortSignal: signal, onError() {} });
  let failure = null;
  for await (const part of result.fullStream) {
    if (part.type === "text-delta") {
      first();
      outcome.text += part.text;
    }
    if (part.type === "finish") outcome.finishReason = part.finishReason;
    if (part.type === "error") failure = part.error;
  }
  if (failure !== null) throw failure;
});

/** Several at once, `width` at a time. */
export async function rides(name, list, width) {
  const ride = { openaiNode, aiSdk }[name];
  const results = new Array(list.length);
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(width, list.length) }, async () => {
    while (next < list.length) {
      const at = next;
      next += 1;
      results[at] = await ride(list[at]);
    }
  }));
  return results;
}

/** Stops a stream after its first piece; gives the moment of the stop. */
export async function stopped(name, trip) {
  const controller = new AbortController();
  let abortedAt = null;
  const stop = () => {
    abortedAt ??= performance.timeOrigin + performance.now();
    controller.abort();
  };
  try {
    if (name === "openaiNode") {
      const client = new OpenAI({ apiKey: trip.key, baseURL: trip.baseUrl, dangerouslyAllowBrowser: true });
      const stream = await client.chat.completions.create({ model: trip.model, messages: [{ role: "user", content: prompt }], stream: true }, { signal: controller.signal });
      for await (const chunk of stream) if (chunk.choices[0]?.delta?.content) stop();
    } else {
      const provider = createOpenAICompatible({ name: "gateway", apiKey: trip.key, baseURL: trip.baseUrl });
      const result = streamText({ model: provider(trip.model), prompt, abortSignal: controller.signal, onError() {} });
      for await (const part of result.fullStream) if (part.type === "text-delta") stop();
    }
  } catch {
    // The stop itself.
  }
  return { abortedAt };
}
