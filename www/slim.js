// What can be left out of the prompt: looked for while the part is open, shown as diffs, done only when
// accepted. The module for it is loaded when it is first opened.

import { el, say } from "./dom.js";
import { dollars } from "./format.js";

const get = (id) => document.getElementById(id);

/** From here on, in UTF-16 units, it is looked for when asked: it takes a second for a megabyte. */
const LONG = 100_000;
/** Edits shown of one proposal, and characters of one edit and of what stands around it. */
const EDITS = 12;
const LETTERS = 300;
const AROUND = 30;

const NAMES = {
  whitespace: "Space", json: "JSON", table: "Table", filler: "Filler", near_duplicate: "Nearly said before",
  duplicate: "Said before", tool_result: "Old result", stale_turn: "Old turn", unused_tool: "Unused tool",
};

/** Space that is taken away is to be seen. */
const visible = (text) => (text.trim() === "" ? text.replaceAll(" ", "·").replaceAll("\t", "→").replaceAll(/\r?\n/g, "⏎") : text);
const short = (text, most) => (text.length > most ? `${text.slice(0, most)}…` : text);

export class Slimmer {
  #read;
  #write;
  #plan = null;
  #workshop = null;
  #undo = null;

  /** `write({ system, text })` puts accepted texts where they were typed; `read()` tells what stands there. */
  constructor({ read, write }) {
    this.#read = read;
    this.#write = write;
    get("slim").addEventListener("toggle", () => this.#look());
  }

  /** Another prompt stands there. */
  show(plan) {
    this.#plan = plan;
    this.#look();
  }

  async #look(asked = false) {
    if (!get("slim").open) return;
    const plan = this.#plan;
    const typed = this.#read();
    if (plan === null) return this.#say("Nothing to look at yet.");
    // What is accepted goes back into the two boxes: it must be what stands there.
    const sent = texts(plan.request);
    if (sent.text.trim() !== typed.text.trim() || sent.system.trim() !== typed.system.trim()) {
      return this.#say("Only what is typed above can be slimmed here: not the parts of a prompt, and nothing while values are masked.");
    }
    if (!asked && typed.text.length + typed.system.length > LONG) {
      return this.#list("A long prompt.", [el("button", { type: "button", class: "quiet", onclick: () => this.#look(true) }, "Find what can go")]);
    }
    try {
      this.#workshop ??= this.#load();
      const workshop = await this.#workshop;
      if (plan !== this.#plan) return;
      this.#found(workshop, plan, workshop.slimRequest(plan.request, { model: plan.model }));
    } catch (error) {
      this.#workshop = null;
      this.#say(error.message);
    }
  }

  async #load() {
    const workshop = await import("./promptfare/workshop.js");
    await workshop.default();
    return workshop;
  }

  #say(text) {
    this.#list(text, []);
  }

  #list(text, items) {
    const undo = this.#undo === null ? null
      : el("button", { type: "button", class: "quiet", onclick: () => this.#restore() }, "Undo the last");
    say(get("slim-summary"), text);
    get("slim-list").replaceChildren(...items.map((item) => el("li", {}, item)));
    get("slim-buttons").replaceChildren(...[undo].filter((button) => button !== null));
  }

  #found(workshop, plan, { before, lossless, proposals }) {
    if (proposals.length === 0) return this.#say(`Nothing can go on ${plan.model}.`);
    const safe = proposals.filter((proposal) => proposal.lossless);
    const saved = before.tokens - lossless.tokens;
    this.#list(`Of ${before.exact ? "" : "≈ "}${before.tokens} tokens on ${plan.model}, ${saved} can go without loss.`,
      proposals.map((proposal) => this.#proposal(workshop, plan, proposal)));
    if (safe.length > 1) {
      get("slim-buttons").prepend(el("button", { type: "button", class: "quiet", onclick: () => this.#accept(workshop, plan, safe) }, "Accept all lossless"));
    }
  }

  #proposal(workshop, plan, proposal) {
    const { saved, usdSaved, edits } = proposal;
    const about = saved.exact ? "" : "≈ ";
    const money = usdSaved === null ? "" : `, ${dollars(usdSaved)}`;
    return [
      el("p", {},
        el("strong", {}, NAMES[proposal.kind] ?? proposal.kind), " ",
        el("span", { class: proposal.lossless ? "badge good" : "badge" }, proposal.lossless ? "lossless" : "changes the meaning"),
        ` saves ${about}${saved.tokens} ${saved.tokens === 1 ? "token" : "tokens"}${money} `,
        el("button", { type: "button", class: "quiet", onclick: () => this.#accept(workshop, plan, [proposal]) }, "Accept")),
      el("p", { class: "muted small" }, `${proposal.why}.${proposal.warning === null ? "" : ` Mind: ${proposal.warning}.`}`),
      edits.slice(0, EDITS).map((edit) => this.#edit(plan, edit)),
      edits.length > EDITS ? el("p", { class: "muted small" }, `and ${edits.length - EDITS} more`) : null,
    ].flat().filter((part) => part !== null);
  }

  #edit(plan, edit) {
    if (edit.remove !== undefined) return el("p", { class: "diff" }, el("del", {}, short(JSON.stringify(edit.before), LETTERS)));
    const text = edit.path.split("/").slice(1).reduce((value, name) => value?.[name], plan.request) ?? "";
    return el("p", { class: "diff" },
      text.slice(Math.max(0, edit.start - AROUND), edit.start),
      el("del", {}, short(visible(edit.before), LETTERS)),
      edit.after === "" ? null : el("ins", {}, short(visible(edit.after), LETTERS)),
      text.slice(edit.end, edit.end + AROUND));
  }

  #accept(workshop, plan, proposals) {
    const accept = proposals.map((proposal) => proposal.id);
    const { request } = workshop.slimRequest(plan.request, { model: plan.model, accept });
    this.#undo = this.#read();
    this.#write(texts(request));
  }

  #restore() {
    const before = this.#undo;
    this.#undo = null;
    this.#write(before);
  }
}

/** What of a request stands in the page's two boxes. */
function texts({ messages }) {
  const text = (message) => (typeof message?.content === "string" ? message.content
    : (message?.content ?? []).find((part) => part.type === "text")?.text ?? "");
  return {
    system: text(messages.find(({ role }) => role === "system" || role === "developer")),
    text: text(messages.findLast(({ role }) => role === "user")),
  };
}
