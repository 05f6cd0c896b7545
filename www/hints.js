// Hints on the prompt: what a careful editor would say. The module for it is loaded when the section is
// opened first.
import { el } from "./dom.js";

const get = (id) => document.getElementById(id);
const TITLES = {
  no_task: "Nothing is asked", no_format: "No form named", vague: "Vague", contradiction: "Contradiction",
  many_asks: "Several tasks", long_system: "Long system text",
};
/** The pause in typing after which the prompt is looked at anew, in milliseconds. */
const PAUSE_MS = 400;

export class Hints {
  #section = get("hints");
  #list = get("hints-list");
  #note = get("hints-note");
  #model;
  #workshop = null;
  #pause = 0;

  /** `model`: the one that edits are counted for, or undefined. */
  constructor({ model }) {
    this.#model = model;
    this.#section.addEventListener("toggle", () => this.look());
    for (const id of ["prompt", "system"]) {
      get(id).addEventListener("input", () => {
        clearTimeout(this.#pause);
        this.#pause = setTimeout(() => this.look(), PAUSE_MS);
      });
    }
  }

  async look() {
    if (!this.#section.open) return;
    const fields = [get("system"), get("prompt")].filter((field) => field.value.trim() !== "");
    const messages = fields.map((field) => ({ role: field.id === "system" ? "system" : "user", content: field.value }));
    try {
      if (this.#workshop === null) {
        const workshop = await import("./promptfare/workshop.js");
        await workshop.default();
        this.#workshop = workshop;
      }
      const review = this.#workshop.reviewPrompt({ messages }, { model: this.#model() });
      this.#list.replaceChildren(...review.hints.map((hint) => this.#item(hint, fields)));
      const none = get("prompt").value.trim() === "" ? "" : "Nothing to say.";
      this.#note.textContent = review.notes.join(" ") || (review.hints.length === 0 ? none : "");
    } catch (error) {
      this.#list.replaceChildren();
      this.#note.textContent = error.message;
    }
  }

  #item(hint, fields) {
    const field = fields[hint.place.message];
    const short = (text) => (text.length > 60 ? `${text.slice(0, 57)}…` : text);
    const place = ({ message, start, end, quote }) => el("button", {
      type: "button", class: "quiet", title: "Show it in the prompt",
      onclick: () => {
        const there = fields[message];
        const around = there.closest("details");
        if (around !== null) around.open = true;
        there.focus();
        there.setSelectionRange(start, end);
      },
    }, `“${short(quote)}”`);
    const saved = hint.tokens === null ? null : hint.tokens.after - hint.tokens.before;
    const effect = saved === null ? "" : saved > 0 ? ` (${saved} tokens more)` : ` (${-saved} tokens less)`;
    // A text that was changed since has other places: it is looked at anew first.
    const seen = field.value;
    const apply = hint.edit === null ? null : el("button", {
      type: "button",
      onclick: () => {
        if (field.value !== seen) return void this.look();
        field.setRangeText(hint.edit.text, hint.edit.start, hint.edit.end, "end");
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.focus();
        this.look();
      },
    }, `Apply${effect}`);
    return el("li", {},
      el("strong", {}, TITLES[hint.kind] ?? hint.kind), " ", place(hint.place), ...hint.others.slice(0, 3).map(place),
      el("p", { class: "small" }, hint.reason),
      el("p", { class: "small muted" }, hint.fix), apply);
  }
}
