// The page. Everything before Send happens here, in this page; the package is imported as any page
// would import it, and the only requests before Send are for the page's own files.

import init, { Client, LiveCounter, imageAdvice, loadVocabulary, resolveModel } from "./promptfare/promptfare.js";
import { AnswerText, endingText, receiptView, rideRow, sessionText } from "./after.js";
import { Background } from "./background.js";
import { FareRow, liveText, routeView, summaryOf } from "./before.js";
import { Budget, overBudget } from "./budget.js";
import { el, say } from "./dom.js";
import { Fit } from "./fit.js";
import { span } from "./format.js";
import { Hints } from "./hints.js";
import { ImageList } from "./images.js";
import { Kept } from "./kept.js";
import { LedgerView } from "./ledger.js";
import { LivePrompt } from "./live.js";
import { outlookOptions, showOutlook, watchOutlook } from "./outlook.js";
import { Parts } from "./parts.js";
import { planning } from "./planning.js";
import { Privacy } from "./privacy.js";
import { Proposals } from "./proposals.js";
import { choice } from "./routing.js";
import { Settings } from "./settings.js";
import { Slimmer } from "./slim.js";
import { Snippet } from "./snippet.js";
import { Telemetry } from "./telemetry.js";
import { Versions } from "./versions.js";
import { Vocabularies } from "./vocabularies.js";
import { Watch } from "./watch.js";
import { Workflow } from "./workflow.js";

/** The pair of the comparison, and today's tiers beside it. */
const SHOWN = ["claude-opus-4", "claude-sonnet-4", "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "gpt-6.1-sol", "gpt-5"];
const TICKED = ["claude-opus-4", "claude-sonnet-4"];

const EXAMPLES = [
  "Explain monads with one picture.",
  "Summarise this in three bullet points for a busy reader: ",
  "Find the bug: function mean(xs) { return xs.reduce((a, b) => a + b) / xs.lenght }",
  "Compare two contract clauses and say which one shifts the liability, and why.",
];

const get = (id) => document.getElementById(id);
const prompt = get("prompt");

/** Models in the order shown, by the name that goes on the wire. */
const rows = new Map();
const ticked = new Set(TICKED);

let client = null;
/** The plan of what stands in the prompt box; null where there is none. */
let plan = null;
/** What it was asked with. */
let asked = null;
/** The answer on its way: its AbortController, or null. */
let sending = null;
/** Whether Send was pressed while the worker counts. */
let waiting = false;
/** Whether gateway or models changed while an answer was on its way. */
let renewAfterwards = false;

const images = new ImageList(get("images"), get("image"), {
  advice: imageAdvice,
  // The workshop comes when it is wanted.
  shrink: async (...given) => (await import("./promptfare/workshop.js")).shrinkImage(...given),
  onChange: () => schedule(),
});
const live = new LivePrompt({ create: (model) => new LiveCounter(model), onChange: showLive });
const background = new Background({ onBroken: () => update() });
const parts = new Parts({ onChange: () => schedule() });
new Hints({ model: () => known()[0] });
const kept = new Kept(get("keep-answers"), get("forget-answers"), { onChange: () => renewClient(), purge: () => client.purgeCache() });
const snippet = new Snippet(get("request"), () => settings.baseUrl);
const settings = new Settings({ onChange: renewClient });
const budget = new Budget({ onChange: renewClient });
const privacy = new Privacy(get("privacy"), { onChange: renewClient, send: () => send() });
const telemetry = new Telemetry({ onChange: renewClient });
const slimmer = new Slimmer({
  read: () => ({ system: get("system").value, text: prompt.value }),
  write: ({ system, text }) => {
    get("system").value = system;
    prompt.value = text;
    live.text = text;
    schedule();
  },
});
const proposals = new Proposals(get("watch-proposals"), { onChange: () => schedule() });
const watch = new Watch({ receipts: async () => client?.receipts() ?? [], proposals });
const ledger = new LedgerView({ client: () => client, onChange: renewClient });
const workflow = new Workflow({
  ask: () => (client === null || prompt.value.trim() === "" || ticked.size === 0 ? null : { client, prompt: typed(), models: [...ticked], limits: limits() }),
  allows: (again) => plan === null || privacy.allows(plan, JSON.stringify(typed()), again),
  onReceipt: () => { get("session-total").textContent = sessionText(client.kpis()); },
});
/** The ticked models that the catalogue knows, the suggested one first. */
const known = () => [plan?.model, ...ticked].filter((name, place, all) => rows.get(name)?.model && all.indexOf(name) === place);
const fit = new Fit({
  ask: () => (prompt.value.trim() === "" || known().length === 0 ? null : { prompt: typed(), models: known(), limits: limits() }),
  use: replacePrompt,
});
const versions = new Versions({
  ask: () => (prompt.value.trim() === "" || known().length === 0 ? null : { prompt: typed(), model: known()[0] }),
});
const vocabularies = new Vocabularies(get("exact"), { load: loadVocabulary, onLoaded: update });

// ---------------------------------------------------------------- what was typed

function typed() {
  const system = get("system").value;
  const value = { text: prompt.value, ...parts.value };
  if (system.trim() !== "") value.system = system;
  if (images.urls.length > 0) value.images = images.urls;
  return value;
}

/** Puts another text in the prompt box, as if it were typed. */
function replacePrompt(text) {
  prompt.value = text;
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
  prompt.focus();
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

/** From here on a prompt is planned in the worker, in UTF-16 units of all that was typed and attached. */
const LONG = 100_000;
/** The pause in typing after which a long prompt is planned anew, in milliseconds. */
const PAUSE_MS = 250;

/** How long the last update took here, in milliseconds. */
let lastUpdateMs = 0;
let scheduled = null;
/** How many updates began; an older one stops when a newer one began. */
let updates = 0;
/** While the worker counts: waits for its plan. */
let counting = null;

/** The prompt in the box is counted live, by the tokenizer of the model that was suggested last. */
let lastPicked = TICKED[0];

const isLong = () => background.works && images.units + parts.units + prompt.value.length + get("system").value.length > LONG;

/** What was asked to be sent once it is counted is not what stands there any more. */
function dontSend() {
  if (waiting) get("status").textContent = "";
  waiting = false;
}

/** Something changed: a short prompt is planned at once, a longer one after a pause in typing. */
function schedule() {
  clearTimeout(scheduled);
  dontSend();
  setBusy(true);
  const long = isLong();
  if (long) waitForPlan();
  scheduled = setTimeout(update, long ? PAUSE_MS : lastUpdateMs < 12 ? 0 : Math.min(600, 2 * lastUpdateMs));
}

function setBusy(busy) {
  get("before").setAttribute("aria-busy", String(busy));
}

/** What stands there is of an older prompt; nothing can be sent by it. */
function waitForPlan() {
  background.forget();
  updates += 1;
  plan = null;
  if (counting === null) {
    counting = Promise.withResolvers();
    get("summary").textContent = "counting…";
    get("examples").hidden = true;
    setSendable();
  }
}

/** The plan is there, or the reason why there is none. */
function settle() {
  const waited = counting;
  counting = null;
  setSendable();
  waited?.resolve();
}

function update() {
  clearTimeout(scheduled);
  scheduled = null;
  if (client === null) return;
  const started = performance.now();
  const { error: wrong, ...chosen } = choice();
  const { error = wrong ?? "", ...limited } = limits();
  say(get("limits-error"), error);
  const empty = prompt.value.trim() === "" && images.urls.length === 0;
  get("examples").hidden = !empty;
  if (empty) {
    background.forget();
    updates += 1;
    plan = null;
    rest();
    settle();
    return setBusy(false);
  }
  const candidates = [...ticked];
  const problem = candidates.length === 0 ? "Tick at least one model below." : error === "" ? null : error;
  const ask = {
    prompt: typed(),
    options: { ...limited, ...parts.options, ...outlookOptions(), stream: true, policy: { candidates, ...chosen, ...proposals.policy }, privacy: privacy.options },
    names: [...rows.keys()],
    problem,
  };
  asked = ask;
  const view = new PlanView();
  if (isLong()) {
    waitForPlan();
    background.ask({ ask, vocabularies: vocabularies.loaded, baseUrl: settings.baseUrl, budget: budget.options }, ({ step, trouble, done }) => {
      if (trouble !== undefined) view.take({ plan: null, reason: trouble });
      if (step !== undefined) view.take(step);
      view.show();
      if (done || trouble !== undefined) setBusy(false);
    });
  } else {
    planHere(ask, view);
  }
  lastUpdateMs = performance.now() - started;
}

/** Plans in this page: the plan at once, then one model after the other, with a pause for keys and
 * clicks where that takes long. */
async function planHere(ask, view) {
  background.forget();
  updates += 1;
  const own = updates;
  let since = performance.now();
  for (const step of planning(client, ask)) {
    view.take(step);
    if (performance.now() - since > 12) {
      view.show();
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (own !== updates) return;
      since = performance.now();
    }
  }
  view.show();
  setBusy(false);
}

function rest() {
  for (const row of rows.values()) row.rest();
  get("summary").textContent = "";
  get("route").replaceChildren(el("p", { class: "muted" }, "The model for your prompt, and why, once there is one."));
  get("fares-note").textContent = "";
  snippet.show(null);
  parts.show(null);
  slimmer.show(null);
  showOutlook(null);
  showBudget();
  privacy.show(null);
  workflow.update();
  fit.update();
  versions.update();
  showLive();
}

/** Shows the steps of one planning. */
class PlanView {
  #estimates = [];
  #alternatives = [];

  take(step) {
    if (step.plan === undefined) {
      if (step.estimate === null) rows.get(step.model)?.rest();
      else this.#estimates.push(step.estimate);
    } else {
      plan = step.plan;
      if (plan === null) this.#refused(step.reason);
      else this.#planned();
      images.advise(plan?.model ?? null);
      snippet.show(plan?.request ?? null);
      parts.show(plan);
      slimmer.show(plan);
      showOutlook(plan);
      say(get("plan-notes"), plan?.notes.filter((note) => !note.startsWith("privacy: ")).join(". ") ?? "");
      showBudget();
      privacy.show(plan);
      workflow.update();
      fit.update();
      versions.update();
      settle();
    }
  }

  /** Why no model could be picked; the fares are shown all the same. */
  #refused(reason) {
    get("summary").textContent = reason;
    get("route").textContent = reason;
    for (const row of rows.values()) row.rest();
    showLive();
  }

  #planned() {
    lastPicked = plan.model;
    this.#estimates.push(...plan.candidates);
    this.#alternatives = plan.route.alternatives;
    const open = new Set([...get("route").querySelectorAll("details[open] > summary")].map((summary) => summary.textContent));
    get("route").replaceChildren(...routeView(plan, [...ticked], open));
    get("summary").replaceChildren(...summaryOf(plan));
    showLive();
  }

  show() {
    showFares(this.#estimates, this.#alternatives);
  }
}

/** The tokens of the prompt alone, as they are at this key. */
function showLive() {
  const tokenizer = rows.get(lastPicked)?.model?.tokenizer ?? null;
  live.follow(lastPicked, `${tokenizer} ${vocabularies.loaded.includes(tokenizer)}`);
  say(get("live"), prompt.value === "" ? "" : liveText(live.reading, lastPicked));
}

function showFares(estimates, alternatives) {
  const most = Math.max(...estimates.map((estimate) => Number(estimate.cost?.high ?? 0)));
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

/** Adds a row. `name` goes on the wire; `model` is the catalogue's entry, or null. */
function addRow(name, model, { removable = false } = {}) {
  if (rows.has(name)) return;
  const row = new FareRow(name, model, {
    checked: ticked.has(name),
    onToggle: (checked) => {
      if (checked) ticked.add(name);
      else ticked.delete(name);
      renewClient();
    },
    onRemove: removable ? () => removeRow(name) : undefined,
  });
  rows.set(name, row);
  get("fares").append(row.element);
  showPriceDays();
  vocabularies.show([...rows.values()].map((each) => each.model?.tokenizer));
}

/** How old the prices are that are shown. */
function showPriceDays() {
  const prices = [...rows.values()].map((row) => row.model?.price ?? null).filter((price) => price !== null);
  const days = prices.map(({ checked }) => checked).sort();
  const ages = prices.map(({ ageDays }) => ageDays);
  if (days.length === 0) return;
  const age = Math.max(...ages) === 0 ? "today" : `up to ${Math.max(...ages)} days ago`;
  get("price-day").textContent = `Prices as checked on ${span(days[0], days.at(-1), (day) => day)}, ${age}.`;
}

function removeRow(name) {
  rows.get(name).element.remove();
  rows.delete(name);
  ticked.delete(name);
  get("model-name").focus();
  renewClient();
}

/** Adds what was typed and ticks it. */
function addNamed(name, model) {
  addRow(name, model, { removable: true });
  ticked.add(name);
  rows.get(name).box.checked = true;
  get("model-name").value = "";
  say(get("model-error"), "");
  renewClient();
}

get("add-model").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = get("model-name").value.trim();
  if (name === "") return;
  try {
    addNamed(name, resolveModel(name));
  } catch (trouble) {
    say(get("model-error"), trouble.message);
    const choice = (label, action) => el("button", { type: "button", class: "quiet", onclick: action }, label);
    const nearest = (trouble.nearest ?? []).map((other) => choice(other, () => {
      addNamed(other, resolveModel(other));
      get("model-name").focus();
    }));
    // Gateways have names of their own; such a model has no price here, and that is said.
    const anyway = choice(`${name}, without a price`, () => {
      addNamed(name, null);
      get("model-name").focus();
    });
    get("model-error").append(el("span", { class: "choices" }, nearest, anyway));
  }
});

// ---------------------------------------------------------------- sending

async function send() {
  if (sending !== null || waiting) return;
  // A plan of the worker stands for what is typed, unless something changed since.
  if (counting === null && (scheduled !== null || !isLong())) update();
  waiting = true;
  if (counting !== null) get("status").textContent = "Counting, then sending…";
  while (waiting && counting !== null) await counting.promise;
  if (!waiting) return;
  dontSend();
  if (plan === null || plan.budget?.fits === false) return;
  if (!privacy.allows(plan, JSON.stringify(typed()))) return;
  // What the worker masked, only the worker could restore: such a plan is made again here.
  const sent = plan.privacy?.masked > 0 && isLong() ? client.plan(asked.prompt, asked.options) : plan;
  const version = typed();
  const stop = new AbortController();
  sending = stop;
  setSending(true);
  get("status").textContent = `Sent to ${sent.model}…`;
  get("answer-from").textContent = `from ${sent.model}`;
  get("answer-card").hidden = false;
  get("receipt").hidden = true;
  const shown = new AnswerText();
  const answer = client.send(sent, { signal: stop.signal });
  try {
    let first = true;
    for await (const piece of answer) {
      if (first) get("status").textContent = `${sent.model} is answering…`;
      first = false;
      shown.add(piece);
    }
  } catch {
    // The receipt says what went wrong, and keeps the text that came before.
  }
  const receipt = await answer.receipt;
  shown.flush();
  sending = null;
  setSending(false);
  received(receipt);
  versions.received(version, receipt);
  if (renewAfterwards) await renewClient();
}

function received(receipt) {
  if (receipt.answeredBy !== null) get("answer-from").textContent = `from ${receipt.answeredBy}`;
  if (receipt.text === "" && !get("answer").hasChildNodes()) get("answer-card").hidden = true;
  get("receipt").replaceChildren(...receiptView(receipt, { sandbox: settings.sandbox }));
  get("receipt").hidden = false;
  get("rides").hidden = false;
  get("rides-table").tBodies[0].prepend(rideRow(receipt));
  budget.showLeft(client);
  ledger.received(receipt);
  get("session-total").textContent = sessionText(client.kpis());
  get("status").textContent = endingText(receipt);
  watch.show();
}

/** While the worker counts, Send stays as it is: pressed then, it waits for the plan. */
function setSendable() {
  const fits = plan?.budget?.fits ?? true;
  get("send").disabled = sending !== null || !fits || (plan === null && counting === null);
}

/** What would fit, where the plan does not. */
function showBudget() {
  const parts = overBudget(plan, (option) => {
    if (option.change === "answer") get("max-tokens").value = String(option.maxTokens);
    else rows.get(option.model)?.box.click();
    update();
  });
  get("over-budget").replaceChildren(...parts);
  get("over-budget").hidden = parts.length === 0;
}

function setSending(on) {
  const [send, stop] = [get("send"), get("stop")];
  const focused = document.activeElement;
  stop.hidden = !on;
  setSendable();
  get("open-settings").disabled = on;
  get("answer-card").setAttribute("aria-busy", String(on));
  // The button under a finger or a focus ring must not vanish into nothing.
  if (on && focused === send) stop.focus();
  if (!on && focused === stop) (send.disabled ? prompt : send).focus();
}

// ---------------------------------------------------------------- wiring

/** A client for the gateway in the settings; each plan names the ticked models, among which it may
 * fail over, and others shown may be proposed where the budget is too small. The session's receipts
 * go along. */
async function renewClient() {
  // The receipt on its way will stand in the ledger of the client that sent.
  renewAfterwards = sending !== null;
  if (renewAfterwards) return update();
  dontSend();
  setBusy(true);
  const next = await Client.create({
    baseUrl: settings.baseUrl,
    ...kept.options,
    ...telemetry.options,
    privacy: privacy.options,
    ...ledger.options,
    models: [...rows.keys()],
    ...(settings.hasKey ? { apiKey: () => settings.key() } : {}),
    ...(budget.options === undefined ? {} : { budget: budget.options }),
  });
  if (client !== null) await next.import(client.export());
  client = next;
  budget.showLeft(client);
  ledger.show();
  update();
}

get("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
get("stop").addEventListener("click", () => sending?.abort());
prompt.addEventListener("input", () => {
  live.text = prompt.value;
  showLive();
});
for (const id of ["prompt", "system", "criticality", "preset", "dial", "max-cost", "max-tokens"]) get(id).addEventListener("input", schedule);

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !get("settings").open) {
    event.preventDefault();
    send();
  }
  if (event.key === "Escape" && !get("settings").open) {
    dontSend();
    sending?.abort();
  }
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

for (const text of EXAMPLES) {
  get("examples-list").append(el("li", {}, el("button", {
    type: "button",
    class: "example",
    onclick: () => {
      prompt.value = text;
      prompt.focus();
      prompt.dispatchEvent(new Event("input"));
    },
  }, text)));
}

async function start() {
  const [server] = await Promise.all([ownServer(), init()]);
  settings.introduce(server);
  vocabularies.available(server.vocabularies ?? {});
  for (const name of SHOWN) addRow(name, resolveModel(name));
  await renewClient();
  showPriceDays();
  watchOutlook(schedule);
  // After the first paint, so that nobody waits for it.
  requestAnimationFrame(() => setTimeout(() => vocabularies.loadSmall(), 0));
  // What a browser kept in the box over a reload is counted, too.
  live.text = prompt.value;
  showLive();
  document.documentElement.dataset.ready = "true";
}

start().catch((trouble) => say(get("trouble"), `The page could not start: ${trouble.message}`));
