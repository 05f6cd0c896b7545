// Writes src/data/answer-length.json: how many tokens answers have, by kind of task, as an interval.
//
//   node scripts/answer-length.mjs [items.jsonl.gz]           write it
//   node scripts/answer-length.mjs --check [items.jsonl.gz]   write nothing; fail if it would change
//
//   node scripts/answer-length.mjs --table [items.jsonl.gz]   write nothing; print docs/cost.md's tables
//
// Every repository that recorded answers counts the same, however many it recorded, because the
// next application is more like one more repository than like one more answer of a known one. An
// interval's quantiles are those that hold 90 % of a repository which was left out; the coverage that
// is told is nested: a repository is left out of the choice of quantiles, too. `hints` are intervals
// for texts that are asked for in a form (scripts/answer-hints.mjs), where enough was recorded.
// `learned` is the coverage with the user's own history (src/cost/length.rs): each repository's
// answers in their order, its own earlier answers as the history. Needs Node 20, nothing else.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { hintIn, lastAsk, systemOf } from "./answer-hints.mjs";
import { learned } from "./answer-learning.mjs";
import { inside, intervalFor, intervals, mean, median, weightOf, without } from "./answer-intervals.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const OUT = here("../src/data/answer-length.json");
const LEAST = 10; // answers of a repository, to count in a group
const CUT = new Set(["length", "max_tokens", "incomplete", "content_filter", "guardrail_intervened"]);
const REASONS = /gpt-5|gpt-oss|(^|\/)o[134](-|$)|gemini-(2\.5|3)|reasoner|thinking|deepseek-(r1|v4)|grok-4(?!.*non-reasoning)|qwen3|kimi-k2|glm-|magistral|nova-2/;

const groupOf = (item) => {
  const has = (feature) => item.features.includes(feature);
  const task = has("structured") ? "structured" : has("tools") || has("server_tools") ? "tools" : "text";
  const asked = has("thinking") || has("thinking_blocks");
  return `${task}.${asked || REASONS.test(item.model.toLowerCase()) ? "reasoning" : "plain"}`;
};

/** What is recorded of an answer. Hints count for text alone: calls and schemas go by other things. */
function answerOf(item, group) {
  const asked = group.startsWith("text") ? (hintIn(lastAsk(item.request)) ?? hintIn(systemOf(item.request))) : undefined;
  const [hint, number] = asked ?? ["", 1];
  return { tokens: item.output_tokens, hint, number };
}

/** Coverage and width with the own history, and coverage without on the same answers. */
function withHistory(answers, found) {
  const [held, before, width] = [[], [], []];
  const past = [];
  for (const answer of answers.slice(0, 400)) {
    const typical = intervalFor(found, answer);
    if (past.length >= 5) {
      const now = learned(typical, past);
      held.push(Number(inside(now, answer.tokens)));
      before.push(Number(inside(typical, answer.tokens)));
      width.push((now.high - now.low + 1) / (typical.high - typical.low + 1));
    }
    past.push({ estimated: typical.expected, billed: answer.tokens });
  }
  return { held: mean(held), before: mean(before), width: mean(width) };
}

/** Each repository's answers, held against intervals that it had no part in. */
function leftOut(repos) {
  return repos.map((answers, one) => {
    const found = intervals(without(repos, one));
    const rows = answers.map((answer) => {
      const { kind, low, high } = intervalFor(found, answer);
      return { given: answer.hint, kind, held: Number(inside({ low, high }, answer.tokens)), width: high - low + 1 };
    });
    return { rows, held: mean(rows.map((row) => row.held)), history: withHistory(answers, found) };
  });
}

const each = (results, pick) => mean(results.map(pick));
const middle = (results) => median(results.flatMap(({ rows }) => rows.map(({ width }) => [width, 1 / rows.length])));
const average = (results) => Math.round(each(results, ({ rows }) => mean(rows.map(({ width }) => width))));
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const rounded = (share) => Math.round(share * 1000) / 1000;
const tables = [
  [["answers", "recorded", "projects", "interval, tokens", "coverage, project left out", "with own history", "its width, of the interval's", "worst project", "worst with history"]],
  [["answers", "coverage without hints", "with", "median width without", "with", "mean width without", "with"]],
  [["asked for", "recorded", "projects", "interval, tokens", "expected", "coverage without hints", "with", "median width without", "with"]],
];

const ENOUGH = 0.88; // of a left-out project's answers that a hint's interval must hold,
// or more than the group's interval holds of them; else the hint is left out

const bare = (repos, dropped) => repos.map((answers) => answers.map((answer) => (dropped(answer.hint) ? { ...answer, hint: "", number: 1 } : answer)));

/** How each measured hint does, beside the same answers without it. */
function measured(found, results, plain) {
  return Object.keys(found).filter(Boolean).sort().map((hint) => {
    const asked = results.flatMap(({ rows }, one) => {
      const mine = (list) => list.filter((_, at) => rows[at].given === hint);
      return mine(rows).length > 0 ? [{ with: mine(rows), without: mine(plain[one].rows) }] : [];
    });
    const weights = asked.map((project) => weightOf(project.with.length));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const held = (which) => asked.reduce((sum, project, at) => sum + weights[at] * mean(project[which].map((row) => row.held)), 0) / total;
    const width = (which) => median(asked.flatMap((project, at) => project[which].map((row) => [row.width, weights[at] / project.with.length])));
    const [before, after] = [held("without"), held("with")];
    return {
      hint, before, after, widthBefore: width("without"), width: width("with"), helps: after >= ENOUGH || after > before,
      answers: asked.flatMap((project) => project.with).length, repositories: asked.length,
    };
  });
}

function tell(group, found, { hint, helps, ...row }) {
  const { low, expected, high } = found[hint];
  tables[2].push([`${group}: ${hint}`, row.answers, row.repositories, helps ? `${low} to ${high}` : "left out", helps ? expected : "", percent(row.before), percent(row.after), row.widthBefore, row.width]);
}

function build(items) {
  const groups = new Map();
  for (const item of items) {
    if (item.kind !== "usage" || !(item.output_tokens > 0) || CUT.has(item.stop_reason)) continue;
    const group = groupOf(item);
    const repos = groups.get(group) ?? new Map();
    groups.set(group, repos.set(item.repo, [...(repos.get(item.repo) ?? []), answerOf(item, group)]));
  }
  const out = {};
  for (const [group, all] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    let repos = [...all.values()].filter((answers) => answers.length >= LEAST);
    let [found, results] = [intervals(repos), leftOut(repos)];
    let hints = [];
    const plain = Object.keys(found).length > 1 ? leftOut(bare(repos, () => true)) : results;
    for (;;) {
      hints = measured(found, results, plain);
      const poor = hints.filter(({ helps }) => !helps);
      for (const row of poor) tell(group, found, row);
      if (poor.length === 0) break;
      repos = bare(repos, (hint) => poor.some((row) => row.hint === hint));
      [found, results] = [intervals(repos), leftOut(repos)];
    }
    const [coverage, held] = [each(results, (one) => one.held), each(results, (one) => one.history.held)];
    const { low, expected, high } = found[""];
    out[group] = { low, expected, high, coverage: rounded(coverage), learned: rounded(held), answers: repos.flat().length, repositories: repos.length };
    const least = (pick) => percent(Math.min(...results.map(pick)));
    tables[0].push([group, out[group].answers, repos.length, `${low} to ${high}`, percent(coverage), percent(held), each(results, (one) => one.history.width).toFixed(2), least((one) => one.held), least((one) => one.history.held)]);
    if (hints.length === 0) continue;
    for (const row of hints) tell(group, found, row);
    out[group].hints = Object.fromEntries(hints.map(({ hint, after, answers, repositories }) => [hint, { ...found[hint], coverage: rounded(after), answers, repositories }]));
    tables[1].push([group, percent(each(plain, (one) => one.held)), percent(coverage), middle(plain), middle(results), average(plain), average(results)]);
  }
  return `{"generator":"scripts/answer-length.mjs","groups":{\n${Object.entries(out).map(([name, group]) => `${JSON.stringify(name)}:${JSON.stringify(group)}`).join(",\n")}\n}}\n`;
}

/** Our own examples, which src/cost/hints.rs is held to as well. */
function checkExamples() {
  const examples = JSON.parse(readFileSync(here("../tests/golden/answer-hints.json"), "utf8"));
  for (const [text, hint, number] of examples) {
    const [found, times] = hintIn(text) ?? ["", 1];
    if (found === hint && times === number) continue;
    console.error(`answer-length: ${JSON.stringify(text)} is read as ${found || "no hint"} ${times}, wanted ${hint || "no hint"} ${number}`);
    process.exitCode = 1;
  }
  // The same numbers that src/cost/length.rs is held to.
  for (const { history, learned: wanted, ...typical } of JSON.parse(readFileSync(here("../tests/golden/answer-learning.json"), "utf8"))) {
    const { low, high } = learned(typical, history.map(([estimated, billed]) => ({ estimated, billed })));
    if (low === wanted[0] && high === wanted[1]) continue;
    console.error(`answer-length: learned ${low} to ${high}, wanted ${wanted.join(" to ")}`);
    process.exitCode = 1;
  }
}

const check = process.argv.includes("--check");
const source = process.argv.slice(2).find((arg) => !arg.startsWith("-")) ?? here("../../shared/data/usage/items.jsonl.gz");
checkExamples();
if (!existsSync(source)) {
  console.log(`answer-length: no recorded answers at ${source}; left out`);
  process.exitCode ||= check ? 0 : 1;
} else {
  const lines = gunzipSync(readFileSync(source)).toString("utf8").split("\n").filter(Boolean);
  const text = build(lines.map((line) => JSON.parse(line)));
  if (process.argv.includes("--table")) {
    for (const [titles, ...rows] of tables) console.log([titles, titles.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |\n`).join(""));
    process.exit();
  }
  if (!check) writeFileSync(OUT, text);
  else if (readFileSync(OUT, "utf8") !== text) {
    console.error("answer-length: src/data/answer-length.json differs from what its source gives");
    process.exitCode = 1;
  }
  process.stdout.write(text);
}
