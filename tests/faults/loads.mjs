// Long and many streams: scripts that are no faults.
/** A text of `length` characters that belongs to `seed` alone: words of several scripts. */
export function textOfSeed(seed, length) {
  const words = ["fare ", "route ", "naïve ", "日本語", "🚂", "x=0.25;\n", "\"quoted\" ", "بطاقة ", "e\u0301 "];
  const parts = [`stream ${seed}: `];
  let size = parts[0].length;
  // A linear congruential generator with the constants of Numerical Recipes.
  for (let state = (seed * 2_654_435_761) >>> 0; size < length; state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) {
    const word = words[(state >>> 8) % words.length];
    parts.push(word);
    size += word.length;
  }
  return parts.join("");
}

const load = (name, what, play) => ({ name, what, play });

/** Until more can be written, or nobody reads. */
const writable = (response) => new Promise((resolve) => {
  const done = () => {
    response.off("drain", done).off("close", done);
    resolve();
  };
  response.on("drain", done).on("close", done);
});

/** So many chunks, of so many characters, so many milliseconds apart. The run's digits are the seed. */
const streamed = (count, size, pace) => async (wire) => {
  const text = textOfSeed(Number(wire.record.run.replace(/\D/g, "")), count * size);
  wire.begin();
  for (let at = 0; at < text.length && !wire.response.destroyed; at += size) {
    const bytes = `data: ${JSON.stringify(wire.chunk({ content: text.slice(at, at + size) }))}\n\n`;
    if (!wire.response.write(bytes)) await writable(wire.response);
    wire.record.firstByteAt ??= performance.now();
    if (pace > 0) await wire.write("", pace);
  }
  await wire.finish();
  await wire.done();
};

export const loads = [
  load("load-10-mb", "10 MB of text in chunks of a thousand characters", streamed(10_486, 1000, 0)),
  load("load-10-mb-tokens", "10 MB on the wire in chunks of four characters", streamed(43_000, 4, 0)),
  load("load-many", "fifty chunks, twenty milliseconds apart", streamed(50, 40, 20)),
  load("load-few", "twenty chunks at once", streamed(20, 40, 0)),
  load("load-endless", "a chunk every ten milliseconds, until the reader goes", async (wire) => {
    wire.begin();
    for (let turn = 0; !wire.response.destroyed; turn += 1) await wire.event(wire.chunk({ content: `word ${turn} ` }), 10);
  }),
];
