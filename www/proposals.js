// What the receipts say for another policy: each proposal as a difference, taken over only where the
// person says so, and taken back as easily.

import { el } from "./dom.js";

const shown = (value) => (value === null ? "nothing" : JSON.stringify(value));

export class Proposals {
  #place;
  #onChange;
  #policy = {};
  #accepted = [];

  constructor(place, { onChange }) {
    this.#place = place;
    this.#onChange = onChange;
  }

  /** Fields of a policy: what was accepted. */
  get policy() {
    return this.#policy;
  }

  /** `propose` is the workshop's `proposePolicy`. */
  show(records, propose) {
    const { proposals } = propose(records, this.#policy);
    const take = ({ id }) => {
      this.#policy = propose(records, this.#policy, { accept: [id] }).policy;
      this.#accepted.push(id);
      this.#changed(records, propose);
    };
    const items = proposals.map((proposal) => el("li", {},
      el("span", {}, `${proposal.why}. `),
      el("span", { class: "muted" }, `${proposal.path}: ${shown(proposal.before)} → ${shown(proposal.after)} `),
      this.#button("Accept", () => take(proposal))));
    if (this.#accepted.length > 0) {
      items.push(el("li", {}, `Accepted: ${this.#accepted.join(", ")}. `, this.#button("Take back", () => {
        this.#policy = {};
        this.#accepted = [];
        this.#changed(records, propose);
      })));
    }
    this.#place.replaceChildren(...items);
  }

  #button(text, run) {
    const button = el("button", { type: "button", class: "quiet" }, text);
    button.addEventListener("click", run);
    return button;
  }

  #changed(records, propose) {
    this.#onChange();
    this.show(records, propose);
  }
}
