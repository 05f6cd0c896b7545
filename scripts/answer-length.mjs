// Writes src/data/answer-length.json: how many tokens answers have, by kind of task, as an interval.
//
//   node scripts/answer-length.mjs [items.jsonl.gz]           write it
//   node scripts/answer-length.mjs --check [items.jsonl.gz]   write nothing; fail if it would change
//
//   node scripts/answer-length.mjs --table [items.jsonl.gz]   write nothing; print docs/cost.md's table
//
// Every repository that recorded answers counts the same, however many it recorded, because the
// next application is more like one more repository than like one more answer of a known one. An
// interval's quantiles are those that hold 90 % of a repository which was left out; the coverage that
// is told is nested: a repository is left out of the choice of quantiles, too. `learned` is the
// coverage with the user's own history (src/cost/length.rs): each repository's answers in their
// order, its own earlier answers as the history. Needs Node 20, nothing else.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const OUT = here("../src/data/answer-length.json");
const SHARE = 0.9; // of answers that an interval is to hold
const LEAST = 10; // answers of a repository, to count in a group
const CUT = new Set(["length", "max_tokens", "incomplete", "content_filter", "guardrail_intervened"]);
const REASONS = /gpt-5|gpt-oss|(^|\/)o[134](-|$)|gemini-(2\.5|3)|reasoner|thinking|deepseek-(r1|v4)|grok-4(?!.*non-reasoning)|qwen3|kimi-k2|glm-|magistral|nova-2/;

const groupOf = (item) => {
  const has = (feature) => item.features.includes(feature);
  const task = has("structured") ? "structured" : has("tools") || has("server_tools") ? "tools" : "text";
  const asked = has("thinking") || has("thinking_blocks");
  return `${task}.${asked || REASONS.test(item.model.toLowerCase()) ? "reasoning" : "plain"}`;
};

/** The smallest value that has at least `share` of the weight at or below it. */
function quantile(sorted, share) {
  const total = sorted.reduce((sum, [, weight]) => sum + weight, 0);
  let sum = 0;
  for (const [value, weight] of sorted) {
    sum += weight;
    if (sum >= share * total - 1e-9) return value;
  }
  return sorted.at(-1)[0];
}

const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
const inside = ({ low, high }, lengths) => lengths.filter((length) => low <= length && length <= high).length / lengths.length;

function interval(repos, share) {
  const weighted = repos.flatMap((lengths) => lengths.map((length) => [length, 1 / lengths.length]));
  weighted.sort((a, b) => a[0] - b[0]);
  const total = weighted.reduce((sum, [, weight]) => sum + weight, 0);
  const average = weighted.reduce((sum, [length, weight]) => sum + length * weight, 0) / total;
  const low = quantile(weighted, (1 - share) / 2);
  const high = quantile(weighted, (1 + share) / 2);
  return { low, expected: Math.min(Math.max(Math.round(average), low), high), high };
}

const without = (repos, one) => repos.filter((_, other) => other !== one);

/** The share of the known answers that holds 90 % of those of a repository which was left out. */
function calibrated(repos) {
  let best = [Infinity, SHARE];
  for (let share = 0.75; share < 0.995; share += 0.005) {
    const held = mean(repos.map((lengths, i) => inside(interval(without(repos, i), share), lengths)));
    // Differences below a fifth of a point are noise: of those the narrowest.
    const away = Math.floor(Math.abs(held - SHARE) / 0.002);
    if (away < best[0]) best = [away, share];
  }
  return best[1];
}

const PRIOR = 3; // answers that the typical interval weighs as much as
const KEPT = 100; // of the user's own answers, the latest

/** As AnswerLength::learned in src/cost/length.rs: quantiles of a mixture of the typical lengths
 * (log-uniform between low and high, a twentieth outside on either side) and of the own ones. */
export function learned({ low, high }, own) {
  if (own.length === 0) return { low, high };
  const history = own.slice(-KEPT);
  const weight = PRIOR / (PRIOR + history.length);
  const span = Math.log(Math.max(high, low + 1) / low);
  const typical = (y) => (y < low ? 0 : y >= high ? 1 : 0.05 + (0.9 * Math.log(y / low)) / span);
  const share = (y) => weight * typical(y) + ((1 - weight) * history.filter((length) => length <= y).length) / history.length;
  // The least whole number at which so much lies at or below.
  const least = (wanted) => {
    let [from, to] = [0, Math.max(high, ...history)];
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      if (share(middle) >= wanted - 1e-9) to = middle;
      else from = middle + 1;
    }
    return from;
  };
  return { low: least(0.05), high: least(0.95) };
}

/** Coverage and mean width with the own history, and without on the same answers. */
function withHistory(repos, share) {
  const rows = repos.map((lengths, i) => {
    const prior = interval(without(repos, i), share);
    const row = { held: [], width: [], before: [], worst: 0 };
    for (let t = 5; t < Math.min(lengths.length, 400); t += 1) {
      const now = learned(prior, lengths.slice(0, t));
      row.held.push(inside(now, [lengths[t]]));
      row.before.push(inside(prior, [lengths[t]]));
      row.width.push((now.high - now.low + 1) / (prior.high - prior.low + 1));
    }
    return row;
  });
  const each = (name) => rows.map((row) => mean(row[name]));
  return { held: mean(each("held")), width: mean(each("width")), worst: Math.min(...each("held")), worstBefore: Math.min(...each("before")) };
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;
const rows = [];

function build(items) {
  const groups = new Map();
  for (const item of items) {
    if (item.kind !== "usage" || !(item.output_tokens > 0) || CUT.has(item.stop_reason)) continue;
    const group = groupOf(item);
    const repos = groups.get(group) ?? new Map();
    groups.set(group, repos.set(item.repo, [...(repos.get(item.repo) ?? []), item.output_tokens]));
  }
  const out = {};
  const rounded = (share) => Math.round(share * 1000) / 1000;
  for (const [group, all] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const repos = [...all.values()].filter((lengths) => lengths.length >= LEAST);
    const coverage = mean(repos.map((lengths, i) => {
      const others = without(repos, i);
      return inside(interval(others, calibrated(others)), lengths);
    }));
    const share = calibrated(repos);
    const history = withHistory(repos, share);
    out[group] = { ...interval(repos, share), coverage: rounded(coverage), learned: rounded(history.held), answers: repos.flat().length, repositories: repos.length };
    rows.push([group, out[group].answers, repos.length, `${out[group].low} to ${out[group].high}`, percent(coverage), percent(history.held), history.width.toFixed(2), percent(history.worstBefore), percent(history.worst)]);
  }
  return `{"generator":"scripts/answer-length.mjs","groups":{\n${Object.entries(out).map(([name, group]) => `${JSON.stringify(name)}:${JSON.stringify(group)}`).join(",\n")}\n}}\n`;
}

const check = process.argv.includes("--check");
const source = process.argv.slice(2).find((arg) => !arg.startsWith("-")) ?? here("../../shared/data/usage/items.jsonl.gz");
if (!existsSync(source)) {
  console.log(`answer-length: no recorded answers at ${source}; left out`);
  process.exitCode = check ? 0 : 1;
} else {
  const lines = gunzipSync(readFileSync(source)).toString("utf8").split("\n").filter(Boolean);
  const text = build(lines.map((line) => JSON.parse(line)));
  if (process.argv.includes("--table")) {
    const titles = ["answers", "recorded", "projects", "interval, tokens", "coverage, project left out", "with own history", "its width, of the interval's", "worst project", "worst with history"];
    for (const row of [titles, titles.map(() => "---"), ...rows]) console.log(`| ${row.join(" | ")} |`);
    process.exit(0);
  }
  if (!check) writeFileSync(OUT, text);
  else if (readFileSync(OUT, "utf8") !== text) {
    console.error("answer-length: src/data/answer-length.json differs from what its source gives");
    process.exitCode = 1;
  }
  process.stdout.write(text);
}
