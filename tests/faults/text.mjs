// What the scripts say.

/** The answer of the scripts, whole. */
export const TEXT = "The fare before the ride: naïve café, 日本語, e\u0301, 👩‍👩‍👧‍👦 and 🚂.";

/** The same in pieces of four characters. */
export const pieces = [...TEXT].reduce((list, character, at) => {
  if (at % 4 === 0) list.push("");
  list[list.length - 1] += character;
  return list;
}, []);

export const USAGE = { prompt_tokens: 9, completion_tokens: 24, total_tokens: 33 };
