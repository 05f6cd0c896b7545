// What is shown before sending: the fares of the models, and the suggestion with its reasons.

import { el, hidden, range } from "./dom.js";
import { cacheView } from "./outlook.js";
import { dollars, percent, span, sureness, tokens } from "./format.js";
import { needLines, sideBySide } from "./routing.js";

/** "retired 2026-06-15; its replacement is claude-opus-5-5", or null for an active model. */
export function statusText(status) {
  if (status.state === "active") return null;
  const when = status.state === "retired" ? status.on : status.retires;
  const words = status.state === "retired" ? `retired${when === null ? "" : ` ${when}`}` : when === null ? "deprecated" : `retires ${when}`;
  return status.replacement === null ? words : `${words}; replaced by ${status.replacement}`;
}

/** The price in force today. */
function rateText(model) {
  const rates = model?.price?.rates;
  const plain = (rate) => (typeof rate === "string" ? rate : rate?.base);
  const input = plain(rates?.input_mtok);
  const output = plain(rates?.output_mtok);
  if (input === undefined || output === undefined) return "price not known";
  return `$${input} in, $${output} out per million tokens`;
}

/** Days after which a price's age is said beside it. */
const OLD = 30;

/** One row of the fares. It is made once and updated in place, so that focus stays where it is. */
export class FareRow {
  /** `name` as it goes on the wire; `model` is the catalogue's entry, null where it has none.
   * `onToggle(checked)`; `onRemove()`, where the row may go. */
  constructor(name, model, { checked, onToggle, onRemove }) {
    this.model = model;
    this.box = el("input", { type: "checkbox", checked, onchange: () => onToggle(this.box.checked) });
    this.cost = el("span", { class: "fare-cost" });
    this.count = el("span", { class: "fare-tokens" });
    this.interval = el("span", { class: "fare-interval" });
    this.line = el("span", { class: "fare-line" });
    this.note = el("p", { class: "fare-note", hidden: true });
    const status = model === null ? "not in the catalogue" : statusText(model.status);
    this.element = el("li", { class: "fare", "data-model": name },
      el("label", {},
        this.box,
        el("span", { class: "fare-name" }, el("span", {}, name), this.mark = el("span", { class: "fare-pick", hidden: true }, "suggested")),
        this.cost, this.count, this.interval, this.line),
      status === null ? null : el("p", { class: "fare-status" }, status),
      this.note,
      onRemove === undefined ? null : el("button", { type: "button", class: "remove", onclick: onRemove, "aria-label": `Remove ${name} from the list` }, "×"));
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
  show({ tokens: estimated, cost, note }, { most, picked, problem }) {
    this.cost.textContent = cost === null ? "price not known" : `${cost.low === cost.high ? "" : "≈ "}${dollars(cost.expected)}`;
    this.count.textContent = `${tokens(estimated)} tokens in${estimated.exact ? "" : ` (${span(estimated.low, estimated.high)})`}`;
    this.count.title = estimated.method;
    this.interval.textContent = cost === null ? "" : span(cost.low, cost.high, dollars);
    this.cost.title = cost === null ? "" : `${cost.price.source}, checked ${cost.price.checked}`;
    // Numbers only place the bar; what is written comes from the decimal strings.
    this.line.replaceChildren(...(cost === null ? [] : [range({ low: Number(cost.low), expected: Number(cost.expected), high: Number(cost.high) }, most)]));
    const old = cost !== null && cost.price.ageDays > OLD ? `Its price was checked ${cost.price.ageDays} days ago.` : null;
    const notes = [problem, note, old, ...(cost?.notes ?? [])].filter((text) => text !== null);
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

const PARTS = {
  messages: "in the messages",
  system: "in the system text",
  images: "in the images",
  files: "in the files",
  tools: "in the tools",
  toolCalls: "in tool calls",
  schema: "in the schema of the answer",
  framing: "around them: roles and marks",
};

/** Where the tokens of the request are, most first. */
function whereText({ parts = {}, exact }) {
  const most = Object.entries(parts).sort(([, one], [, other]) => other - one);
  return most.map(([name, number]) => `${tokens({ tokens: number, exact })} ${PARTS[name] ?? name}`);
}

/** The tokens of the prompt alone; nothing where they are not counted live. */
export function liveText(reading, model) {
  if (reading === null) return "";
  return reading === "counting" ? "The prompt alone: counting…" : `The prompt alone: ${tokens(reading)} tokens on ${model}`;
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
    alone ? null : folded("What the chance is made of", needLines(route), open.has("What the chance is made of")),
    alone ? null : sideBySide(candidates, open.has("Side by side")),
    folded("The others", others, open.has("The others")),
    cacheView(plan.request, open.has("The provider's prompt cache")),
    folded("Where the tokens are", whereText(plan.tokens), open.has("Where the tokens are")),
  ].filter((part) => part !== null);
}

/** One line beside the Send button. */
export function summaryOf(plan) {
  const { cost } = plan;
  const answer = cost === null ? "" : `, ${span(cost.outputTokens.low, cost.outputTokens.high)} out`;
  return [
    el("strong", {}, plan.model),
    ` ${tokens(plan.tokens)} tokens in${answer}, `,
    el("strong", {}, cost === null ? "price not known" : span(cost.low, cost.high, dollars)),
  ];
}

