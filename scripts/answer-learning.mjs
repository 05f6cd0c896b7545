// As src/cost/adaptive.rs and src/cost/length.rs: an interval that learns from what was billed. The
// recordings are held to it (scripts/answer-length.mjs); tests/golden/answer-learning.json holds both
// to the same numbers.

const BEYOND = 0.05;
const PRIOR = 3;
const KEPT = 100;
const GAIN = 0.1;
const LEAST = 0.05;
const MOST = 3;
const LATEST = 1000;

const log = (tokens) => Math.log(Math.max(tokens, 0.5));
const level = (surplus) => BEYOND * Math.exp(-GAIN * surplus);
const miss = (beyond) => (beyond ? 1 - BEYOND : -BEYOND);
const wound = (surplus) => Math.min(Math.max(surplus, -Math.log(MOST) / GAIN), -Math.log(LEAST) / GAIN);

/** The value with the share `above` above it: even between the ends, exponential beyond. */
function quantile(low, high, above) {
  const width = (high - low) / (1 - 2 * BEYOND);
  const tail = (share) => BEYOND * width * Math.log(BEYOND / share);
  if (above >= 1) return -Infinity;
  if (above > 1 - BEYOND) return low - tail(1 - above);
  if (above >= BEYOND) return high - width * (above - BEYOND);
  return high + tail(Math.max(above, 1e-9));
}

class Tracker {
  constructor(low, high) {
    this.low = low;
    this.high = Math.max(high, low + 1e-6);
    this.latest = [];
    this.below = 0;
    this.above = 0;
  }

  ends() {
    const falling = [...this.latest].sort((a, b) => b - a);
    const upper = this.end(this.low, this.high, level(this.above), (rank) => falling[rank]);
    const lower = -this.end(-this.high, -this.low, level(this.below), (rank) => (rank < falling.length ? -falling[falling.length - 1 - rank] : undefined));
    return [Math.min(lower, upper), Math.max(upper, lower)];
  }

  end(low, high, wantedLevel, own) {
    const count = this.latest.length;
    const weight = count / (PRIOR + count);
    const share = (rank) => (weight * rank) / Math.max(count, 1);
    let floor = Infinity;
    for (let rank = 0; rank <= count; rank++) {
      const left = wantedLevel - share(rank);
      if (left < 0) break;
      const wanted = quantile(low, high, left / (1 - weight));
      const bottom = own(rank) ?? -Infinity;
      if (wanted >= floor) break;
      floor = Math.max(wanted, bottom);
      if (wanted > bottom) break;
    }
    const largest = own(0);
    if (largest === undefined || wantedLevel >= share(1)) return floor;
    const tenth = Math.floor(count / 10) + 1;
    const from = own(tenth) ?? largest;
    let sum = 0;
    for (let rank = 0; rank < tenth; rank++) sum += (own(rank) ?? from) - from;
    return Math.max(floor, largest + Math.max(sum / tenth, 0.02) * Math.log(share(1) / wantedLevel));
  }

  add(bill, [low, high]) {
    this.below = wound(this.below + miss(bill < low - 1e-9));
    this.above = wound(this.above + miss(bill > high + 1e-9));
    if (this.latest.length >= KEPT) this.latest.shift();
    this.latest.push(bill);
  }

  whole(expected) {
    const [low, high] = this.ends();
    return [Math.floor(expected * Math.exp(low) + 1e-6), Math.ceil(expected * Math.exp(high) - 1e-6)];
  }
}

/** The interval after past answers ({ estimated, billed }), oldest first, and with one fed in after the other. */
export function learned({ low, expected, high }, past) {
  const middle = log(expected);
  const tracker = new Tracker(log(low) - middle, log(high) - middle);
  for (const { estimated, billed } of past.slice(-LATEST)) {
    if (estimated <= 0) continue;
    const own = log(estimated);
    const [least, most] = tracker.whole(estimated);
    tracker.add(log(billed) - own, [log(least) - own, log(most) - own]);
  }
  if (tracker.latest.length === 0) return { low, high };
  const [least, most] = tracker.whole(expected);
  return { low: least, high: most };
}
