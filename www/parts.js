// The parts of a prompt that are told apart, and the tier: a folded panel, with the messages as they
// would be sent.

import { el, say } from "./dom.js";
import { count } from "./format.js";

const get = (id) => document.getElementById(id);

/** As much of the messages as is shown, in UTF-16 units. */
const MOST_SHOWN = 20_000;

/** A JSON object is a schema; anything else is words. */
function formatOf(text) {
  try {
    const value = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Words.
  }
  return text;
}

/** One message as text; pictures and files by their kind. */
function shown({ role, content }) {
  const parts = typeof content === "string" ? [{ type: "text", text: content }] : content ?? [];
  const texts = parts.map((part) => part.text ?? `[${part.type === "image_url" ? "image" : part.type}]`);
  return `[${role}]\n${texts.join("\n\n")}`;
}

export class Parts {
  #panel = get("parts");
  #request = null;
  #onChange;

  constructor({ onChange }) {
    this.#onChange = onChange;
    this.#panel.addEventListener("input", () => onChange());
    this.#panel.addEventListener("toggle", () => this.#draw());
    get("add-example").addEventListener("click", () => this.#addExample());
  }

  /** What stands in the panel, as fields of a prompt; blank fields are left out. */
  get value() {
    const text = (id) => get(id).value;
    const examples = [...get("part-examples").children].map((row) => ({
      input: row.querySelector(".example-input").value,
      output: row.querySelector(".example-output").value,
    })).filter(({ input, output }) => input.trim() !== "" && output.trim() !== "");
    const constraints = text("part-constraints").split("\n").filter((line) => line.trim() !== "");
    return {
      ...(text("part-role").trim() === "" ? {} : { role: text("part-role") }),
      ...(text("part-format").trim() === "" ? {} : { format: formatOf(text("part-format")) }),
      ...(constraints.length === 0 ? {} : { constraints }),
      ...(text("part-context").trim() === "" ? {} : { context: text("part-context") }),
      ...(examples.length === 0 ? {} : { examples }),
    };
  }

  /** The options of a plan; what is no number is told in the field itself. */
  get options() {
    const budget = get("part-budget");
    const wrong = budget.value.trim() !== "" && !/^\d{1,7}$/.test(budget.value.trim());
    budget.setCustomValidity(wrong ? `Found “${budget.value}”, wanted a whole number such as 200.` : "");
    budget.setAttribute("aria-invalid", String(wrong));
    return {
      ...(get("part-tier").value === "plain" ? {} : { tier: get("part-tier").value }),
      ...(wrong || budget.value.trim() === "" ? {} : { examplesTokens: Number(budget.value) }),
    };
  }

  /** The length of all that stands here, in UTF-16 units. */
  get units() {
    return [...this.#panel.querySelectorAll("input, textarea")].reduce((sum, { value }) => sum + value.length, 0);
  }

  /** Shows what a plan would send; null where there is none. */
  show(plan) {
    this.#request = plan?.request ?? null;
    const { added = [], steps = 0, examples = null } = plan?.prompt ?? {};
    const left = examples?.leftOut.length ?? 0;
    say(get("added"), [
      added.length === 0 ? "" : `Added to your words: “${added.join(" ")}”`,
      steps === 0 ? "" : `Your asks are numbered as ${steps} steps.`,
      left === 0 ? "" : `${count(left)} of ${count(left + examples.chosen.length)} examples left out; the others come to ${examples.exact ? "" : "≈ "}${count(examples.tokens)} tokens.`,
    ].filter((text) => text !== "").join(" "));
    this.#draw();
  }

  #draw() {
    if (!this.#panel.open) return;
    const text = this.#request === null ? "The messages appear here once there is a prompt." : this.#request.messages.map(shown).join("\n\n");
    get("rendered").textContent = text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}…`;
  }

  #addExample() {
    const field = (name, label) => el("textarea", { class: `example-${name}`, rows: 2, placeholder: label, "aria-label": label });
    const row = el("li", {}, field("input", "what comes in"), field("output", "what shall come out"),
      el("button", {
        type: "button",
        class: "remove",
        "aria-label": "Remove this example",
        onclick: () => {
          row.remove();
          get("add-example").focus();
          this.#onChange();
        },
      }, "×"));
    get("part-examples").append(row);
    row.firstElementChild.focus();
  }
}
