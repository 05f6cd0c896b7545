// What is shown after sending: the receipt, with the estimate held against the bill.

import { el, hidden, range } from "./dom.js";
import { count, dollars, dollarsExactly, seconds, span } from "./format.js";

const ENDINGS = {
  completed: "completed",
  truncated: "cut short",
  errored: "failed",
  aborted: "stopped",
};

const FINISH_REASONS = {
  length: "the answer reached its length limit",
  content_filter: "the gateway's content filter ended it",
};

const USAGE_SOURCES = {
  gateway: "as the gateway counted",
  cache: "nothing was sent: the answer was kept here",
  estimated: "estimated: the gateway sent no figures",
  none: "not known",
};

const COST_SOURCES = {
  charged: "as the gateway charged",
  header: "as the gateway's header says",
  cache: "the answer was kept here",
  usage: "price times usage",
  estimated: "estimated",
  none: "not known",
};

const ADVICE = {
  authentication: "Look at the key under “Gateway”.",
  network: "Is the address under “Gateway” right, is that server running, and does it allow requests from this page (CORS)?",
  quota: "The account behind the key has no credit left; another try won't help.",
  rate_limit: "The gateway asks for a pause. Try again a little later.",
};

/** One sentence about how it ended, for the status line. */
export function endingText(receipt) {
  const cost = receipt.cost === null ? "cost not known" : dollars(receipt.cost.usd);
  const after = `after ${seconds(receipt.timing.totalMs)}`;
  switch (receipt.ending) {
    case "completed": if (receipt.cached) return `Kept here from an earlier answer of ${receipt.answeredBy ?? receipt.model}; nothing was sent, ${cost}.`;
      return `Answered by ${receipt.answeredBy ?? receipt.model} ${after}; ${cost}.`;
    case "truncated": return `Cut short ${after}: ${FINISH_REASONS[receipt.finishReason] ?? "the stream ended without saying why"}; ${cost}.`;
    case "aborted": return `Stopped ${after}; ${cost}${receipt.costSource === "estimated" ? " estimated" : ""}.`;
    default: return `Failed: ${receipt.error?.message ?? "no reason given"}${advice(receipt)}`;
  }
}

const advice = (receipt) => (ADVICE[receipt.error?.kind] === undefined ? "" : ` ${ADVICE[receipt.error.kind]}`);

function line(name, value, more = null) {
  return el("div", { class: "line" }, el("dt", {}, name), el("dd", {}, el("span", { class: "value" }, value), more === null ? null : el("span", { class: "muted small" }, more)));
}

function part(of, number, name) {
  return number === undefined ? [] : [`${count(number)} ${of} ${name}`];
}

function usageLines(receipt, sandbox) {
  const { usage } = receipt;
  if (usage === null) return [line("Usage", "not known")];
  const source = sandbox && receipt.usageSource === "gateway" ? "as the sandbox counted, roughly" : USAGE_SOURCES[receipt.usageSource];
  const input = [...part("of them", usage.cacheReadTokens, "read from cache"), ...part("of them", usage.cacheWriteTokens, "written to cache")];
  const output = part("of them", usage.reasoningTokens, "reasoning");
  return [
    line("Input", `${count(usage.inputTokens)} tokens`, [source, ...input].join("; ")),
    line("Output", `${count(usage.outputTokens)} tokens`, output.length === 0 ? null : output.join("; ")),
  ];
}

function costLine(receipt) {
  const { cost } = receipt;
  if (cost === null) return line("Cost", "not known");
  // A gateway that says what it charged seldom says for what.
  const split = cost.input === undefined || cost.output === undefined ? "" : `: ${dollarsExactly(cost.input)} in, ${dollarsExactly(cost.output)} out`;
  const parts = `${COST_SOURCES[receipt.costSource]}${split}`;
  return el("div", { class: "line total" }, el("dt", {}, "Cost"), el("dd", {},
    el("span", { class: "value" }, dollarsExactly(cost.usd)),
    el("span", { class: "muted small" }, [parts, ...(cost.notes ?? [])].join("; "))));
}

function timingLine({ timing }) {
  const first = timing.firstPieceMs === null ? "nothing came" : `first words after ${seconds(timing.firstPieceMs)}`;
  const queued = timing.queuedMs > 50 ? `; waited ${seconds(timing.queuedMs)} for its turn` : "";
  return line("Time", seconds(timing.totalMs), `${first}${queued}`);
}

function attemptLines({ attempts, cached }) {
  if (cached) return [];
  if (attempts.length < 2 && attempts.every((attempt) => attempt.error === undefined)) return [line("Attempts", String(attempts.length))];
  const tried = attempts.map((attempt) => el("li", {}, `${attempt.model}${attempt.skipped ? "" : `, ${seconds(attempt.durationMs)}`}: ${attempt.error === undefined ? "answered" : attempt.error.message}`));
  return [line("Attempts", String(attempts.length), el("ol", { class: "plain" }, tried))];
}

/** Where the bill fell: inside, or on which side of the estimate. */
function verdict({ low, billed, inside }, number) {
  if (inside) return "inside";
  return number(billed) < number(low) ? "under" : "over";
}

function against(name, figures, expected, show, number = (value) => value) {
  const { low, high, billed, inside } = figures;
  const most = Math.max(number(high), number(billed)) * 1.05;
  return el("tr", { class: inside ? "inside" : "outside" },
    el("th", { scope: "row" }, name),
    el("td", { class: "number" }, span(low, high, show)),
    el("td", { class: "number" }, el("strong", {}, show(billed))),
    el("td", { class: "verdict" }, verdict(figures, number)),
    el("td", { class: "picture" }, range({ low: number(low), expected: number(expected), high: number(high), billed: number(billed) }, most)));
}

function comparisonTable(comparison) {
  if (comparison === null) return el("p", { class: "muted small" }, "There is no bill to hold the estimate against.");
  const { inputTokens, outputTokens, usd } = comparison;
  return el("table", { class: "bill" },
    el("caption", {}, "Estimate against bill"),
    el("thead", {}, el("tr", {}, ["", "estimated", "billed", "", ""].map((head) => el(head === "" ? "td" : "th", head === "" ? {} : { scope: "col", class: "number" }, head)))),
    el("tbody", {},
      against("Input tokens", inputTokens, inputTokens.estimated, count),
      against("Output tokens", outputTokens, outputTokens.estimated, count),
      usd === null ? null : against("Cost", usd, usd.expected, dollars, Number)));
}

/** The receipt as a ticket; `sandbox`: whether the sandbox wrote the bill, which only counts roughly. */
export function receiptView(receipt, { sandbox = false } = {}) {
  const why = FINISH_REASONS[receipt.finishReason] ?? null;
  const answeredBy = receipt.answeredBy !== null && receipt.answeredBy !== receipt.model ? `answered by ${receipt.answeredBy}` : null;
  return [
    el("header", {},
      el("h2", { id: "receipt-heading", class: "heading" }, "Receipt"),
      el("p", { class: `ending ${receipt.ending}` }, hidden("Ending: "), ENDINGS[receipt.ending])),
    receipt.error === undefined ? null : el("p", { class: "receipt-error" }, `${receipt.error.message}${advice(receipt)}`),
    el("dl", {},
      line("Model", receipt.model, answeredBy),
      ...(why === null ? [] : [line("Ended", why)]),
      ...usageLines(receipt, sandbox),
      timingLine(receipt),
      ...attemptLines(receipt),
      costLine(receipt)),
    comparisonTable(receipt.comparison),
  ].filter((section) => section !== null);
}

/** One row of the session's list. */
export function rideRow(receipt) {
  const at = new Date(receipt.timing.sentAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  return el("tr", {},
    el("td", {}, at),
    el("td", {}, receipt.answeredBy ?? receipt.model),
    el("td", {}, ENDINGS[receipt.ending]),
    el("td", { class: "number" }, receipt.cost === null ? "not known" : dollarsExactly(receipt.cost.usd)));
}

/** The session's total. */
export function sessionText(kpis) {
  if (kpis.requests === 0) return "Nothing sent yet";
  const unknown = kpis.costUnknown === 0 ? "" : ` and ${kpis.costUnknown} of unknown cost`;
  return `${dollars(kpis.costUsd)} in ${kpis.requests} ${kpis.requests === 1 ? "ride" : "rides"}${unknown}`;
}

/** Shows the pieces as they come, once per frame however fast they are. */
export class AnswerText {
  #text = "";
  #reasoning = "";
  #frame = null;

  constructor() {
    document.getElementById("answer").textContent = "";
    document.getElementById("reasoning-text").textContent = "";
    document.getElementById("reasoning").hidden = true;
  }

  add({ text = "", reasoning = "" }) {
    this.#text += text;
    this.#reasoning += reasoning;
    this.#frame ??= requestAnimationFrame(() => this.flush());
  }

  flush() {
    cancelAnimationFrame(this.#frame);
    this.#frame = null;
    // Text nodes only: what a model wrote is never read as HTML.
    if (this.#text !== "") document.getElementById("answer").append(this.#text);
    if (this.#reasoning !== "") {
      document.getElementById("reasoning").hidden = false;
      document.getElementById("reasoning-text").append(this.#reasoning);
    }
    this.#text = "";
    this.#reasoning = "";
  }
}
