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

globalThis.faults = { init, Client, clientFor, told, ride, rides, complaints };
document.documentElement.dataset.ready = "";
