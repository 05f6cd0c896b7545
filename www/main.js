// The page. Everything before Send happens here, in this page; the package is imported as any page
// would import it, and the only requests before Send are for the page's own files.

import init, { Client, buildRequest, estimateCost, loadVocabulary, resolveModel } from "./promptfare/promptfare.js";
import { endingText, receiptView, rideRow, sessionText } from "./after.js";
import { FareRow, routeView, summaryOf } from "./before.js";
import { say } from "./dom.js";
import { ImageList } from "./images.js";
import { Settings } from "./settings.js";
import { Snippet } from "./snippet.js";
import { Vocabularies } from "./vocabularies.js";

/** The pair of the comparison, and today's tiers beside it. */
const SHOWN = ["claude-opus-4", "claude-sonnet-4", "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "gpt-5", "gpt-5-mini"];
const TICKED = ["claude-opus-4", "claude-sonnet-4"];

const get = (id) => document.getElementById(id);
const prompt = get("prompt");

/** Models in the order shown: id to FareRow. */
const rows = new Map();
const ticked = new Set(TICKED);

let client = null;
/** The plan of what stands in the prompt box; null where there is none. */
let plan = null;
/** The answer on its way: its AbortController, or null. */
let sending = null;

const images = new ImageList(get("images"), get("image"), () => schedule());
const snippet = new Snippet(get("request"), () => settings.baseUrl);
const settings = new Settings({ onChange: renewClient });
const vocabularies = new Vocabularies(get("exact"), { load: loadVocabulary, onLoaded: update });

// ---------------------------------------------------------------- what was typed

function typed() {
  const system = get("system").value;
  const value = { text: prompt.value };
  if (system.trim() !== "") value.system = system;
  if (images.urls.length > 0) value.images = images.urls;
  return value;
}

/** The limits, or a sentence about what is wrong with them. */
function limits() {
  const cost = get("max-cost").value.trim();
  const most = get("max-tokens").value.trim();
  if (cost !== "" && !/^\d*\.?\d+$/.test(cost)) return { error: `It may cost at most: found “${cost}”, wanted a number such as 0.05.` };
  if (most !== "" && !/^[1-9]\d{0,8}$/.test(most)) return { error: `The answer may have at most: found “${most}”, wanted a whole number such as 800.` };
  return {
    ...(cost === "" ? {} : { maxCostUsd: cost.startsWith(".") ? `0${cost}` : cost }),
    ...(most === "" ? {} : { maxTokens: Number(most) }),
  };
}

// ---------------------------------------------------------------- before sending

/** How long the last update took, in milliseconds: a huge paste is not recounted at every key. */
let lastUpdateMs = 0;
let scheduled = null;

function schedule() {
  if (scheduled !== null) return;
  scheduled = setTimeout(update, lastUpdateMs < 12 ? 0 : Math.min(600, 2 * lastUpdateMs));
}

function update() {
  clearTimeout(scheduled);
  scheduled = null;
  if (client === null) return;
  const started = performance.now();
  const { error = "", ...limited } = limits();
  say(get("limits-error"), error);
  plan = null;
  if (prompt.value.trim() === "" && images.urls.length === 0) rest();
  else if (ticked.size === 0) refused("Tick at least one model below.", limited);
  else if (error !== "") refused(error, {});
  else {
    try {
      const candidates = [...ticked];
      plan = client.plan(typed(), { ...limited, stream: true, policy: { candidates, criticality: get("criticality").value } });
      planned();
    } catch (trouble) {
      refused(trouble.message, limited);
    }
  }
  get("send").disabled = plan === null || sending !== null;
  snippet.show(plan?.request ?? null);
  lastUpdateMs = performance.now() - started;
}

function rest() {
  for (const row of rows.values()) row.rest();
  get("summary").textContent = "";
  get("route").textContent = "The model for your prompt, and why, once there is one.";
  get("fares-note").textContent = "";
}

/** Why no model could be picked; the fares are shown all the same. */
function refused(reason, limited) {
  get("summary").textContent = reason;
  get("route").textContent = reason;
  try {
    showFares(estimateCost(buildRequest(typed(), { ...limited, stream: true }), { models: [...rows.keys()] }), []);
  } catch {
    for (const row of rows.values()) row.rest();
  }
}

function planned() {
  const open = new Set([...get("route").querySelectorAll("details[open] > summary")].map((summary) => summary.textContent));
  get("route").replaceChildren(...routeView(plan, [...ticked], open));
  get("summary").replaceChildren(...summaryOf(plan));
  const others = [...rows.keys()].filter((id) => !ticked.has(id));
  const request = { ...plan.request };
  delete request.model;
  const estimates = others.length === 0 ? [] : estimateCost(request, { models: others });
  showFares([...plan.candidates, ...estimates], plan.route.alternatives);
}

function showFares(estimates, alternatives) {
  const most = Math.max(...estimates.map((estimate) => Number(estimate.usd?.high ?? 0)));
  for (const estimate of estimates) {
    const other = alternatives.find((alternative) => alternative.model === estimate.model);
    rows.get(estimate.model)?.show(estimate, {
      most,
      picked: estimate.model === plan?.model,
      problem: other === undefined || other.possible ? null : other.text,
    });
  }
  const estimated = estimates.some((estimate) => !estimate.tokens.exact);
  get("fares-note").textContent = `${estimated ? "≈ marks an estimate. " : ""}Cost from the low to the high end; the answer's length is the larger part of it.`;
}

// ---------------------------------------------------------------- models

function addRow(id, options = {}) {
  const model = resolveModel(id);
  if (rows.has(model.id)) return model;
  const row = new FareRow(model, {
    checked: ticked.has(model.id),
    onToggle: (checked) => {
      if (checked) ticked.add(model.id);
      else ticked.delete(model.id);
      update();
    },
    onRemove: options.removable ? () => removeRow(model.id) : undefined,
  });
  rows.set(model.id, row);
  get("fares").append(row.element);
  vocabularies.show([...rows.values()].map((each) => each.model.tokenizer));
  return model;
}

function removeRow(id) {
  rows.get(id).element.remove();
  rows.delete(id);
  ticked.delete(id);
  get("model-name").focus();
  update();
}

get("add-model").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = get("model-name").value.trim();
  if (name === "") return;
  try {
    const model = addRow(name, { removable: true });
    ticked.add(model.id);
    rows.get(model.id).box.checked = true;
    get("model-name").value = "";
    say(get("model-error"), "");
    update();
  } catch (trouble) {
    say(get("model-error"), trouble.message);
    suggestNames(trouble.nearest ?? []);
  }
});

/** The nearest names as buttons under the message. */
function suggestNames(names) {
  for (const name of names) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = name;
    button.addEventListener("click", () => {
      get("model-name").value = name;
      get("add-model").requestSubmit();
    });
    get("model-error").append(" ", button);
  }
}

// ---------------------------------------------------------------- sending

/** Shows the pieces as they come, once per frame however fast they are. */
class AnswerText {
  #text = "";
  #reasoning = "";
  #frame = null;

  constructor() {
    get("answer").textContent = "";
    get("reasoning-text").textContent = "";
    get("reasoning").hidden = true;
  }

  add({ text = "", reasoning = "" }) {
    this.#text += text;
    this.#reasoning += reasoning;
    this.#frame ??= requestAnimationFrame(() => this.flush());
  }

  flush() {
    cancelAnimationFrame(this.#frame);
    this.#frame = null;
    // Text nodes only: what a model wrote is never read as HTML.
    if (this.#text !== "") get("answer").append(this.#text);
    if (this.#reasoning !== "") {
      get("reasoning").hidden = false;
      get("reasoning-text").append(this.#reasoning);
    }
    this.#text = "";
    this.#reasoning = "";
  }
}

async function send() {
  if (sending !== null) return;
  update();
  if (plan === null) return;
  const sent = plan;
  const sender = client;
  const stop = new AbortController();
  sending = stop;
  setSending(true);
  get("status").textContent = `Sent to ${sent.model}…`;
  get("answer-from").textContent = `from ${sent.model}`;
  get("answer-card").hidden = false;
  get("receipt").hidden = true;
  const shown = new AnswerText();
  const answer = sender.send(sent, { signal: stop.signal });
  try {
    let first = true;
    for await (const piece of answer) {
      if (first) get("status").textContent = `${sent.model} is answering…`;
      first = false;
      shown.add(piece);
    }
  } catch {
    // The receipt says what went wrong, and keeps the text that came before.
  } finally {
    shown.flush();
    sending = null;
    setSending(false);
  }
  received(await answer.receipt);
}

function received(receipt) {
  if (receipt.answeredBy !== null) get("answer-from").textContent = `from ${receipt.answeredBy}`;
  if (receipt.text === "" && !get("answer").hasChildNodes()) get("answer-card").hidden = true;
  get("receipt").replaceChildren(...receiptView(receipt));
  get("receipt").hidden = false;
  get("rides").hidden = false;
  get("rides-table").tBodies[0].prepend(rideRow(receipt));
  get("session-total").textContent = sessionText(client.kpis());
  get("status").textContent = endingText(receipt);
}

function setSending(on) {
  const [send, stop] = [get("send"), get("stop")];
  const focused = document.activeElement;
  stop.hidden = !on;
  send.disabled = on || plan === null;
  get("answer-card").setAttribute("aria-busy", String(on));
  // The button under a finger or a focus ring must not vanish into nothing.
  if (on && focused === send) stop.focus();
  if (!on && focused === stop) (send.disabled ? prompt : send).focus();
}

// ---------------------------------------------------------------- wiring

/** A client for the gateway in the settings; the session's receipts go along. */
async function renewClient() {
  const ledger = client?.export();
  const next = await Client.create({ baseUrl: settings.baseUrl, models: TICKED, ...(settings.hasKey ? { apiKey: () => settings.key() } : {}) });
  if (ledger !== undefined) next.import(ledger);
  client = next;
  update();
}

get("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
get("stop").addEventListener("click", () => sending?.abort());
for (const id of ["prompt", "system", "criticality", "max-cost", "max-tokens"]) get(id).addEventListener("input", schedule);

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !get("settings").open) {
    event.preventDefault();
    send();
  }
  if (event.key === "Escape" && sending !== null && !get("settings").open) sending.abort();
});

/** What this page's server says about itself; a plain static server says nothing. */
async function ownServer() {
  try {
    const response = await fetch("page.json");
    return response.ok ? await response.json() : {};
  } catch {
    return {};
  }
}

async function start() {
  const [server] = await Promise.all([ownServer(), init()]);
  settings.introduce(server);
  vocabularies.available(server.vocabularies ?? {});
  for (const id of SHOWN) addRow(id);
  await renewClient();
  const checked = rows.get(SHOWN[0]).model.prices.at(-1)?.checked;
  if (checked !== undefined) get("price-day").textContent = `Prices as checked on ${checked}.`;
  // After the first paint, so that nobody waits for it.
  requestAnimationFrame(() => setTimeout(() => vocabularies.loadSmall(), 0));
  document.documentElement.dataset.ready = "true";
}

start().catch((trouble) => say(get("trouble"), `The page could not start: ${trouble.message}`));
