// What is shown before sending: the fares of the models, and the suggestion with its reasons.

import { el, hidden, range } from "./dom.js";
import { dollars, percent, span, sureness, tokens } from "./format.js";

/** "retired 2026-06-15; its replacement is claude-opus-5-5", or null for an active model. */
export function statusText(status) {
  if (status.state === "active") return null;
  const when = status.state === "retired" ? status.on : status.retires;
  const words = status.state === "retired" ? `retired${when === null ? "" : ` ${when}`}` : when === null ? "deprecated" : `retires ${when}`;
  return status.replacement === null ? words : `${words}; replaced by ${status.replacement}`;
}

/** The price in force: the newest of those that hold for everybody. */
function rateText(model) {
  const rates = model.prices.at(-1)?.rates;
  const plain = (rate) => (typeof rate === "string" ? rate : rate?.base);
  const input = plain(rates?.input_mtok);
  const output = plain(rates?.output_mtok);
  if (input === undefined || output === undefined) return "price not known";
  return `$${input} in, $${output} out per million tokens`;
}

/** One row of the fares. It is made once and updated in place, so that focus stays where it is. */
export class FareRow {
  /** `onToggle(checked)`; `onRemove()`, where the row may go. */
  constructor(model, { checked, onToggle, onRemove }) {
    this.model = model;
    this.box = el("input", { type: "checkbox", checked, onchange: () => onToggle(this.box.checked) });
    this.cost = el("span", { class: "fare-cost" });
    this.count = el("span", { class: "fare-tokens" });
    this.interval = el("span", { class: "fare-interval" });
    this.line = el("span", { class: "fare-line" });
    this.note = el("p", { class: "fare-note", hidden: true });
    const status = statusText(model.status);
    this.element = el("li", { class: "fare", "data-model": model.id },
      el("label", {},
        this.box,
        el("span", { class: "fare-name" }, model.id, this.mark = el("span", { class: "fare-pick", hidden: true }, "suggested")),
        this.cost, this.count, this.interval, this.line),
      status === null ? null : el("p", { class: "fare-status" }, status),
      this.note,
      onRemove === undefined ? null : el("button", { type: "button", class: "remove", onclick: onRemove, "aria-label": `Remove ${model.id} from the list` }, "×"));
  }

  /** At rest, without a prompt: what the model asks per million tokens. */
  rest() {
    this.cost.textContent = "";
    this.count.textContent = rateText(this.model);
    this.interval.textContent = "";
    this.line.replaceChildren();
    this.note.hidden = true;
    this.mark.hidden = true;
    this.element.classList.remove("picked");
  }

  /** The estimate of one prompt; `most` is the high end of the dearest shown, in USD. */
  show(estimate, { most, picked, problem }) {
    const { usd } = estimate;
    this.cost.textContent = usd === null ? "price not known" : `${usd.low === usd.high ? "" : "≈ "}${dollars(usd.expected)}`;
    this.count.textContent = `${tokens(estimate.tokens)} tokens in`;
    this.count.title = estimate.tokens.exact ? `exact, by ${estimate.tokens.method}` : `${span(estimate.tokens.low, estimate.tokens.high)}, by ${estimate.tokens.method}`;
    this.interval.textContent = usd === null ? "" : span(usd.low, usd.high, dollars);
    // Numbers only place the bar; what is written comes from the decimal strings.
    this.line.replaceChildren(...(usd === null ? [] : [range({ low: Number(usd.low), expected: Number(usd.expected), high: Number(usd.high) }, most)]));
    const notes = problem === null ? estimate.notes : [problem, ...estimate.notes];
    this.note.textContent = notes.join(" ");
    this.note.hidden = notes.length === 0;
    this.mark.hidden = !picked;
    this.element.classList.toggle("picked", picked);
  }
}

const SPEAKS = {
  for: { sign: "+", words: "for it: " },
  against: { sign: "−", words: "against it: " },
  note: { sign: "·", words: "note: " },
};

function folded(title, lines, open) {
  return lines.length === 0 ? null : el("details", { class: "more", open },
    el("summary", {}, title),
    el("ul", { class: "plain" }, lines.map((line) => el("li", {}, line))));
}

/** The suggestion. `open` names the folded parts that stand open, so that typing doesn't shut them. */
export function routeView(plan, candidates, open) {
  const { route } = plan;
  const alone = candidates.length < 2;
  const others = route.alternatives.map((other) => {
    const cost = other.expectedUsd === null ? "" : ` (≈ ${dollars(other.expectedUsd)})`;
    return `${other.model}${cost}: ${other.possible ? "" : "not possible. "}${other.text}`;
  });
  return [
    el("p", { class: "pick" }, plan.model),
    alone ? null : el("p", { class: "muted small" },
      `${sureness(route.confidence)}. Chance that the stronger would succeed where the cheaper fails: ${percent(route.need)}.`),
    el("ul", { class: "reasons" }, route.reasons.map((reason) => {
      const { sign, words } = SPEAKS[reason.speaks];
      return el("li", { class: reason.speaks }, el("span", { class: "sign", "aria-hidden": "true" }, sign), el("span", {}, hidden(words), reason.text));
    })),
    folded("What would change it", route.counterfactuals.map((other) => `${other.change}: ${other.model}`), open.has("What would change it")),
    folded("What it may lose", route.mayLose, open.has("What it may lose")),
    folded("The others", others, open.has("The others")),
  ].filter((part) => part !== null);
}

/** One line beside the Send button. */
export function summaryOf(plan) {
  const { usd, answer } = plan.cost;
  const money = usd === null ? "price not known" : span(usd.low, usd.high, dollars);
  return [
    el("strong", {}, plan.model),
    ` ${tokens(plan.tokens)} tokens in, ${span(answer.low, answer.high)} out, `,
    el("strong", {}, money),
  ];
}

