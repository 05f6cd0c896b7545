// Writes the table of faults in words.
import { TEXT } from "./text.mjs";

/** How much of the text that came is there. */
function share(text, wanted) {
  if (text === "") return "no text";
  if (text === TEXT) return "whole text";
  return text === wanted ? "the text so far" : `${[...text].length} characters`;
}

const cell = (text) => String(text).replaceAll("|", "\\|").replaceAll("<", "&lt;");
const row = (cells) => `| ${cells.map(cell).join(" | ")} |`;
const times = (count) => (count === 1 ? "1 time" : `${count} times`);

function ours({ receipt }, asked) {
  const what = receipt.ending === "errored"
    ? `**${receipt.error.kind}**${receipt.error.status === undefined ? "" : ` ${receipt.error.status}`}`
    : receipt.ending === "truncated" ? `**truncated**: ${receipt.reason}` : `**${receipt.ending}**`;
  return `${what}; ${share(receipt.text, receipt.text)}; ${times(asked)}`;
}

function theirs({ ended, error, finishReason, text, asked }, wanted) {
  if (ended === "never") return `nothing after 15 s; ${share(text, wanted)}; ${times(asked)}`;
  const words = ended === "throws" ? `throws ${error.name}${error.status === null ? "" : ` ${error.status}`}${error.showsKey ? ", with the key in it" : ""}` : `ends quietly, ${finishReason ?? "no finish_reason"}`;
  return `${words}; ${share(text, wanted)}; ${times(asked)}`;
}

/** What never gets better by being asked again. */
const HOPELESS = ["authentication", "permission", "quota", "policy", "context_overflow", "invalid_request", "unknown_model"];

/** What is not as it should be in a peer's answer to a fault, by name; null where nothing is. */
function blemish({ ended, error, text, asked, finishReason }, { expect: want, ourLimit }, receipt) {
  // A limit of ours is no fault of theirs.
  if (ourLimit === true) return null;
  if (ended === "never") return "waits";
  if (error?.showsKey) return "key";
  const broken = want.ending === "errored" || (want.ending === "truncated" && receipt.finishReason === null);
  if (broken && ended === "quietly" && text !== TEXT) return "quiet";
  if (want.ending === "completed" && (ended === "throws" || text.length < receipt.text.length)) return "fails";
  if (want.ending === "errored" && want.attempts === 1 && asked > 1 && (HOPELESS.includes(want.kind) || want.obeyed)) return "again";
  return null;
}

const BLEMISHES = {
  quiet: "end without throwing although nothing usable came or it broke off; at best a missing or odd finish_reason tells",
  fails: "fail, or lose text, where the answer can be had",
  again: "ask again what cannot succeed, or what they were told not to ask again",
  waits: "still wait after 15 s",
  key: "repeat the key in the error",
};

const WAYS = {
  direct: "across origins",
  proxy: "same-origin, through the page's own server",
  litellm: "behind a real LiteLLM proxy 1.106.2, across origins",
  portkey: "behind Portkey's gateway 1.15.2, same-origin",
};

/** The document. */
export function document({ faults, expected, direct, requestsOf, peers, counts, stopTimes, versions, left }) {
  const lines = [
    "# What is said of every fault",
    "",
    "Written by `npm run faults`: a scripted upstream (`tests/faults/`) fails in every way that gateways and networks were seen to fail, and promptfare, openai-node and the AI SDK read it in the same page of one headless Chromium, each with its own defaults for retries. What promptfare must say is written down with each fault and checked, here and in `npm test`. Where the fault is silence, promptfare's limits and openai-node's `timeout` are set to about a second (by default promptfare gives up after 60 s without a byte); the AI SDK has no such limit.",
    "",
    `Chromium ${versions.chromium}; npm \`openai\` ${versions.openai}; npm \`ai\` ${versions.ai} with \`@ai-sdk/openai-compatible\` ${versions.compatible}.`,
    "",
    "## Counts",
    "",
    "| way | faults | told as they must be |",
    "| --- | ---: | ---: |",
    ...counts.map(({ way, total, right }) => row([WAYS[way], total, right])),
    "",
  ];
  if (left.length > 0) lines.push(`Left out: ${left.join("; ")}.`, "");
  const marks = { openaiNode: new Map(), aiSdk: new Map() };
  const table = [];
  for (const fault of faults) {
    const { outcome, run } = direct.get(fault.name);
    const asked = requestsOf(run).length;
    const cells = [];
    for (const name of ["openaiNode", "aiSdk"]) {
      const answer = peers[name].get(fault.name);
      const mark = blemish(answer, fault, outcome.receipt);
      if (mark !== null) marks[name].set(mark, [...(marks[name].get(mark) ?? []), fault.name]);
      cells.push(theirs(answer, outcome.receipt.text) + (mark === null ? "" : ` (${mark})`));
    }
    table.push(row([fault.name, fault.what, ours(outcome, asked), ...cells]));
  }
  lines.push(`Of the ${faults.length} faults across origins`, "", "| what | mark | openai-node | AI SDK |", "| --- | --- | ---: | ---: |");
  for (const [name, words] of Object.entries(BLEMISHES)) lines.push(row([words, name, ...["openaiNode", "aiSdk"].map((peer) => marks[peer].get(name)?.length ?? 0)]));
  lines.push("", "## How soon the upstream hears of a stop", "", "Milliseconds from the stop in the page (by a signal and by leaving the loop, in turns) to the moment the upstream sees its connection go.", "",
    "| way | stops | median | 95 % | slowest |", "| --- | ---: | ---: | ---: | ---: |",
    ...stopTimes.map(([name, found]) => row([name, found.times, ...["median", "p95", "slowest"].map((key) => (Number.isFinite(found[key]) ? found[key].toFixed(1) : "not within 15 s"))])),
    "", "## What a gateway hides", "", "Behind a gateway promptfare can tell only what the gateway lets through. These faults arrive as something else, and are expected so:", "",
    "| fault | gateway | what it makes of it | then |", "| --- | --- | --- | --- |");
  for (const fault of faults) {
    for (const [way, name] of [["litellm", "LiteLLM"], ["portkey", "Portkey"]]) {
      const why = fault[way]?.why;
      const want = expected(fault, way);
      if (why !== undefined) lines.push(row([fault.name, name, why, want.ending === "errored" ? want.kind : want.ending]));
    }
  }
  lines.push("", "## Every fault", "", "How it ends, how much of the text is kept, how often the upstream was asked (Chromium repeats a request by itself on 408, and where a connection that was used before is closed).", "",
    "| fault | what happens | promptfare | openai-node | AI SDK |", "| --- | --- | --- | --- | --- |", ...table, "");
  return lines.join("\n");
}
