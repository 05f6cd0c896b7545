// The short way of countTokens: for a model whose vocabulary is loaded, the text is written straight
// into the module's memory and a number comes back. A text of a sentence or two takes longer to hand
// over than to count.
import { countRoom, countTokens as countAnew, counterMethod, exactCounter, textRoom } from "./promptfare_core.js";

const encoder = new TextEncoder();
let memory;
let bytes = new Uint8Array(0);
let room = 0;
let size = 0;

/** Models by name: their counter's number and its method. Only those that count exactly. */
const counters = new Map();

/** Begins with a module's exports. */
export function useModule(exports) {
  memory = exports.memory;
  counters.clear();
  size = 0;
}

/** Whether the module was started. */
export const isStarted = () => memory !== undefined;

/** Makes sure that there is room for `wanted` bytes; what is there already stays. */
function makeRoom(wanted) {
  if (wanted > size) {
    room = textRoom(wanted);
    size = wanted;
  }
  // Memory that grew is another buffer.
  if (bytes.buffer !== memory.buffer) bytes = new Uint8Array(memory.buffer);
}

/** Writes a text as UTF-8 and says how many bytes it has. */
function write(text) {
  const length = text.length;
  makeRoom(Math.max(length, 1024));
  let at = 0;
  if (length <= 256) {
    // A call of the encoder takes longer than so many characters.
    for (; at < length; at += 1) {
      const code = text.charCodeAt(at);
      if (code > 127) break;
      bytes[room + at] = code;
    }
    if (at === length) return length;
  }
  const first = encoder.encodeInto(at ? text.slice(at) : text, bytes.subarray(room + at, room + size));
  let written = at + first.written;
  at += first.read;
  if (at < length) {
    // A UTF-16 unit has three bytes at the most.
    makeRoom(written + 3 * (length - at));
    written += encoder.encodeInto(text.slice(at), bytes.subarray(room + written, room + size)).written;
  }
  return written;
}

function counterOf(model) {
  const number = exactCounter(model);
  if (number < 0) return undefined;
  if (counters.size > 200) counters.clear();
  const counter = { number, method: counterMethod(number) };
  counters.set(model, counter);
  return counter;
}

export function countTokens(text, model) {
  if (typeof text !== "string" || typeof model !== "string" || memory === undefined) return countAnew(text, model);
  const counter = counters.get(model) ?? counterOf(model);
  if (counter === undefined) return countAnew(text, model);
  const tokens = countRoom(write(text), counter.number);
  // What is large is given back.
  if (size > 65536) size = 0;
  if (tokens < 0) {
    // The catalogue or the vocabularies are not what they were.
    counters.delete(model);
    return countAnew(text, model);
  }
  return { tokens, low: tokens, high: tokens, exact: true, method: counter.method };
}
