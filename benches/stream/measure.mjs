// What one chunk of a stream costs its reader, in Node and in a page: the network is a fetch that
// answers from memory, so that only the readers' own work is measured. Both read the same bytes.

const BASE = "https://gateway.example/v1";

const encoder = new TextEncoder();

/** The bytes of a stream of `count` chunks, a list of reads: each chunk alone, or 16 kB together. */
export function stream(count, together) {
  const event = (more) => encoder.encode(`data: ${JSON.stringify({
    id: "chatcmpl-3312b190-9f1d-4323", object: "chat.completion.chunk", created: 1_795_340_412,
    model: "gpt-5", system_fingerprint: "fp_1", ...more })}\n\n`);
  const events = Array.from({ length: count }, (_, index) =>
    event({ choices: [{ index: 0, delta: { content: ` word${index % 97}` }, logprobs: null, finish_reason: null }], usage: null }));
  events.push(event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage: null }));
  events.push(event({ choices: [], usage: { prompt_tokens: 9, completion_tokens: count, total_tokens: count + 9 } }));
  events.push(encoder.encode("data: [DONE]\n\n"));
  if (!together) return events;
  const whole = new Uint8Array(events.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of events) {
    whole.set(part, at);
    at += part.length;
  }
  return Array.from({ length: Math.ceil(whole.length / 16_384) }, (_, index) => whole.slice(index * 16_384, (index + 1) * 16_384));
}

/** A fetch that answers with `reads`. */
function answering(reads) {
  return async () => {
    let next = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (next < reads.length) controller.enqueue(reads[next++].slice());
        else controller.close();
      },
    }, { highWaterMark: 0 });
    return new Response(body, { status: 200, headers: { "content-type": "text/event-stream" } });
  };
}

/** The readers: each reads one stream to its end and gives its text and the time of its first
 * piece. */
export async function readers({ Client }, OpenAI) {
  const client = await Client.create({ baseUrl: BASE, models: ["gpt-5"] });
  const plan = client.plan("Hello");
  const openai = new OpenAI({ apiKey: "none", baseURL: BASE, dangerouslyAllowBrowser: true, maxRetries: 0, fetch: (...given) => globalThis.fetch(...given) });
  return {
    promptfare: async () => {
      let text = "";
      let first = 0;
      const answer = client.send(plan);
      for await (const piece of answer) {
        if (first === 0) first = performance.now();
        text += piece.text ?? "";
      }
      return { text, first };
    },
    "openai-node": async () => {
      let text = "";
      let first = 0;
      for await (const chunk of await openai.chat.completions.create({ model: "gpt-5", stream: true, messages: [{ role: "user", content: "Hello" }] })) {
        const piece = chunk.choices[0]?.delta?.content;
        if (piece !== undefined && first === 0) first = performance.now();
        text += piece ?? "";
      }
      return { text, first };
    },
  };
}

const least = (list) => Math.min(...list);

/** Microseconds per chunk, per request of one chunk, and to the first piece: the least of `rounds`,
 * the readers taking turns. */
export async function costs(all, count, together, rounds) {
  const own = globalThis.fetch;
  const long = stream(count, together);
  const short = stream(1, false);
  const times = Object.fromEntries(Object.keys(all).map((name) => [name, { long: [], short: [], first: [] }]));
  let wanted;
  try {
    for (let round = 0; round < rounds + 2; round += 1) {
      for (const [name, read] of Object.entries(all)) {
        globalThis.fetch = answering(long);
        let start = performance.now();
        const { text, first } = await read();
        const whole = performance.now() - start;
        wanted ??= text;
        if (text !== wanted || text.length < count) throw new Error(`${name}: another text`);
        globalThis.fetch = answering(short);
        const begin = performance.now();
        for (let times = 0; times < 20; times += 1) await read();
        const request = (performance.now() - begin) / 20;
        // The first rounds warm the engine up.
        if (round >= 2) {
          times[name].long.push(whole);
          times[name].short.push(request);
          times[name].first.push(first - start);
        }
      }
    }
  } finally {
    globalThis.fetch = own;
  }
  return Object.fromEntries(Object.entries(times).map(([name, { long: longs, short: shorts, first }]) => {
    const request = least(shorts);
    return [name, { chunk: ((least(longs) - request) / count) * 1000, request: request * 1000, first: least(first) * 1000 }];
  }));
}
