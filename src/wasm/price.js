// The short way of calculateCost: a name's price is looked up once a day, then numbers go into the
// module and one text comes back. Reading and writing an object field by field from within takes
// longer than to price it.
import { calculateCost as calculateAnew, costAtKnown, knownPrice } from "./promptfare_core.js";

const FIELDS = ["inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens", "cacheWrite1hTokens", "reasoningTokens",
  "inputAudioTokens", "cacheReadAudioTokens", "inputImageTokens", "outputAudioTokens", "outputImageTokens", "requests", "webSearches"];
const DAY_MS = 86_400_000;

/** Prices by name: [place, age of the book, source]. */
const prices = new Map();
let day = NaN;

/** A usage's number; -1 where it is not named, NaN where the long way has to say what is wrong. */
function count(value) {
  if (value === undefined || value === null) return -1;
  return Number.isSafeInteger(value) && value >= 0 ? value : NaN;
}

function ask(name, numbers) {
  let price = prices.get(name);
  if (price === undefined) prices.set(name, (price = knownPrice(name)));
  const text = costAtKnown(price[0], price[1], ...numbers);
  return text === undefined ? undefined : { lines: text.split("\n"), price: price[2] };
}

/** Forgets what was looked up: the module began anew. */
export function forgetPrices() {
  prices.clear();
}

export function calculateCost(model, usage, options) {
  if (typeof model !== "string" || typeof usage !== "object" || usage === null || options?.at !== undefined) {
    return calculateAnew(model, usage, options);
  }
  const numbers = FIELDS.map((name) => count(usage[name]));
  if (numbers[0] < 0 || numbers[1] < 0 || numbers.some(Number.isNaN)) return calculateAnew(model, usage, options);
  const today = Math.floor(Date.now() / DAY_MS);
  if (today !== day || prices.size > 1000) prices.clear();
  day = today;
  let found = ask(model, numbers);
  if (found === undefined) {
    // The catalogue is another by now, or the module had too many names.
    prices.clear();
    found = ask(model, numbers);
  }
  const [usd, input, output, fees, ...notes] = found.lines;
  const cost = { usd, input, output };
  if (fees !== "0") cost.fees = fees;
  if (notes.length > 0) cost.notes = notes;
  cost.price = found.price;
  return cost;
}
