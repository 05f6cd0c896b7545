// How fast counters are beside each other: they take turns on the same texts in one process, so that
// what disturbs one disturbs all. Runs in Node and in a page; the texts and the counters come in.

/** Median of a list. */
export function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Megabytes per second of each counter on texts it has never seen, and on the same again. Short
 * texts are timed in groups: a page's clock has steps of 0.1 ms. */
export function speeds(counters, texts, least = 150) {
  const bytes = texts.map((text) => new TextEncoder().encode(text).length);
  const group = Math.max(1, Math.floor(20_000 / bytes[0]));
  const result = {};
  for (const name of Object.keys(counters)) result[name] = { fresh: [], repeat: [], time: 0 };
  for (let first = 0; first + group <= texts.length; first += group) {
    const size = bytes.slice(first, first + group).reduce((sum, own) => sum + own, 0);
    for (const [name, count] of Object.entries(counters)) {
      const own = result[name];
      if (own.time > least && own.fresh.length >= 3) continue;
      for (const kind of ["fresh", "repeat"]) {
        const start = performance.now();
        for (let index = first; index < first + group; index += 1) count(texts[index]);
        const time = performance.now() - start;
        own[kind].push(size / 1000 / Math.max(time, 0.001));
        own.time += time;
      }
    }
  }
  return Object.fromEntries(
    Object.entries(result).map(([name, own]) => [name, { fresh: median(own.fresh), repeat: median(own.repeat) }]),
  );
}

/** 95th percentile, in milliseconds, of a typed character in the middle of a text. */
export function keystrokes(LiveCounter, model, text, times = 400) {
  const counter = new LiveCounter(model, text);
  const typed = "The quick brown fox, 12 tokens\n";
  const taken = [];
  let at = Math.floor(text.length / 2);
  for (let index = 0; index < times; index += 1) {
    const start = performance.now();
    counter.splice(at, 0, typed[index % typed.length]);
    taken.push(performance.now() - start);
    at += 1;
  }
  counter.free();
  taken.sort((a, b) => a - b);
  return { p50: taken[Math.floor(times * 0.5)], p95: taken[Math.floor(times * 0.95)] };
}
