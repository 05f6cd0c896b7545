// How it went: the key figures with their intervals, what was saved, and the receipts out and in. They
// are in memory, or where that is ticked in this browser; the package keeps them.

import { el, say } from "./dom.js";
import { count, dollars, seconds } from "./format.js";

const KEPT = "promptfare-ledger";
const get = (id) => document.getElementById(id);

/** Storage may be forbidden: then the tick lasts as long as the page. */
function kept(change) {
  try {
    return change(localStorage);
  } catch {
    return null;
  }
}

const percent = (share) => `${(100 * share).toFixed(share > 0.995 || share < 0.005 ? 1 : 0)} %`;
const stars = (score) => score.toFixed(1);
const pieces = (ms) => `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;

/** A figure, its interval and how many it stands on; or why there is none. */
function cell({ value, low, high, n, note }, show) {
  if (value === null) return el("td", { class: "muted small" }, n === 0 ? "nothing yet" : note);
  return el("td", { class: "number" }, show(value), el("span", { class: "muted small" }, ` ${show(low)} to ${show(high)}, n ${count(n)}`));
}

const ROWS = [
  ["Right", ({ accuracy }) => [accuracy, percent]],
  ["Did its job", ({ completion }) => [completion, percent]],
  ["Thumbs up", ({ satisfaction }) => [satisfaction.thumbs, percent]],
  ["Score, 1 to 5", ({ satisfaction }) => [satisfaction.score, stars]],
  ["First words, median", ({ latency }) => [latency.firstPieceMs.median, seconds]],
  ["Between pieces, median", ({ latency }) => [latency.perPieceMs.median, pieces]],
  ["To the end, median", ({ latency }) => [latency.totalMs.median, seconds]],
  ["To the end, 9 of 10 within", ({ latency }) => [latency.totalMs.p90, seconds]],
  ["Cost of one", ({ costPerInteraction }) => [costPerInteraction, dollars]],
];

function savingsText({ usd, low, high, billUsd, n, unknown }) {
  if (usd === null) return "What was saved against the strongest model cannot be told yet.";
  const without = unknown === 0 ? "" : ` (${count(unknown)} more could not be compared)`;
  const word = usd.startsWith("-") ? "more" : "less";
  const size = (text) => (text.startsWith("-") ? `−${dollars(text.slice(1))}` : dollars(text));
  return `${count(n)} compared with sending each to the strongest model${without}: ${dollars(billUsd)} paid, ${dollars(usd.replace("-", ""))} ${word} than it was estimated at there (saved ${size(low)} to ${size(high)}). That says nothing of how good the answers were.`;
}

function save(name, kind, text) {
  const url = URL.createObjectURL(new Blob([text], { type: kind }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export class LedgerView {
  #client;
  #last = null;

  /** `client` gives the client of now. */
  constructor({ client, onChange }) {
    this.#client = client;
    get("ledger-keep").checked = kept((storage) => storage.getItem(KEPT)) === "yes";
    get("ledger-keep").addEventListener("change", ({ target }) => {
      kept((storage) => (target.checked ? storage.setItem(KEPT, "yes") : storage.removeItem(KEPT)));
      onChange();
    });
    get("ledger").addEventListener("toggle", () => this.show());
    get("ledger-by").addEventListener("change", () => this.show());
    for (const [id, thumb] of [["ledger-up", "up"], ["ledger-down", "down"]]) {
      get(id).addEventListener("click", () => this.#try(async () => {
        await client().feedback(this.#last, { thumb });
        return "Noted.";
      }));
    }
    for (const [id, format, kind] of [["ledger-json", "json", "application/json"], ["ledger-csv", "csv", "text/csv"]]) {
      get(id).addEventListener("click", () => this.#try(async () => save(`promptfare-receipts.${format}`, kind, await client().receipts({ format }))));
    }
    get("ledger-file").addEventListener("change", ({ target }) => this.#try(async () => {
      const [file] = target.files;
      if (file === undefined) return "";
      const { added, known, tooOld } = await client().import(await file.text());
      target.value = "";
      return `${count(added)} taken over, ${count(known)} known before${tooOld === 0 ? "" : `, ${count(tooOld)} too old`}.`;
    }));
    get("ledger-clear").addEventListener("click", () => this.#try(async () => {
      await client().clear();
      return "Forgotten.";
    }));
  }

  /** Options of the client. */
  get options() {
    return get("ledger-keep").checked ? { ledger: { name: "page" } } : {};
  }

  /** After a receipt: it is what the thumbs are about. */
  received({ id, ledger }) {
    this.#last = id;
    say(get("ledger-note"), ledger?.stored === false ? `Not kept in this browser: ${ledger.reason}` : "");
    this.show();
  }

  async #try(work) {
    try {
      say(get("ledger-note"), (await work()) ?? "");
    } catch (trouble) {
      say(get("ledger-note"), trouble.message);
    }
    this.show();
  }

  show() {
    if (!get("ledger").open || this.#client() === null) return;
    const by = get("ledger-by").value;
    const told = this.#client().kpis(by === "" ? {} : { by });
    const { requests, since, damaged, ledger } = told;
    const where = ledger?.stored ? "kept in this browser" : "in memory, until this page is closed";
    const broken = damaged === 0 ? "" : ` ${count(damaged)} stored ${damaged === 1 ? "entry" : "entries"} could not be read.`;
    get("ledger-since").textContent = requests === 0
      ? `Nothing sent yet; receipts are ${where}.${broken}`
      : `${count(requests)} ${requests === 1 ? "request" : "requests"} since ${new Date(since).toLocaleDateString()}, ${where}.${broken}`;
    const columns = [["all", told], ...(told.groups ?? []).slice(0, 12).map((group) => [group.key || "not said", group])];
    get("ledger-table").tHead.replaceChildren(el("tr", {}, el("td", {}), columns.map(([name]) => el("th", { scope: "col" }, name))));
    get("ledger-table").tBodies[0].replaceChildren(...ROWS.map(([name, pick]) => el("tr", {}, el("th", { scope: "row" }, name), columns.map(([, figures]) => cell(...pick(figures))))));
    get("ledger-table").hidden = requests === 0;
    get("ledger-savings").textContent = requests === 0 ? "" : savingsText(told.savings);
    get("ledger-thumbs").hidden = this.#last === null;
  }
}
