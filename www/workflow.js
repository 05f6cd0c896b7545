// Several calls that answer the prompt together: their total before the first, then stage by stage.
// Closed until wanted, and nothing is computed before.

import { runWorkflow } from "./promptfare/promptfare.js";
import { el, say } from "./dom.js";
import { count, dollars, dollarsExactly, span } from "./format.js";

const get = (id) => document.getElementById(id);

const STATES = { waiting: "waits", skipped: "not needed" };

const ENDINGS = {
  completed: "Completed",
  handed: "A person’s turn",
  stopped: "Stopped",
  budget: "Held at the limit",
  errored: "Something went wrong",
};

export class Workflow {
  #plan = null;
  /** A state to go on with, of the very plan that is shown. */
  #state = null;
  #running = null;
  #lines = new Map();

  /** `ask()` gives `{ client, prompt, models, limits }`, or null where there is nothing to plan;
   * `allows(again)` says whether what is typed may leave, or asks and calls `again`; `onReceipt()` is
   * called after every stage. */
  constructor({ ask, allows, onReceipt }) {
    this.ask = ask;
    this.allows = allows;
    this.onReceipt = onReceipt;
    get("workflow").addEventListener("toggle", () => this.update());
    for (const name of ["workflow-kind", "workflow-parts"]) get(name).addEventListener("input", () => this.update());
    get("workflow-run").addEventListener("click", () => (this.#running === null ? this.run() : this.#running.abort()));
  }

  /** The prompt or the models changed. */
  update() {
    if (!get("workflow").open || this.#running !== null) return;
    const asked = this.ask();
    const kind = get("workflow-kind").value;
    const parts = get("workflow-parts").value.trim();
    get("workflow-parts").disabled = kind === "tiered";
    const shape = { kind };
    if (/^([1-9]|1\d|20)$/.test(parts)) Object.assign(shape, kind === "content" ? { sections: Number(parts) } : kind === "code" ? { functions: Number(parts) } : {});
    this.#plan = null;
    this.#state = null;
    let trouble = asked === null ? "For what you type above, once there is something." : "";
    if (asked !== null) {
      try {
        this.#plan = asked.client.planWorkflow(asked.prompt, { ...shape, maxCostUsd: asked.limits.maxCostUsd }, { maxTokens: asked.limits.maxTokens, policy: { candidates: asked.models } });
      } catch (error) {
        trouble = error.message;
      }
    }
    this.#show(trouble);
  }

  #show(trouble) {
    const plan = this.#plan;
    say(get("workflow-total"), trouble);
    say(get("workflow-ending"), "");
    get("workflow-run").disabled = plan === null;
    get("workflow-run").textContent = "Run it";
    this.#lines.clear();
    get("workflow-stages").replaceChildren(...(plan?.stages ?? []).map((stage) => this.#line(stage)));
    if (plan === null) return;
    const { usd, inputTokens, outputTokens } = plan.total;
    get("workflow-total").hidden = false;
    get("workflow-total").replaceChildren(
      el("strong", {}, usd === null ? "price not known" : span(usd.low, usd.high, dollars)),
      ` in all${usd === null ? "" : `, ${dollars(usd.expected)} on average`}; ${span(inputTokens.low, inputTokens.high)} tokens in, ${span(outputTokens.low, outputTokens.high)} out. Nine in ten lie within.`);
  }

  #line(stage) {
    const often = stage.runs < 1 ? `, in ${Math.round(100 * stage.runs)} of 100` : "";
    const state = el("span", { class: "muted small" }, `${stage.usd === null ? "" : `≈ ${dollars(stage.usd.expected)}`}${often}`);
    const text = el("p", { class: "text small" });
    const whole = el("details", { class: "more", hidden: true }, el("summary", {}, "Its answer"), text);
    this.#lines.set(stage.id, { state, text, whole });
    return el("li", { "data-stage": stage.id }, el("span", {}, `${stage.id} · ${stage.model} `), state, whole);
  }

  async run() {
    const asked = this.ask();
    if (asked === null || this.#plan === null || !this.allows(() => this.run())) return;
    this.#running = new AbortController();
    get("workflow-run").textContent = "Stop it";
    say(get("workflow-ending"), "");
    const run = runWorkflow(asked.client, this.#state ?? this.#plan, {
      signal: this.#running.signal,
      check: (receipt, { stage }) => (get("workflow-judge").checked ? this.#judged(stage) : true),
    });
    try {
      for await (const event of run) this.#happened(event);
      this.#end(await run.receipt, run.state);
    } catch (error) {
      say(get("workflow-ending"), error.message);
    }
    this.#running = null;
    this.onReceipt();
  }

  /** Waits for a person's word on an answer. */
  #judged(stage) {
    const line = this.#lines.get(stage);
    line.whole.open = true;
    return new Promise((resolve) => {
      const thumb = (label, verdict) => el("button", { type: "button", class: "quiet", onclick: () => {
        buttons.remove();
        resolve(verdict);
      } }, label);
      const buttons = el("span", { class: "buttons" }, thumb("It passes", true), thumb("It does not", "a person found it wanting"));
      line.state.replaceChildren("does it pass? ", buttons);
    });
  }

  #happened(event) {
    const line = this.#lines.get(event.stage);
    if (line === undefined) return;
    if (event.type === "started") {
      line.text.textContent = "";
      line.whole.hidden = false;
      line.state.textContent = event.attempt > 1 ? `is written, attempt ${event.attempt}` : "is written";
    } else if (event.type === "piece") {
      line.text.append(event.text ?? "");
    } else {
      const cost = event.receipt.cost === null ? "cost not known" : dollars(event.receipt.cost.usd);
      line.state.textContent = event.findings.length === 0 ? `${event.receipt.ending}, ${cost}` : `did not pass: ${event.findings.join("; ")} (${cost})`;
      this.onReceipt();
    }
  }

  #end(receipt, state) {
    const over = receipt.ending === "completed" || receipt.ending === "handed";
    this.#state = over ? null : state;
    get("workflow-run").textContent = over ? "Run it again" : "Go on";
    for (const [id, { status }] of Object.entries(state.stages)) {
      if (status === "waiting" || status === "skipped") this.#lines.get(id).state.textContent = STATES[status];
    }
    const cost = `${receipt.usd === null ? "at least " : ""}${dollarsExactly(receipt.knownUsd)} for ${count(receipt.stages.length)} calls${receipt.usd === null ? `; what ${receipt.unknownCosts} of them cost is not known` : ""}`;
    const held = receipt.comparison === null || !over ? "" : `, ${receipt.comparison.inside ? "within" : "outside"} the ${span(receipt.comparison.low, receipt.comparison.high, dollars)} foretold`;
    const why = receipt.reason === null ? "" : ` ${receipt.reason}.`;
    const handed = receipt.handed.map(({ stage, findings }) => ` ${stage}: ${findings.join("; ")}.`).join("");
    say(get("workflow-ending"), `${ENDINGS[receipt.ending]}: ${cost}${held}.${why}${handed}`);
  }
}
