// The page of the fault tests: sends one request by promptfare and says all that can be seen of it.
import init, { Client } from "/promptfare/promptfare.js";

await init();

/** What this page complained about, and what broke its policy. */
const complaints = [];
addEventListener("unhandledrejection", (event) => complaints.push(`unhandled: ${event.reason}`));
addEventListener("error", (event) => complaints.push(`error: ${event.message}`));
addEventListener("securitypolicyviolation", (event) => complaints.push(`policy: ${event.violatedDirective} ${event.blockedURI}`));

const clients = new Map();

/** One client for each set of options, as a page would have it. */
async function clientFor({ baseUrl, key, profile, timeouts, retryBudgetMs, fresh = false }) {
  const name = JSON.stringify([baseUrl, key, profile, timeouts, retryBudgetMs]);
  if (!fresh && clients.has(name)) return clients.get(name);
  const options = { baseUrl };
  if (key !== undefined) options.apiKey = () => key;
  if (profile !== undefined) options.profile = profile;
  if (timeouts !== undefined) options.timeouts = timeouts;
  if (retryBudgetMs !== undefined) options.retryBudgetMs = retryBudgetMs;
  const client = await Client.create(options);
  if (!fresh) clients.set(name, client);
  return client;
}

/** What was thrown, as plain data. */
function told(error) {
  if (!(error instanceof Error)) return { name: typeof error, value: String(error) };
  return { name: error.name, kind: error.kind, status: error.status ?? null, message: error.message, requestId: error.requestId ?? null, retryAfterMs: error.retryAfterMs ?? null, stack: String(error.stack) };
}

/** One request, to its end. Tells the receipt, what iteration threw, and what must hold of any
 * answer: pieces that make up the text, one ending, and nothing after it. */
export async function ride({ model, prompt = "What is the fare?", tools = false, ...options }) {
  const client = await clientFor(options);
  // Each request its own model name: the cooldown of one fault says nothing of the next.
  const plan = client.plan({ model, messages: [{ role: "user", content: prompt }], stream: true });
  const started = performance.now();
  const answer = client.send(plan);
  let [text, reasoning, pieces, thrown, firstMs] = ["", "", 0, null, null];
  try {
    for await (const piece of answer) {
      firstMs ??= performance.now() - started;
      text += piece.text ?? "";
      reasoning += piece.reasoning ?? "";
      pieces += 1;
      if (Object.keys(piece).length === 0) throw new Error("an empty piece");
    }
  } catch (error) {
    thrown = told(error);
  }
  const receipt = await answer.receipt;
  const after = await answer[Symbol.asyncIterator]().next();
  return { receipt, text, reasoning, pieces, thrown, firstMs, after, ms: performance.now() - started };
}

/** Several at once, `width` at a time. */
export async function rides(list, width) {
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

/** The SHA-256 of a text, in hexadecimal. */
export async function hash(text) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The longest time for which the page could do nothing else while `work` ran, in milliseconds. */
export async function longestPause(work) {
  let [last, longest] = [performance.now(), 0];
  const channel = new MessageChannel();
  let running = true;
  channel.port1.onmessage = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (running) setTimeout(() => channel.port2.postMessage(null), 4);
  };
  channel.port2.postMessage(null);
  const result = await work();
  running = false;
  return { result, longest };
}

/** One request that is stopped after its first piece, or after `afterMs`. `how` tells by what. */
export async function stopped({ model, how, reason, afterMs = null, ...options }) {
  const client = await clientFor(options);
  const controller = new AbortController();
  const reasons = {
    error: () => new RangeError("mine"),
    text: () => "a text",
    empty: () => "",
    number: () => 0,
    nan: () => Number.NaN,
    null: () => null,
    false: () => false,
    symbol: () => Symbol("mine"),
    object: () => ({ mine: true }),
    function: () => () => "mine",
    bigint: () => 12n,
    promise: () => Promise.resolve("mine"),
  };
  let abortedAt = null;
  const stop = () => {
    abortedAt = performance.timeOrigin + performance.now();
    if (reason === undefined) controller.abort();
    else controller.abort(reasons[reason]());
  };
  if (how === "before") stop();
  const plan = client.plan({ model, messages: [{ role: "user", content: "Go on and on." }], stream: true });
  const signal = how === "timeout" ? AbortSignal.timeout(afterMs) : how === "any" ? AbortSignal.any([controller.signal, new AbortController().signal]) : controller.signal;
  const answer = client.send(plan, { signal });
  if (afterMs !== null && how !== "timeout") setTimeout(stop, afterMs);
  let [text, thrown, threw] = ["", null, false];
  const own = new RangeError("thrown in the loop");
  try {
    for await (const piece of answer) {
      text += piece.text ?? "";
      if (afterMs !== null) continue;
      if (how === "break") {
        abortedAt = performance.timeOrigin + performance.now();
        break;
      }
      if (how === "throw") {
        abortedAt = performance.timeOrigin + performance.now();
        throw own;
      }
      if (how === "signal" || how === "any") stop();
    }
  } catch (error) {
    threw = true;
    thrown = error;
  }
  const receipt = await answer.receipt;
  return {
    receipt, text, threw, abortedAt,
    untouched: Object.is(thrown, how === "throw" ? own : signal.reason),
    thrown: thrown instanceof Error ? thrown.name : String(thrown),
    after: await answer[Symbol.asyncIterator]().next(),
  };
}

globalThis.faults = { init, Client, clientFor, told, ride, rides, hash, longestPause, stopped, complaints };
document.documentElement.dataset.ready = "";
