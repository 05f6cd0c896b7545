// How long prompt practice takes on a prompt of 1 MB, in Node, beside peers of the same run:
// `node benches/practice.mjs [--hostile] [--runs 3]`, after `npm run build`. Times are the best of the runs; the
// ratio is to one count of the same text by gpt-tokenizer (o200k_base), so that it holds on other machines.
// --hostile: texts made to be slow, by the ratio to the plainest of peers, a copy through JSON.
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { countTokens as peerCount } from "gpt-tokenizer/encoding/o200k_base";
import { root } from "../scripts/setup.mjs";

const { values } = parseArgs({ options: { hostile: { type: "boolean" }, runs: { type: "string", default: "3" } } });
const RUNS = Number(values.runs);
const SIZE = 1 << 20;
const MODEL = "gpt-5";

const pkg = path.join(root, "pkg");
const promptfare = await import(pathToFileURL(path.join(pkg, "promptfare.js")).href);
const workshop = await import(pathToFileURL(path.join(pkg, "workshop.js")).href);
await promptfare.default(readFileSync(path.join(pkg, "promptfare_core_bg.wasm")));
await workshop.default(readFileSync(path.join(pkg, "promptfare_workshop_bg.wasm")));

/** Numbers that are the same in every run (mulberry32). */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A prompt of prose, code, JSON and tables, with something of everything that can go. */
function mixed(size) {
  const next = random(7);
  const pick = (list) => list[Math.floor(next() * list.length)];
  const words = "the report says that every town along river must keep its bridges open while winter lasts and nobody shall pay twice for what was mended before please note council answers letters within seven days".split(" ");
  const sentence = () => {
    const text = Array.from({ length: 6 + Math.floor(next() * 14) }, () => pick(words)).join(pick([" ", " ", " ", "  "]));
    return `${text[0].toUpperCase()}${text.slice(1)}${pick([".", ".", "?", "!"])}`;
  };
  const paragraph = () => Array.from({ length: 2 + Math.floor(next() * 5) }, sentence).join(" ");
  const row = () => ({ id: Math.floor(next() * 1e6), town: pick(words), open: next() > 0.5, tags: [pick(words), pick(words)] });
  const pieces = [];
  let length = 0;
  while (length < size) {
    const piece = pick([
      paragraph, paragraph, paragraph, () => pick(pieces.length === 0 ? ["Begin."] : pieces), () => `${paragraph()}   \n\n\n`,
      () => `\`\`\`js\nfor (const ${pick(words)} of list) {\n    run( ${pick(words)} );\n}\n\`\`\``,
      () => JSON.stringify(Array.from({ length: 6 }, row), null, 2),
      () => `| town    | days |\n|---------|------|\n${Array.from({ length: 5 }, () => `| ${pick(words).padEnd(7)} | ${Math.floor(next() * 99)}   |`).join("\n")}`,
      () => `He wrote: "${sentence()}" and left ${pick(["a@b.example", "+49 30 1234567", "`npm test`"])}.`,
    ])();
    pieces.push(piece);
    length += piece.length + 2;
  }
  return pieces.join("\n\n").slice(0, size);
}

function time(run) {
  let best = Infinity;
  for (let turn = 0; turn < RUNS; turn += 1) {
    const started = performance.now();
    run();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

const asked = (text) => ({ model: MODEL, messages: [{ role: "system", content: "You answer letters of towns." }, { role: "user", content: text }] });
const client = await promptfare.Client.create({ baseUrl: "http://127.0.0.1:9/v1", models: [MODEL] });

/** Ours, by name: `(request, text)`. What is not built yet is left out, in one line. */
const ours = [
  ["slimRequest", workshop.slimRequest, (request) => workshop.slimRequest(request)],
  ["reviewPrompt", workshop.reviewPrompt, (request) => workshop.reviewPrompt(request)],
  ["fitRequest, to a tenth", workshop.fitRequest, (request) => workshop.fitRequest(request, { limitTokens: 25_000, answerTokens: 1000 })],
  ["compareVersions, itself", workshop.compareVersions, (request) => workshop.compareVersions(request, request)],
  ["plan", client.plan, (request) => client.plan(request)],
  ["plan with privacy", client.plan, (request) => client.plan(request, { privacy: { mode: "secrets" } })],
];
const peers = [
  ["gpt-tokenizer, one count", (request, text) => peerCount(text)],
  ["a copy through JSON", (request) => JSON.parse(JSON.stringify(request))],
  ["two regular expressions", (request, text) => text.replace(/[ \t]+$/gm, "").replace(/ {2,}/g, " ")],
  ["our own count", (request) => promptfare.estimateTokens(request)],
];

function table(text, all) {
  const request = asked(text);
  const rows = [];
  for (const [name, exists, run] of all) {
    if (exists === undefined) {
      console.log(`left out: ${name} is not in this build`);
      continue;
    }
    try {
      rows.push([name, time(() => run(request, text))]);
    } catch (error) {
      console.log(`${name}: ${error.kind ?? ""} ${error.message}`);
    }
  }
  return rows;
}

if (values.hostile) {
  const fill = (unit) => unit.repeat(Math.ceil(SIZE / unit.length)).slice(0, SIZE);
  const texts = ["a", " ", "\n", "[", "[\n", "{\"a\":\n", "\"", "`", "`a``b", "'a ", "“", "|", "|a|\n|-|\n", "+--+\n| a |\n", "<a>\n",
    "the same line again and again\n", "a. ", "x  y\n", "- a\n", "please ", "Thank you. ", "a b c d e f g h i j k l m n o p q r s t u v\n\n"];
  const names = ours.filter(([, exists]) => exists !== undefined).map(([name]) => name);
  console.log(`milliseconds for 1 MB of one thing, without a vocabulary; the mixed prompt first\n\n| text | copy | our own count | ${names.join(" | ")} |\n| --- | --- | --- | ${names.map(() => "---").join(" | ")} |`);
  for (const [name, text] of [["mixed", mixed(SIZE)], ...texts.map((unit) => [JSON.stringify(unit.slice(0, 14)).replaceAll("|", "\\|"), fill(unit)])]) {
    const took = Object.fromEntries(table(text, [...ours, ...peers.map(([peer, run]) => [peer, run, run]).filter(([peer]) => peer !== "gpt-tokenizer, one count")]));
    console.log(`| ${name} | ${["a copy through JSON", "our own count", ...names].map((each) => (took[each] === undefined ? "-" : Math.round(took[each]))).join(" | ")} |`);
  }
} else {
  const text = mixed(SIZE);
  const slim = () => workshop.slimRequest(asked(text));
  for (const [state, load] of [["without a vocabulary (estimates)", null], ["with o200k_base (exact counts)", "o200k_base"]]) {
    if (load !== null) await promptfare.loadVocabulary(load, readFileSync(path.join(pkg, `vocabularies/${load}.bin`)));
    const rows = table(text, [...peers.map(([name, run]) => [name, run, run]), ...ours]);
    const unit = rows[0][1];
    console.log(`\n1 MB of prose, code, JSON and tables, ${state}, Node ${process.version}\n\n| | ms | times gpt-tokenizer |\n| --- | --- | --- |`);
    for (const [name, ms] of rows) console.log(`| ${name} | ${ms.toFixed(0)} | ${(ms / unit).toFixed(2)} |`);
    const { before, lossless, all, proposals } = slim();
    console.log(`\nslimRequest: ${before.tokens} tokens, ${lossless.tokens} without loss, ${all.tokens} with all of ${proposals.length} proposals`);
  }
}
client.free();
