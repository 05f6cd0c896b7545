// What a recorded request asks for in words: the text of its last question, and the form that it asks
// the answer to have. The same scan as src/cost/hints.rs, over the same phrases; both are held to
// tests/golden/answer-hints.json. Used by scripts/answer-length.mjs.

import { readFileSync } from "node:fs";

const PHRASES = JSON.parse(readFileSync(new URL("../src/data/answer-hints.json", import.meta.url), "utf8"));
const END = 500; // characters that are read at either end of a text
const FOLDED = ["aàáâãäÀÁÂÃÄ", "eèéêëÈÉÊË", "iìíîïÌÍÎÏ", "oòóôõöÒÓÔÕÖ", "uùúûüÙÚÛÜ", "nñÑ", "cçÇ"];

/** Words of letters and digits in lower case, a space around each. Beyond Latin everything that is not
 * of the blocks of punctuation is a letter. */
function words(text) {
  const all = [...text];
  const read = all.length <= 2 * END ? all : [...all.slice(0, END), " ", ...all.slice(-END)];
  let out = " ";
  for (const character of read) {
    const folded = FOLDED.find((alike) => alike.includes(character));
    if (folded) out += folded[0];
    else if (/[a-z0-9]/i.test(character)) out += character.toLowerCase();
    else if (/[\u{c0}-\u{1fff}\u{2070}-\u{2fff}\u{3040}-\u{10ffff}]/u.test(character)) out += character;
    else if (!out.endsWith(" ")) out += " ";
  }
  return out.endsWith(" ") ? out : `${out} `;
}

/** The first number that stands before a unit, with at most one word between: [unit, number]. */
function numbered(text) {
  const list = text.trim().split(" ");
  const unit = (word) => word && Object.keys(PHRASES.units).find((name) => PHRASES.units[name].includes(` ${word} `));
  for (let at = 0; at < list.length; at += 1) {
    const word = list[at];
    const named = PHRASES.numbers.findIndex((spellings) => spellings.includes(` ${word} `)) + 1;
    const article = word === "a" && list[at - 1] === "in" && list[at + 1] !== "few" ? 1 : 0;
    const number = /^[0-9]{1,4}$/.test(word) ? Number(word) : named || article;
    const found = unit(list[at + 1]) ?? unit(list[at + 2]);
    if (number > 0 && found) return [found, number];
  }
  return [undefined, 0];
}

/** The form that `text` asks for: [hint, number], or undefined where it names none or contradicts itself. */
export function hintIn(text) {
  const folded = words(text);
  const has = (kind) => PHRASES[kind].some((phrase) => folded.includes(phrase));
  const [unit, number] = numbered(folded);
  if (unit === "word" && number >= 100) return has("limit") ? undefined : ["words", number];
  const few = unit === "word" && number <= 3 ? "word" : unit === "sentence" && number <= 20 ? "sentences" : undefined;
  if (has("long")) return few || has("short") || has("only") ? undefined : ["long", 1];
  if (few) return [few, few === "word" ? 1 : number];
  if (unit) return undefined;
  if (has("word")) return ["word", 1];
  return has("only") ? ["only", 1] : undefined;
}

function textOf(content) {
  if (typeof content === "string") return content;
  if (Array.isArray(content)) return content.map(textOf).join("");
  return typeof content?.text === "string" ? content.text : content?.parts ? textOf(content.parts) : "";
}

const isResult = (part) => part?.type === "tool_result" || part?.toolResult || part?.functionResponse || part?.function_response;

/** The last question of a recorded request, in whichever of five shapes it was recorded. */
export function lastAsk(request) {
  const given = request.messages ?? request.contents ?? request.input ?? [];
  const list = Array.isArray(given) ? given : [given];
  for (const entry of [...list].reverse()) {
    const message = typeof entry === "string" ? { content: entry } : entry;
    const content = message?.content ?? message?.parts ?? message?.text;
    if (!message || (message.role ?? "user") !== "user" || message.type === "function_call_output") continue;
    if (Array.isArray(content) && content.some(isResult)) continue;
    const text = textOf(content);
    if (text.trim()) return text;
  }
  return "";
}

/** The instructions that stand above the conversation. */
export function systemOf(request) {
  const list = [request.messages, request.input].find(Array.isArray) ?? [];
  const said = list.filter((message) => message?.role === "system" || message?.role === "developer").map((message) => textOf(message.content));
  return [textOf(request.system), textOf(request.instructions), textOf(request.systemInstruction ?? request.system_instruction), ...said].join(" ");
}
