// How long a fit and a comparison take in WebAssembly, both modules together, in Node, on the package that
// `npm run build` leaves: `node benches/fitting.mjs`.
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../scripts/setup.mjs";

const pkg = path.join(root, "pkg");
const promptfare = await import(pathToFileURL(path.join(pkg, "promptfare.js")).href);
const workshop = await import(pathToFileURL(path.join(pkg, "workshop.js")).href);
await promptfare.default(readFileSync(path.join(pkg, "promptfare_core_bg.wasm")));
await workshop.default(readFileSync(path.join(pkg, "promptfare_workshop_bg.wasm")));

const WORDS = "the ferry leaves harbour at noon and a ticket costs less when it is bought before Friday because fares rise".split(" ");
let seed = 1;
/** Invented English, the same in every run. */
function prose(length) {
  const words = [];
  for (let size = 0; size < length; ) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    words.push(WORDS[(seed >>> 8) % WORDS.length] + (words.length % 13 === 12 ? ".\n" : " "));
    size += words.at(-1).length;
  }
  return words.join("");
}

const messages = [{ role: "system", content: "You sell tickets." }];
while (messages.length < 1999) messages.push({ role: messages.length % 2 === 1 ? "user" : "assistant", content: prose(500) });
messages.push({ role: "user", content: "Which crossing was the cheapest?" });
const request = { messages, max_tokens: 1000 };
const long = { messages: [{ role: "user", content: prose(1_000_000) }], max_tokens: 1000 };
const changed = { messages: [{ role: "user", content: long.messages[0].content.replaceAll("fares rise", "fares climb") }] };

/** The median of five, in milliseconds. */
function time(run) {
  const all = [];
  for (let n = 0; n < 5; n += 1) {
    const started = performance.now();
    run();
    all.push(performance.now() - started);
  }
  return Math.round(all.sort((a, b) => a - b)[2]);
}

function all(counting) {
  const row = (what, run) => console.log(`| ${what} | ${counting} | ${time(run)} |`);
  row("one count of it", () => promptfare.estimateTokens(request, { model: "gpt-4o" }));
  row("2,000 messages, 1 MB, one candidate", () => workshop.fitRequest(request, { model: "gpt-4o" }));
  row("the same, four candidates", () => workshop.fitRequest(request, { model: "gpt-4o", candidates: ["claude-haiku-4-5", "gpt-4.1", "gpt-4.1-mini"] }));
  row("one message of 1 MB", () => workshop.fitRequest(long, { model: "gpt-4o" }));
  row("two versions of 1 MB", () => workshop.compareVersions(long, changed, { model: "gpt-4o" }));
}

console.log("| what | counts | ms |\n| --- | --- | --- |");
all("estimates");
for (const name of ["o200k_base", "claude-4.7", "claude-3"]) await promptfare.loadVocabulary(name, readFileSync(path.join(pkg, "vocabularies", `${name}.bin`)));
all("exact");
