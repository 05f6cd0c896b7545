// Vocabularies make counts exact. They are files of the package: small ones load by themselves
// after the page stands, large ones only when asked for, with their size said before.

import { el } from "./dom.js";
import { bytes } from "./format.js";

/** Up to here a vocabulary is loaded unasked. */
const SMALL_BYTES = 150_000;

const NAMES = {
  "claude-3": "Claude up to Opus 4.6",
  "claude-4.7": "Claude from Opus 4.7 on",
  o200k_base: "GPT-4o and later",
  cl100k_base: "GPT-4 and GPT-3.5",
};

export class Vocabularies {
  #place;
  #load;
  #onLoaded;
  #sizes = {};
  #loaded = new Set();
  #failed = new Set();
  #wanted = [];

  constructor(place, { load, onLoaded }) {
    this.#place = place;
    this.#load = load;
    this.#onLoaded = onLoaded;
  }

  /** The sizes in bytes of those that the server has. */
  available(sizes) {
    this.#sizes = sizes;
  }

  /** The names of those that are here. */
  get loaded() {
    return [...this.#loaded];
  }

  /** Offers those that the models shown could use. */
  show(tokenizers) {
    this.#wanted = [...new Set(tokenizers)];
    this.#draw();
  }

  /** Loads the small ones. */
  loadSmall() {
    return Promise.all(this.#offered().filter((name) => this.#sizes[name] <= SMALL_BYTES).map((name) => this.#fetch(name)));
  }

  #offered() {
    return this.#wanted.filter((name) => name in NAMES && name in this.#sizes && !this.#loaded.has(name));
  }

  async #fetch(name) {
    try {
      await this.#load(name);
      this.#loaded.add(name);
      this.#failed.delete(name);
    } catch {
      // Estimates go on without it; the offer stays, and says so.
      this.#failed.add(name);
    }
    this.#draw();
    this.#onLoaded();
  }

  #draw() {
    const offers = this.#offered();
    this.#place.hidden = offers.length === 0;
    this.#place.replaceChildren(...offers.map((name) => {
      const failed = this.#failed.has(name) ? "could not be loaded; try again" : `load ${bytes(this.#sizes[name])}`;
      const button = el("button", { type: "button", class: "quiet" }, `Exact counts for ${NAMES[name]}: ${failed}`);
      button.addEventListener("click", () => {
        button.disabled = true;
        button.textContent = `Exact counts for ${NAMES[name]}: loading…`;
        this.#fetch(name);
      });
      return button;
    }));
  }
}
