// Versions of a prompt: kept on a click, in this page only, and held against each other word by word, in
// tokens and money, with what was billed where they were sent. Closed until wanted.

import { buildRequest } from "./promptfare/promptfare.js";
import { el, say } from "./dom.js";
import { count, dollars, span } from "./format.js";
import { LONG, price, workshop } from "./fit.js";

const get = (id) => document.getElementById(id);
const NOW = "now";

const TAGS = { same: "span", removed: "del", added: "ins" };

export class Versions {
  #loaded = null;
  #asked = 0;
  #kept = [];
  /** Receipts by the request they stand for, as text; a version takes them when it is kept, too. */
  #receipts = new Map();

  /** `ask()` gives `{ prompt, model }`, or null where nothing is typed. */
  constructor({ ask }) {
    this.ask = ask;
    get("versions").addEventListener("toggle", () => this.look());
    get("version-keep").addEventListener("click", () => this.keep());
    for (const id of ["version-before", "version-after"]) get(id).addEventListener("change", () => this.look());
  }

  /** An answer came for this prompt. */
  received(prompt, receipt) {
    const key = JSON.stringify(prompt);
    this.#receipts.set(key, [...(this.#receipts.get(key) ?? []), receipt]);
    this.update();
  }

  keep() {
    const asked = this.ask();
    if (asked === null) return say(get("version-word"), "There is nothing typed to keep.");
    const typed = get("version-label").value.trim();
    const version = { key: JSON.stringify(asked.prompt), prompt: asked.prompt, label: typed === "" ? `Version ${this.#kept.length + 1}` : typed };
    this.#kept.push(version);
    get("version-label").value = "";
    const before = get("version-before");
    before.append(el("option", { value: String(this.#kept.length - 1) }, version.label));
    get("version-after").insertBefore(el("option", { value: String(this.#kept.length - 1) }, version.label), get("version-after").lastElementChild);
    before.value = String(this.#kept.length - 1);
    this.look();
  }

  #version(value) {
    if (value !== NOW) return this.#kept[Number(value)] ?? null;
    const asked = this.ask();
    return asked === null ? null : { key: JSON.stringify(asked.prompt), prompt: asked.prompt, label: "As typed now" };
  }

  /** The prompt changed. A long one is compared when this is opened, not at every pause in typing. */
  update() {
    if (!get("versions").open) return;
    if ((this.ask()?.prompt.text.length ?? 0) <= LONG) return this.look();
    this.#asked += 1;
    this.#show("A long prompt: close this and open it again to compare.", null);
  }

  async look() {
    if (!get("versions").open) return;
    this.#asked += 1;
    const own = this.#asked;
    get("version-pair").hidden = this.#kept.length === 0;
    const [before, after] = [this.#version(get("version-before").value), this.#version(get("version-after").value)];
    const model = this.ask()?.model ?? null;
    if (this.#kept.length === 0) return this.#show("Keep one, change the prompt, and both are compared.", null);
    if (before === null || after === null || model === null) return this.#show("Type a prompt to compare with.", null);
    try {
      this.#loaded ??= workshop();
      const { compareVersions } = await this.#loaded;
      if (own !== this.#asked) return;
      const whole = ({ key, prompt, label }) => ({ label, request: buildRequest(prompt), receipts: this.#receipts.get(key) ?? [] });
      this.#show("", compareVersions(whole(before), whole(after), { model }));
    } catch (error) {
      if (own === this.#asked) this.#show(error.message, null);
    }
  }

  #show(trouble, made) {
    say(get("version-word"), trouble);
    get("version-table").hidden = made === null;
    get("version-table").tBodies[0].replaceChildren(...(made === null ? [] : [made.before, made.after].map(row)));
    const changed = made?.fields.filter(({ change }) => change !== "same") ?? [];
    get("version-diff").replaceChildren(...changed.map(({ name, change, pieces }) =>
      el("section", {}, el("h3", { class: "heading" }, `${name}: ${change}`),
        el("p", { class: "text" }, pieces.map(({ kind, text }) => el(TAGS[kind], {}, text))))));
    if (made === null) return;
    const { tokens, inputPerThousand } = made.difference;
    const signed = (number) => (number > 0 ? `+${count(number)}` : number < 0 ? `−${count(-number)}` : "0");
    const money = (text) => (text.startsWith("-") ? `−${dollars(text.slice(1))}` : `+${dollars(text)}`);
    const cost = inputPerThousand === null ? "" : `, ${money(inputPerThousand.expected)} for the input of a thousand requests on ${made.model}`;
    const between = tokens.exact ? "" : ` (${signed(tokens.low)} to ${signed(tokens.high)})`;
    say(get("version-word"), changed.length === 0 ? "Both are the same." : `${signed(tokens.expected)} tokens${between}${cost}.`);
  }
}

function row({ label, tokens, perThousand, billed }) {
  const result = billed === null || billed.receipts === 0 ? "not sent"
    : `${count(billed.endings.completed)} of ${count(billed.receipts)} completed${billed.usdEach === null ? "" : `, ${dollars(billed.usdEach)} each`}`;
  return el("tr", {},
    el("th", { scope: "row" }, label),
    el("td", { class: "number" }, span(tokens.low, tokens.high)),
    el("td", { class: "number" }, price(perThousand)),
    el("td", {}, result));
}
