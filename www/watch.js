// What the kept receipts tell: whether estimates held, and whether something has changed. Closed until
// wanted; the module that computes it is loaded then.

import { el, say } from "./dom.js";

const get = (id) => document.getElementById(id);
const percent = (share) => `${Math.round(100 * share)} %`;

export class Watch {
  #receipts;
  #proposals;
  #workshop = null;

  /** `receipts` gives the records, oldest first. */
  constructor({ receipts, proposals }) {
    this.#receipts = receipts;
    this.#proposals = proposals;
    get("watch").addEventListener("toggle", () => this.show());
  }

  /** Computes and shows it, where it is open. */
  async show() {
    if (!get("watch").open) return;
    try {
      this.#workshop ??= await import("./promptfare/workshop.js").then(async (workshop) => {
        await workshop.default();
        return workshop;
      });
      const records = await this.#receipts();
      this.#show(this.#workshop.reconcile(records), this.#workshop.watchDrift(records));
      this.#proposals.show(records, this.#workshop.proposePolicy);
      say(get("watch-error"), "");
    } catch (error) {
      say(get("watch-error"), error.message);
    }
  }

  #show(held, drift) {
    const rows = [["Input tokens", held.inputTokens], ["Answer length", held.outputTokens], ["Cost", held.usd]].flatMap(([name, { last50, all }]) => (
      all === null ? [] : [el("tr", {},
        el("th", { scope: "row" }, name),
        ...[last50, all].map((part) => el("td", { class: "number", title: part.words }, `${part.inside} of ${part.n} (${percent(part.low)} to ${percent(part.high)})`)),
        el("td", { class: "number" }, percent(all.promised)))]
    ));
    get("watch-table").hidden = rows.length === 0;
    get("watch-table").tBodies[0].replaceChildren(...rows);
    const alarms = drift.alarms.map((alarm) => el("li", {}, `${alarm.model}: ${alarm.words}. ${alarm.advice}`));
    get("watch-alarms").replaceChildren(...alarms);
    const nothing = rows.length === 0 ? "No estimate could be held against a bill yet." : alarms.length > 0 ? "" : "Nothing has changed, as far as these receipts can tell.";
    say(get("watch-note"), nothing);
  }
}
