// Intervals of answer lengths from the recorded answers of several projects, and how much of a
// project that was left out they hold. Used by scripts/answer-length.mjs.
//
// A project is a list of { tokens, hint, number }. Each counts the same in a group. Among the answers
// of one hint a project counts n / (n + 3), because two answers say less than fifty; and a hint's
// quantiles are drawn towards the group's, as if one more project were like the group at large.

export const SHARE = 0.9; // of answers that an interval is to hold
const HALF = 3; // answers of a hint with which a project counts by half
const PULL = 1; // projects that the group weighs as much as, towards which a hint is drawn
const LEAN = 2; // projects that the group's coverage weighs as much as, in the choice of quantiles
const PROJECTS = 4; // that a hint needs,
const ANSWERS = 30; // and answers; else the group's interval stands
const NUMBERED = new Set(["sentences"]); // whose ends are for each one asked for

const SHARES = [];
for (let share = 0.75; share < 0.995; share += 0.005) SHARES.push(share);
const ENDS = [...SHARES.map((share) => (1 - share) / 2).reverse(), ...SHARES.map((share) => (1 + share) / 2)];

export const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
export const without = (list, one) => list.filter((_, other) => other !== one);
export const inside = ({ low, high }, tokens) => low <= tokens && tokens <= high;
export const weightOf = (answers) => answers / (answers + HALF);

/** Quantiles at ENDS and the mean of projects' values, each project with its weight. */
function curve(projects) {
  const all = projects.flatMap(({ values, weight }) => values.map((value) => [value, weight / values.length]));
  all.sort((a, b) => a[0] - b[0]);
  const total = projects.reduce((sum, { weight }) => sum + weight, 0);
  let [at, sum] = [0, 0];
  const ends = ENDS.map((end) => {
    while (at < all.length - 1 && sum + all[at][1] < end * total - 1e-9) sum += all[at++][1];
    return all[at][0];
  });
  return { ends, mean: all.reduce((part, [value, weight]) => part + value * weight, 0) / total };
}

/** The curve of the whole group and of each hint that has enough answers. */
function curves(projects) {
  const whole = curve(projects.map((answers) => ({ values: answers.map(({ tokens }) => tokens), weight: 1 })));
  const found = { "": whole };
  for (const hint of new Set(projects.flat().map((answer) => answer.hint))) {
    const own = projects.map((answers) => answers.filter((answer) => answer.hint === hint).map(({ tokens, number }) => tokens / number));
    const cells = own.filter((values) => values.length > 0).map((values) => ({ values, weight: weightOf(values.length) }));
    if (hint === "" || cells.length < PROJECTS || cells.flatMap(({ values }) => values).length < ANSWERS) continue;
    const hinted = curve(cells);
    const draw = (value, to) => Math.exp((cells.length * Math.log(value) + PULL * Math.log(to)) / (cells.length + PULL));
    found[hint] = { ends: hinted.ends.map((end, at) => draw(end, whole.ends[at])), mean: draw(hinted.mean, whole.mean) };
  }
  return found;
}

/** The hint whose interval stands for `hint`: one word that was not measured is a bare answer. */
const standing = (found, hint) => (found[hint] ? hint : hint === "word" && found.only ? "only" : "");

const whole = (found, at) => {
  const low = Math.floor(found.ends[SHARES.length - 1 - at] + 1e-6);
  const high = Math.ceil(found.ends[SHARES.length + at] - 1e-6);
  return { low, expected: Math.min(Math.max(Math.round(found.mean), low), high), high };
};

/** The interval of each measured hint ("": of the group), its quantiles chosen so that they hold 90 %
 * of projects that were left out. */
export function intervals(projects) {
  const found = curves(projects);
  const left = projects.map((answers, one) => ({ answers, found: curves(without(projects, one)) }));
  const held = {}; // hint: for each share, the sum of what is held, and of the weights
  for (const hint of Object.keys(found)) {
    held[hint] = SHARES.map((_, at) => {
      let [sum, weights] = [0, 0];
      for (const { answers, found: others } of left) {
        const mine = answers.filter((answer) => standing(found, answer.hint) === hint);
        if (mine.length === 0) continue;
        const weight = hint === "" ? 1 : weightOf(mine.length);
        const part = mine.filter(({ tokens, hint: given, number }) => {
          const kind = standing(others, given);
          const { low, high } = whole(others[kind], at);
          const times = NUMBERED.has(kind) ? number : 1;
          return inside({ low: low * times, high: high * times }, tokens);
        });
        sum += (weight * part.length) / mine.length;
        weights += weight;
      }
      return [sum, weights];
    });
  }
  const total = (at, which) => Object.values(held).reduce((sum, rows) => sum + rows[at][which], 0);
  const out = {};
  for (const hint of Object.keys(found)) {
    let best = [Infinity, 0];
    SHARES.forEach((_, at) => {
      const share = (held[hint][at][0] + (LEAN * total(at, 0)) / total(at, 1)) / (held[hint][at][1] + LEAN);
      // Differences below a fifth of a point are noise: of those the narrowest.
      const away = Math.floor(Math.abs(share - SHARE) / 0.002);
      if (away < best[0]) best = [away, at];
    });
    out[hint] = whole(found[hint], best[1]);
  }
  return out;
}

/** The interval for an answer, and the hint that it comes from. */
export function intervalFor(found, { hint, number }) {
  const kind = standing(found, hint);
  const times = NUMBERED.has(kind) ? number : 1;
  const { low, expected, high } = found[kind];
  return { kind, low: low * times, expected: expected * times, high: high * times };
}

/** The middle value, each with its weight. */
export function median(weighted) {
  const sorted = [...weighted].sort((a, b) => a[0] - b[0]);
  const half = sorted.reduce((sum, [, weight]) => sum + weight, 0) / 2;
  let sum = 0;
  for (const [value, weight] of sorted) {
    sum += weight;
    if (sum >= half) return value;
  }
  return 0;
}
