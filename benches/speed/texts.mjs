// Texts to count: ten kinds, any size, as many different ones as wanted. Real sentences come from
// packages that the project has anyway: the documents of the Node packages, the translated messages
// of npm typescript, this project's own sources.
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { root } from "../../scripts/setup.mjs";

/** A small generator of pseudo-random numbers (mulberry32), so that every run has the same texts. */
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const read = (...parts) => readFileSync(path.join(root, ...parts), "utf8");

function below(folder, ending) {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) return below(place, ending);
    return entry.name.endsWith(ending) ? [place] : [];
  });
}

const messages = (language) =>
  Object.values(JSON.parse(read("node_modules/typescript/lib", language, "diagnosticMessages.generated.json"))).filter(
    (text) => typeof text === "string" && text.length > 20,
  );

const lines = (text) => text.split("\n").filter((line) => line.trim().length > 10);
const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const faces = ["😀", "🎉", "👩‍👩‍👧‍👦", "👍🏽", "🇨🇭", "❤️", "🚂", "🧑‍🚀"];

/** Each kind: what one line is made of, and what stands between lines. */
const kinds = {
  English: { parts: () => below("node_modules", ".md").flatMap((name) => lines(read(name))), between: "\n" },
  Rust: { parts: () => ["src", "tests", "examples"].flatMap((name) => below(name, ".rs")).flatMap((name) => read(name).split("\n")), between: "\n" },
  JSON: { parts: () => read("src/data/catalog.json").split("\n"), between: "" },
  German: { parts: () => messages("de"), between: " " },
  Russian: { parts: () => messages("ru"), between: " " },
  Chinese: { parts: () => messages("zh-cn"), between: "" },
  Japanese: { parts: () => messages("ja"), between: "" },
  Korean: { parts: () => messages("ko"), between: " " },
  emoji: { make: (random) => faces[Math.floor(random() * faces.length)] + (random() < 0.2 ? " " : "") },
  base64: { make: (random) => base64[Math.floor(random() * 64)] },
};

export const names = Object.keys(kinds);

const cache = new Map();

/** The lines of a kind in a random order, always the same, with the bytes before each. */
function pool(kind) {
  if (!cache.has(kind)) {
    const random = generator(names.indexOf(kind) + 1);
    const { parts, between } = kinds[kind];
    const lines = parts().map((line) => ({ line: line + between, rank: random() })).sort((a, b) => a.rank - b.rank);
    let bytes = 0;
    for (const own of lines) {
      own.before = bytes;
      bytes += Buffer.byteLength(own.line);
    }
    cache.set(kind, { lines, bytes });
  }
  return cache.get(kind);
}

/** A text of one kind with `bytes` bytes of UTF-8, give or take a character: the `seed`th window of
 * all there is of the kind. Windows overlap only where there is too little of it for so many. */
export function text(kind, bytes, seed) {
  const { make } = kinds[kind];
  const random = generator(seed * 7919 + names.indexOf(kind));
  const out = [];
  let size = 0;
  const { lines, bytes: all } = make ? { lines: [], bytes: 1 } : pool(kind);
  let place = lines.findLastIndex((own) => own.before <= (seed * bytes) % all);
  while (size < bytes) {
    const piece = make ? make(random) : lines[place++ % lines.length].line;
    out.push(piece);
    size += Buffer.byteLength(piece);
  }
  return Buffer.from(out.join("")).subarray(0, bytes).toString("utf8").replace(/\uFFFD+$/, "");
}

/** Texts that make careless counters quadratic. */
export const hostile = {
  "one letter": (bytes) => "a".repeat(bytes),
  spaces: (bytes) => " ".repeat(bytes),
  newlines: (bytes) => "\n".repeat(bytes),
  "equals signs": (bytes) => "=".repeat(bytes),
  "one ideograph": (bytes) => "的".repeat(bytes / 3),
  "letters without a break": (bytes) => {
    const random = generator(5);
    return Array.from({ length: bytes }, () => String.fromCharCode(97 + Math.floor(random() * 26))).join("");
  },
  "spaces and newlines": (bytes) => " \n\t".repeat(bytes / 3),
  "combining marks": (bytes) => "e\u0301".repeat(bytes / 3),
  apostrophes: (bytes) => "'".repeat(bytes),
};
