// The page's budget: the two caps, what is left today, and what would fit where a prompt does not.
// The caps are kept in the browser, so that a reload does not lift them; what was spent keeps the
// package itself, over all tabs.

import { el, say } from "./dom.js";
import { count, dollars } from "./format.js";

const KEPT = "promptfare-budget";
const FIELDS = [["requestUsd", "budget-request", "One request may cost at most"], ["dayUsd", "budget-day", "Today may cost at most"]];

const get = (id) => document.getElementById(id);

/** Storage may be forbidden: then the caps last as long as the page. */
function kept(change) {
  try {
    return change(localStorage);
  } catch {
    return null;
  }
}

const CAPS = { request: "for one request", session: "of this session", day: "of today" };

export class Budget {
  #caps = {};
  #onChange;

  constructor({ onChange }) {
    this.#onChange = onChange;
    try {
      const known = JSON.parse(kept((storage) => storage.getItem(KEPT)) ?? "{}");
      for (const [name, id] of FIELDS) if (typeof known[name] === "string") get(id).value = known[name];
    } catch {
      // Not what this page wrote.
    }
    this.#read();
    for (const [, id] of FIELDS) get(id).addEventListener("change", () => this.#changed());
  }

  /** For `Client.create`; undefined without caps. */
  get options() {
    return Object.keys(this.#caps).length === 0 ? undefined : { ...this.#caps };
  }

  #read() {
    const caps = {};
    for (const [name, id, label] of FIELDS) {
      const text = get(id).value.trim();
      if (text === "") continue;
      if (!/^\d*\.?\d{1,12}$/.test(text)) return `${label}: found “${text}”, wanted a number such as 0.50.`;
      caps[name] = text.startsWith(".") ? `0${text}` : text;
    }
    this.#caps = caps;
    return "";
  }

  #changed() {
    const error = this.#read();
    say(get("budget-error"), error);
    if (error !== "") return;
    kept((storage) => storage.setItem(KEPT, JSON.stringify(this.#caps)));
    this.#onChange();
  }

  /** Says what is left today. */
  async showLeft(client) {
    let text = "";
    try {
      const state = await client.budget();
      const day = state?.caps.find(({ cap }) => cap === "day");
      if (day !== undefined) {
        const held = day.reservedUsd === "0" ? "" : `, ${dollars(day.reservedUsd)} reserved`;
        const lost = day.unsettledUsd === "0" ? "" : `, ${dollars(day.unsettledUsd)} that may have been spent`;
        text = `${dollars(day.leftUsd)} left today: ${dollars(day.spentUsd)} spent${held}${lost}${state.shared ? "" : "; this tab alone, because the browser keeps nothing"}.`;
      }
    } catch (trouble) {
      text = trouble.message;
    }
    say(get("budget-left"), text);
  }
}

/** What is said of a plan that does not fit, with buttons for what would; nothing where it fits.
 * `choose(option)` takes one. */
export function overBudget(plan, choose) {
  const budget = plan?.budget;
  if (budget === null || budget === undefined || budget.fits) return [];
  const cap = budget.caps.reduce((least, other) => (Number(other.leftUsd) < Number(least.leftUsd) ? other : least));
  const why = budget.worstUsd === null
    ? `The price of ${plan.model} is not known, so the budget cannot be kept.`
    : `Over the budget: up to ${dollars(budget.worstUsd)}, and ${dollars(cap.leftUsd)} is left ${CAPS[cap.cap]}.`;
  const button = (option, label) => el("button", { type: "button", class: "quiet", onclick: () => choose(option) }, label);
  const choices = budget.options.map((option) => {
    const usd = `up to ${dollars(option.usd)}`;
    if (option.change === "answer") return button(option, `an answer of at most ${count(option.maxTokens)} tokens: ${usd}`);
    if (option.change === "model") return button(option, `${option.model}: ${usd}`);
    return el("span", { class: "small" }, `without the oldest ${count(option.dropMessages)} messages: ${usd}`);
  });
  return [el("p", {}, why), choices.length === 0 ? null : el("p", { class: "choices" }, el("span", { class: "small" }, "What would fit:"), choices)].filter((part) => part !== null);
}
