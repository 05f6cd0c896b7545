// Beyond one request: what a session and a month cost, in dollars and in another currency; and what
// the provider's prompt cache would do. Closed until wanted, and nothing is computed before.

import { cacheAdvice } from "./promptfare/promptfare.js";
import { el } from "./dom.js";
import { count, dollars, significant, span } from "./format.js";

const get = (id) => document.getElementById(id);
const whole = (id) => (/^[1-9]\d{0,5}$/.test(get(id).value.trim()) ? Number(get(id).value) : null);

/** What the fields ask of an estimate; nothing while they are closed. */
export function outlookOptions() {
  if (!get("outlook").open) return {};
  const turns = whole("outlook-turns");
  const runs = whole("outlook-runs");
  const code = get("outlook-code").value.trim().toUpperCase();
  const perUsd = get("outlook-rate").value.trim();
  return {
    ...(turns === null ? {} : { session: { turns: Math.min(turns, 1000), cached: get("outlook-cached").checked } }),
    ...(runs === null ? {} : { runsPerDay: runs }),
    ...(/^[A-Z]{3}$/.test(code) && /^\d+(\.\d{1,6})?$/.test(perUsd) && /[1-9]/.test(perUsd)
      ? { currency: { code, perUsd, asOf: new Date().toISOString().slice(0, 10) } }
      : {}),
  };
}

const shown = (money, code) => (code === null ? dollars(money) : `${code} ${significant(money, 3)}`);

function row(name, money, code = null) {
  return el("tr", {},
    el("th", { scope: "row" }, name),
    el("td", { class: "number" }, `≈ ${shown(money.expected, code)}`),
    el("td", { class: "number" }, span(shown(money.low, code), shown(money.high, code), (text) => text)));
}

/** The figures of the suggested model. */
export function showOutlook(plan) {
  const cost = plan?.cost ?? null;
  const rows = [];
  if (cost !== null) {
    rows.push(row("One request", cost));
    if (cost.perSession) rows.push(row("A session", cost.perSession));
    if (cost.perMonth) rows.push(row("30 days", cost.perMonth));
    if (cost.display) {
      const { code } = cost.display;
      rows.push(row("One request", cost.display, code));
      if (cost.display.perSession) rows.push(row("A session", cost.display.perSession, code));
      if (cost.display.perMonth) rows.push(row("30 days", cost.display.perMonth, code));
    }
  }
  get("outlook-table").hidden = rows.length === 0;
  get("outlook-table").tBodies[0].replaceChildren(...rows);
  get("outlook-note").textContent = cost === null
    ? "For the suggested model, once there is a prompt and its price is known."
    : `On ${plan.model}, its price checked ${cost.price.checked}. Each turn sends all that was said before; ends of a session are sums of ends.`;
}

/** When the fields change or are opened, `onChange`. */
export function watchOutlook(onChange) {
  get("outlook").addEventListener("toggle", onChange);
  for (const id of ["outlook-turns", "outlook-cached", "outlook-runs", "outlook-code", "outlook-rate"]) {
    get(id).addEventListener("input", onChange);
  }
}

function cacheText(request) {
  let advice;
  try {
    advice = cacheAdvice(request);
  } catch (trouble) {
    return [trouble.message];
  }
  const { kind, prefix, minTokens, plainUsd, readUsd, writeUsd, paysAfterReads, breakpoints } = advice;
  if (kind === "none") return ["No price for reading from a cache is known for this model."];
  if (prefix === null) return ["Nothing of this request comes again in the next: no system text, no tools, no earlier turns."];
  const size = `${prefix.exact ? "" : "≈ "}${count(prefix.tokens)} tokens come again`;
  if (prefix.longEnough === false) return [`${size}, too few for this model's cache: it takes ${count(minTokens)} or more.`];
  const marks = kind === "automatic" ? "The provider caches them by itself" : `Marks belong after: ${breakpoints.map(({ after }) => after).join(", ")}`;
  const price = `Read from the cache they cost ${dollars(readUsd)} rather than ${dollars(plainUsd)}`;
  const writing = writeUsd === null ? "" : `; writing them costs ${dollars(writeUsd)}`;
  const pays = paysAfterReads === null ? "" : `, and pays after ${paysAfterReads} ${paysAfterReads === 1 ? "read" : "reads"}`;
  return [`${size}. ${marks}. ${price}${writing}${pays}. Another model begins anew.`];
}

/** A closed line; what it says is computed when it is opened. */
export function cacheView(request, open) {
  const list = el("p", { class: "small" });
  const view = el("details", { class: "more", open }, el("summary", {}, "The provider's prompt cache"), list);
  const fill = () => {
    if (view.open && list.textContent === "") list.textContent = cacheText(request).join(" ");
  };
  view.addEventListener("toggle", fill);
  if (open) fill();
  return view;
}
