// Writes src/data/answer-length.json: how many tokens answers have, by kind of task, as an interval.
//
//   node scripts/answer-length.mjs [items.jsonl.gz]           write it
//   node scripts/answer-length.mjs --check [items.jsonl.gz]   write nothing; fail if it would change
//
// Every repository that recorded answers counts the same, however many it recorded, because the
// next application is more like one more repository than like one more answer of a known one. So the
// coverage is measured on repositories that were left out. Needs Node 20, nothing else.

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

function interval(repos) {
  const weighted = repos.flatMap((lengths) => lengths.map((length) => [length, 1 / lengths.length]));
  weighted.sort((a, b) => a[0] - b[0]);
  const total = weighted.reduce((sum, [, weight]) => sum + weight, 0);
  const mean = weighted.reduce((sum, [length, weight]) => sum + length * weight, 0) / total;
  const low = quantile(weighted, (1 - SHARE) / 2);
  const high = quantile(weighted, (1 + SHARE) / 2);
  return { low, expected: Math.min(Math.max(Math.round(mean), low), high), high };
}

function build(items) {
  const groups = new Map();
  for (const item of items) {
    if (item.kind !== "usage" || !(item.output_tokens > 0) || CUT.has(item.stop_reason)) continue;
    const group = groupOf(item);
    const repos = groups.get(group) ?? new Map();
    groups.set(group, repos.set(item.repo, [...(repos.get(item.repo) ?? []), item.output_tokens]));
  }
  const out = {};
  for (const [group, all] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const repos = [...all.values()].filter((lengths) => lengths.length >= LEAST);
    const held = repos.map((lengths, i) => {
      const { low, high } = interval(repos.filter((_, j) => j !== i));
      return lengths.filter((length) => low <= length && length <= high).length / lengths.length;
    });
    const coverage = held.reduce((sum, share) => sum + share, 0) / held.length;
    out[group] = { ...interval(repos), coverage: Math.round(coverage * 1000) / 1000, answers: repos.flat().length, repositories: repos.length };
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
  if (!check) writeFileSync(OUT, text);
  else if (readFileSync(OUT, "utf8") !== text) {
    console.error("answer-length: src/data/answer-length.json differs from what its source gives");
    process.exitCode = 1;
  }
  process.stdout.write(text);
}
