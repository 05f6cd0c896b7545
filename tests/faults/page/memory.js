// Many streams without a network: `fetch` answers from memory. For what happens to memory, and for
// streams that are cut and mutated at random.
import core from "/promptfare/promptfare_core.js";
import { Client } from "/promptfare/promptfare.js";

const encoder = new TextEncoder();
const own = globalThis.fetch;
/** The module's memory: the same instance that the page runs on. */
const { memory } = await core();

/** A small seeded generator (mulberry32). */
export function dice(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

/** An answer of `reads`, then its end: "clean", "cut" or "open". */
function answering(reads, end, status = 200) {
  return async (request) => {
    let next = 0;
    const body = new ReadableStream({
      start(controller) {
        request.signal?.addEventListener("abort", () => { try { controller.error(request.signal.reason); } catch { /* it has ended */ } });
      },
      pull(controller) {
        if (next < reads.length) controller.enqueue(reads[next++].slice());
        else if (end === "clean") controller.close();
        else if (end === "cut") controller.error(new TypeError("network error"));
        else return new Promise(() => {});
        return undefined;
      },
    }, { highWaterMark: 0 });
    return new Response(body, { status, headers: { "content-type": "text/event-stream" } });
  };
}

const chunk = (delta, finish = null) => `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

const tidy = async () => {
  for (let turn = 0; turn < 4; turn += 1) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

/** `count` streams of every ending by one client, which is freed after them; then memory, in bytes. */
export async function round(count) {
  const client = await Client.create({ baseUrl: "https://gateway.example/v1", retryBudgetMs: 0 });
  const endings = {};
  const pieces = Array.from({ length: 60 }, (_, at) => encoder.encode(chunk({ content: `word ${at} of a stream that is long enough to be seen ` })));
  const stop = encoder.encode(`${chunk({}, "stop")}data: [DONE]\n\n`);
  for (let at = 0; at < count; at += 1) {
    const kind = at % 6;
    globalThis.fetch = answering(kind === 1 ? pieces : [...pieces, stop], ["clean", "cut", "open", "open", "clean", "clean"][kind], kind === 4 ? 503 : 200);
    const controller = new AbortController();
    const plan = client.plan({ model: `m${at}`, messages: [{ role: "user", content: "x" }], stream: true });
    const answer = client.send(plan, { signal: controller.signal });
    let seen = 0;
    try {
      if (kind !== 5) for await (const piece of answer) {
        seen += piece.text === undefined ? 0 : 1;
        if (kind === 2 && seen === 5) controller.abort("enough");
        if (kind === 3 && seen === 5) break;
      }
    } catch {
      // Its ending is counted below.
    }
    const { ending } = await answer.receipt;
    endings[ending] = (endings[ending] ?? 0) + 1;
  }
  globalThis.fetch = own;
  client.free();
  await tidy();
  return { endings, wasm: memory.buffer.byteLength, heap: performance.memory.usedJSHeapSize };
}

/** `count` streams, cut and mutated at random; each must end once and never throw anything strange.
 * Returns the endings and what was wrong. */
export async function mutated(count, seed) {
  const client = await Client.create({ baseUrl: "https://gateway.example/v1", retryBudgetMs: 0 });
  const endings = {};
  const wrong = [];
  const words = ["Grüße ", "👩‍👩‍👧‍👦", "naïve\n", "日本語", "plain ", '"quoted"', "a\\b"];
  for (let at = 0; at < count; at += 1) {
    const roll = dice(seed + at);
    let text = "";
    let wanted = "";
    for (let part = 1 + roll(10); part > 0; part -= 1) {
      const word = words[roll(words.length)];
      text += chunk({ content: word });
      wanted += word;
    }
    text += chunk({}, "stop") + (roll(3) > 0 ? "data: [DONE]\n\n" : "");
    let bytes = [...encoder.encode(text)];
    const whole = roll(4) === 0;
    if (!whole) {
      bytes = bytes.slice(0, roll(bytes.length + 1));
      for (let change = roll(5); change > 0 && bytes.length > 0; change -= 1) bytes.splice(roll(bytes.length), roll(2), ...(roll(3) > 0 ? [roll(256)] : []));
    }
    const reads = [];
    for (let from = 0; from < bytes.length;) {
      const size = 1 + roll(roll(4) === 0 ? 400 : 20);
      reads.push(Uint8Array.from(bytes.slice(from, from + size)));
      from += size;
    }
    globalThis.fetch = answering(reads, whole || roll(2) === 0 ? "clean" : "cut");
    const answer = client.send(client.plan({ model: `m${at}`, messages: [{ role: "user", content: "x" }], stream: true }));
    let got = "";
    let thrown = null;
    try {
      for await (const piece of answer) got += piece.text ?? "";
    } catch (error) {
      thrown = error;
    }
    const receipt = await answer.receipt;
    const after = await answer[Symbol.asyncIterator]().next();
    endings[receipt.ending] = (endings[receipt.ending] ?? 0) + 1;
    const fine = got === receipt.text && after.done && (thrown !== null) === (receipt.ending === "errored")
      && (thrown === null || thrown.name === "PromptfareError") && (!whole || (receipt.ending === "completed" && got === wanted));
    if (!fine) wrong.push({ seed: seed + at, ending: receipt.ending, thrown: String(thrown), got, text: receipt.text, wanted });
  }
  globalThis.fetch = own;
  client.free();
  return { endings, wrong: wrong.slice(0, 5), count: wrong.length };
}
