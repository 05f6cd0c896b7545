// What should not leave in clear: a line under the prompt says what was found, a tick masks it, and a
// secret that would leave as it is asks first.

import { el } from "./dom.js";

/** One and many, by the kinds of a plan's `privacy`. Whatever is not named here is a secret. */
const NAMES = {
  email: ["mail address", "mail addresses"],
  phone: ["telephone number", "telephone numbers"],
  card: ["card number", "card numbers"],
  iban: ["bank account", "bank accounts"],
  ip: ["network address", "network addresses"],
  mac: ["hardware address", "hardware addresses"],
  "us-ssn": ["social security number", "social security numbers"],
  "private-key": ["private key", "private keys"],
};
const SECRET = ["key, token or password", "keys, tokens or passwords"];

/** "1 private key, 2 mail addresses". */
export function foundText({ counts }) {
  const sums = new Map();
  for (const [kind, count] of Object.entries(counts)) {
    const names = NAMES[kind] ?? SECRET;
    sums.set(names, (sums.get(names) ?? 0) + count);
  }
  return [...sums].map(([names, count]) => `${count} ${names[count === 1 ? 0 : 1]}`).join(", ");
}

export class Privacy {
  #place;
  #text = el("span");
  #box = el("input", { type: "checkbox", id: "privacy-mask" });
  #asking = el("span", { class: "choices", role: "alert" });
  #send;
  #confirmed = null;

  /** `onChange` makes the client anew; `send` sends what is typed. */
  constructor(place, { onChange, send }) {
    this.#place = place;
    this.#send = send;
    this.#box.addEventListener("change", onChange);
    this.#asking.hidden = true;
    const label = el("label", { for: "privacy-mask" }, this.#box, " mask it before sending");
    place.append(this.#text, label, this.#asking);
    this.change = onChange;
  }

  /** For the client and for each plan. */
  get options() {
    const action = this.#box.checked ? "mask" : "warn";
    return { secrets: action, personal: action };
  }

  show(plan) {
    const privacy = plan?.privacy ?? null;
    this.#asking.hidden = true;
    this.#place.hidden = privacy === null || privacy.found.length === 0;
    if (this.#place.hidden) return;
    const text = `Found here: ${foundText(privacy)}.`;
    if (this.#text.textContent !== text) this.#text.textContent = text;
  }

  /** Whether the plan may be sent; if not, it asks, and goes on with `again` when it is told to. `key` is
   * what is typed: another text is asked about again. */
  allows(plan, key, again = this.#send) {
    const open = (plan.privacy?.found ?? []).filter(({ secret, masked }) => secret && !masked);
    if (open.length === 0 || this.#confirmed === key) return true;
    const choice = (label, action) => el("button", { type: "button", class: "quiet", onclick: action }, label);
    this.#asking.replaceChildren(
      el("strong", {}, "A secret would leave this page."),
      choice("Mask and send", async () => {
        this.#box.checked = true;
        this.#asking.hidden = true;
        await this.change();
        again();
      }),
      choice("Send it as it is", () => {
        this.#confirmed = key;
        this.#asking.hidden = true;
        again();
      }),
      choice("Don’t send", () => {
        this.#asking.hidden = true;
      }),
    );
    this.#asking.hidden = false;
    this.#asking.querySelector("button").focus();
    return false;
  }
}
