// How the model is chosen: what the person says of it, and what the choice rests on.

import { el } from "./dom.js";
import { dollars, percent } from "./format.js";
import { compareModels } from "./promptfare/promptfare.js";

const get = (id) => document.getElementById(id);

/** What the person has said of the choice, as fields of a policy; or `{ error }`. */
export function choice() {
  const share = get("dial").value.trim();
  if (share !== "" && !(/^\d{1,3}$/.test(share) && Number(share) <= 100)) {
    return { error: `Calls to the strongest: found “${share}”, wanted a whole number from 0 to 100.` };
  }
  const criticality = get("criticality").value;
  const preset = get("preset").value;
  return {
    ...(criticality === "" ? {} : { criticality }),
    ...(preset === "" ? {} : { preset }),
    ...(share === "" ? {} : { dial: Number(share) / 100 }),
  };
}

const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;

/** What the need is made of, most first, and how often the strongest would be picked. */
export function needLines({ score, expectedShare, strongest, need }) {
  const parts = score.contributions.map(([name, value]) =>
    `${name === "category" ? "base rate" : name.replaceAll("_", " ")}: ${signed(value)}`);
  return [
    `${parts.join(", ")}: together ${signed(score.logOdds)} in log-odds, which is ${percent(need)}.`,
    `How far it rests on outcomes of prompts like this one, beyond the base rate: ${percent(score.confidence)}.`,
    `At this price ${strongest} would take about ${percent(expectedShare)} of such prompts.`,
  ];
}

const ROWS = [
  ["reasoningDepth", "Reasoning depth", (value) => `steered by ${value.replaceAll("_", " ")}`],
  ["taskComplexity", "Place in its line", (value) => value],
  ["latency", "Latency", (value) => `${value} ms`],
  ["cost", "Cost, in and out per million tokens", ({ input_mtok: input, output_mtok: output }) =>
    [input, output].map((rate) => (rate === undefined ? "?" : dollars(typeof rate === "string" ? rate : rate.base))).join(", ")],
  ["contextWindow", "Context window", (value) => `${value.toLocaleString("en-US")} tokens`],
  ["code", "Code", (value) => value],
  ["vision", "Vision", (value) => (value ? "yes" : "no")],
  ["bestFor", "Best for", (value) => value],
  ["primaryAdvantage", "Primary advantage", (value) => value],
];

/** The candidates side by side; a blank where no source tells. */
export function sideBySide(names, open) {
  let models;
  try {
    models = compareModels(names);
  } catch {
    // A name that only the gateway knows has no entry to be compared.
    return null;
  }
  const cell = ({ dimensions }, name, write) => {
    const known = dimensions[name];
    return el("td", known === null ? {} : { title: `${known.source}, ${known.checked}` }, known === null ? "" : write(known.value));
  };
  return el("details", { class: "more compared", open },
    el("summary", {}, "Side by side"),
    el("div", { class: "scrolled", tabindex: "0", role: "region", "aria-label": "The models side by side" }, el("table", {},
      el("thead", {}, el("tr", {}, el("td", {}), models.map(({ model }) => el("th", { scope: "col" }, model)))),
      el("tbody", {}, ROWS.map(([name, title, write]) =>
        el("tr", {}, el("th", { scope: "row" }, title), models.map((model) => cell(model, name, write))))))));
}
