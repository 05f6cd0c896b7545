// Long context: which models take the prompt with room for the answer, and what else can be done, each way
// with its price. Closed until wanted; only then the workshop is loaded.

import { buildRequest } from "./promptfare/promptfare.js";
import { el, say } from "./dom.js";
import { count, dollars, span, tokens } from "./format.js";

const get = (id) => document.getElementById(id);

/** From here on (UTF-16 units) it is counted on a click, not at every pause in typing. */
export const LONG = 100_000;

/** The second module of the package, started. */
export async function workshop() {
  const own = await import("./promptfare/workshop.js");
  await own.default();
  return own;
}

/** "$0.31 – $0.32", or that nobody knows. */
export const price = (usd) => (usd === null ? "price not known" : span(usd.low, usd.high, dollars));

const FITS = new Map([[true, "fits"], [false, "does not fit"], [null, "cannot be told"]]);

export class Fit {
  #loaded = null;
  #asked = 0;

  /** `ask()` gives `{ prompt, models, limits }`, or null where there is nothing to look at; `use(text)` puts
   * a text in the prompt box. */
  constructor({ ask, use }) {
    this.ask = ask;
    this.use = use;
    get("fit").addEventListener("toggle", () => this.look());
    get("fit-limit").addEventListener("input", () => this.update());
    get("fit-again").addEventListener("click", () => this.look());
  }

  /** The prompt or the models changed. */
  update() {
    if (!get("fit").open) return;
    const asked = this.ask();
    if (asked !== null && asked.prompt.text.length > LONG) get("fit-again").hidden = false;
    else this.look();
  }

  async look() {
    if (!get("fit").open) return;
    this.#asked += 1;
    const own = this.#asked;
    get("fit-again").hidden = true;
    const asked = this.ask();
    if (asked === null) return this.#show("For what you type above, once there is something.", null);
    const limit = get("fit-limit").value.trim();
    if (limit !== "" && !/^[1-9]\d{0,8}$/.test(limit)) return this.#show(`Held to: found “${limit}”, wanted a whole number such as 8000.`, null);
    get("fit-word").hidden = false;
    get("fit-word").textContent = "counting…";
    try {
      this.#loaded ??= workshop();
      const { fitRequest } = await this.#loaded;
      // Lets the word be seen before a long text is counted.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (own !== this.#asked) return;
      const request = buildRequest(asked.prompt, asked.limits.maxTokens === undefined ? {} : { maxTokens: asked.limits.maxTokens });
      const made = fitRequest(request, { candidates: asked.models, ...(limit === "" ? {} : { limitTokens: Number(limit) }) });
      this.#show("", made);
    } catch (error) {
      if (this.#asked === own) this.#show(error.message, null);
    }
  }

  #show(trouble, made) {
    say(get("fit-word"), trouble);
    get("fit-table").hidden = made === null;
    get("fit-table").tBodies[0].replaceChildren(...(made?.candidates ?? []).map(candidateRow));
    get("fit-options").replaceChildren(...(made?.options ?? []).map((option) => this.#option(option)));
    if (made === null) return;
    const first = made.candidates[0];
    if (made.stuck !== null) say(get("fit-word"), `No trimming helps: ${made.stuck.reason}.`);
    else if (first.fits === true) say(get("fit-word"), `It fits ${first.model}, with ${count(first.room)} tokens free for the answer.`);
    else say(get("fit-word"), `${first.reason}.${made.options.length > 0 ? " What can be done:" : ""}`);
  }

  #option(option) {
    if (option.kind === "bigger") return el("li", {}, el("strong", {}, `A bigger model: ${option.model}`), ` ${price(option.usd)}`);
    if (option.kind === "summarise") {
      const calls = option.calls === 1 ? "one call" : `${count(option.calls)} calls`;
      return el("li", {}, el("strong", {}, "Summarise first"), ` ${price(option.usd)}`,
        el("p", { class: "muted small" }, `${option.summariser} sums up what would be left out in ${calls} (${price(option.summarising)}); then ${option.model} answers ${span(option.tokens.low, option.tokens.high)} tokens (${price(option.then)}).`));
    }
    const list = el("ul", { class: "plain small" }, option.dropped.map(({ role, tokens: weight, preview, reason }) =>
      el("li", {}, `${role}, ${weight === null ? "not counted" : `${count(weight)} tokens`}: “${preview}” (${reason})`)));
    const cut = option.cut === null ? null : el("p", { class: "small" }, `Left out of the middle, about ${count(option.cut.tokens)} tokens: “${option.cut.preview}”`);
    const text = option.request.messages.at(-1).content;
    const use = option.cut === null || typeof text !== "string" ? null
      : el("button", { type: "button", class: "quiet", onclick: () => this.use(text) }, "Use the shorter text");
    return el("li", {}, el("strong", {}, `Trim, for ${option.model}`), ` ${price(option.usd)}, ${tokens(option.tokens)} tokens`,
      el("details", { class: "more" }, el("summary", {}, "What is left out"), option.dropped.length === 0 ? null : list, cut, use));
  }
}

function candidateRow({ model, tokens: weight, room, contextWindow, maxInput, fits, usd }) {
  const most = contextWindow === null ? "not known" : count(contextWindow);
  return el("tr", {},
    el("th", { scope: "row" }, model),
    el("td", { class: "number" }, span(weight.low, weight.high)),
    el("td", { class: "number" }, count(room)),
    el("td", { class: "number" }, maxInput === null ? most : `${most} (${count(maxInput)} in)`),
    el("td", {}, FITS.get(fits)),
    el("td", { class: "number" }, price(usd)));
}
