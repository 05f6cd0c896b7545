// Runs a workflow in the page of a real browser, through the package and the same-origin proxy.

/** Plans and runs `shape` for `prompt`; gives the plan, the receipt and what happened in between.
 * `stopAfter`: stops after so many finished stages, and goes on from the stored state. `thumbsDown`:
 * stages whose first answer a person finds wanting. `state`: goes on from there. */
export function runInPage(page, { prompt, shape, models, stopAfter, thumbsDown = [], maxTokens, state: stored, maxCostUsd }) {
  return page.evaluate(async ({ prompt, shape, models, stopAfter, thumbsDown, maxTokens, stored, maxCostUsd }) => {
    const { Client, runWorkflow } = await import("./promptfare/promptfare.js");
    const client = await Client.create({ baseUrl: new URL("gateway/v1", location.href).href, models });
    const plan = client.planWorkflow(prompt, shape, maxTokens === undefined ? {} : { maxTokens });
    const judged = new Set();
    const check = (receipt, { stage }) => {
      if (!thumbsDown.includes(stage) || judged.has(stage)) return true;
      judged.add(stage);
      return "thumb down";
    };
    const events = [];
    const follow = async (state, stop) => {
      const controller = new AbortController();
      const run = runWorkflow(client, state, { check, signal: controller.signal, maxCostUsd });
      let finished = 0;
      for await (const event of run) {
        const { type, stage, model, findings, attempt } = event;
        if (type !== "piece") events.push({ type, stage, model, attempt, findings, at: performance.now(), prompt: event.plan?.request.messages.at(-1).content });
        if (type === "finished") finished += 1;
        if (stop !== undefined && finished === stop) controller.abort();
      }
      return { receipt: await run.receipt, state: run.state };
    };
    let { receipt, state } = await follow(stored ?? plan, stopAfter);
    let first = null;
    if (stopAfter !== undefined) {
      first = receipt;
      ({ receipt, state } = await follow(JSON.parse(JSON.stringify(state))));
    }
    return { plan, first, receipt, state, events, kpis: client.kpis() };
  }, { prompt, shape, models, stopAfter, thumbsDown, maxTokens, stored, maxCostUsd });
}

/** Prints a line of the table in docs/workflows.md. */
export function tell(gateway, { plan, receipt }) {
  const { low, expected, high } = plan.total.usd;
  const calls = receipt.stages.length;
  console.log(`| ${gateway} | ${plan.kind} | ${calls} | ${low} – ${expected} – ${high} | ${receipt.usd} | ${receipt.comparison.inside ? "yes" : "no"} |`);
}

export const PAIR = ["claude-opus-4", "claude-sonnet-4"];

/** The three workflows as they are replayed. The sandbox's answers are of one length, so they are stated. */
export const REPLAYS = [
  { prompt: "Explain monads with one picture.", shape: { kind: "tiered", escalation: 1 }, thumbsDown: ["fast"] },
  { prompt: "A short guide to travelling by night train.", shape: { kind: "content", sections: ["Booking", "Sleeping", "Arriving"] } },
  { prompt: "A JavaScript module that parses and prints CSV.", shape: { kind: "code", functions: ["parse", "print"], escalation: 1 }, thumbsDown: ["tests"] },
];
