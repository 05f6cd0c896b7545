// Drives a planned workflow through a client. What is next, what passed and when it is over is decided
// by the module (stepWorkflow); this sends and waits.
import { stepWorkflow } from "./promptfare_core.js";

export function runWorkflow(client, plan, { signal, check, maxCostUsd } = {}) {
  const events = [];
  const stop = new AbortController();
  const running = new Map();
  let state = plan;
  let wake = null;
  let ended = false;

  const step = (message) => {
    const next = stepWorkflow(state, message);
    state = next.state;
    return next;
  };
  const tell = (event) => {
    events.push(event);
    wake?.();
  };

  /** Waits for the caller's check, or until the run is stopped. */
  const judged = (receipt, task) => new Promise((resolve, reject) => {
    if (stop.signal.aborted) reject(stop.signal.reason);
    stop.signal.addEventListener("abort", () => reject(stop.signal.reason), { once: true });
    Promise.resolve(check(receipt, task)).then(resolve, (error) => resolve(`the check failed: ${error?.message ?? error}`));
  });

  async function ride(task, stagePlan) {
    const answer = client.send(stagePlan, { signal: stop.signal });
    try {
      for await (const piece of answer) tell({ type: "piece", stage: task.stage, ...piece });
    } catch {
      // What went wrong stands in the receipt.
    }
    let receipt = await answer.receipt;
    let verdict = null;
    if (check !== undefined && (receipt.ending === "completed" || receipt.ending === "truncated")) {
      try {
        const { request, ...told } = task;
        verdict = await judged(receipt, told);
      } catch {
        // Stopped before anybody said whether it passes: it will be asked again.
        receipt = { ...receipt, ending: "aborted" };
      }
    }
    return { task, receipt, verdict: typeof verdict === "string" ? verdict : verdict !== false };
  }

  /** Begins a stage. Where money does not allow it now, null: what runs may leave some over. */
  function begin(task) {
    const options = { model: task.model };
    if (task.leftUsd !== null) options.maxCostUsd = task.leftUsd;
    if (task.answerTokens !== null) options.answerTokens = task.answerTokens;
    let stagePlan;
    let trouble = null;
    try {
      stagePlan = client.plan(task.request, options);
      if (stagePlan.budget?.fits === false) trouble = { kind: "budget", message: `found up to ${stagePlan.budget.worstUsd} USD, wanted no more than is left` };
    } catch (error) {
      trouble = error;
    }
    if (trouble !== null) {
      const kind = trouble.kind === "budget" ? "budget" : "errored";
      if (kind === "budget" && running.size > 0) return null;
      return step({ pause: kind, reason: `${task.stage}: ${trouble.message}` });
    }
    const next = step({ started: task.stage, reservedUsd: stagePlan.budget?.worstUsd ?? stagePlan.cost?.high ?? null });
    tell({ type: "started", stage: task.stage, role: task.role, model: task.model, attempt: task.attempt, plan: stagePlan });
    running.set(task.stage, ride(task, stagePlan));
    return next;
  }

  async function drive() {
    let next = step({ resume: true, maxCostUsd: maxCostUsd ?? null });
    for (;;) {
      let begun = next;
      while (begun !== null && begun.task !== null && !stop.signal.aborted) {
        next = begun;
        begun = begin(next.task);
      }
      next = begun ?? next;
      if (running.size === 0) break;
      const { task, receipt, verdict } = await Promise.race(running.values());
      running.delete(task.stage);
      next = step({ finished: task.stage, receipt, verdict });
      tell({ type: "finished", stage: task.stage, role: task.role, model: task.model, attempt: task.attempt, findings: next.findings, receipt });
    }
    if (next.receipt === null) next = step({ pause: "stopped", reason: "it was stopped" });
    return next.receipt;
  }

  const aborted = () => stop.abort(signal.reason);
  if (signal?.aborted) aborted();
  signal?.addEventListener("abort", aborted, { once: true });
  const receipt = drive().finally(() => {
    signal?.removeEventListener("abort", aborted);
    ended = true;
    wake?.();
  });
  // Whoever awaits it is told; nobody else needs to be.
  receipt.catch(() => {});

  return {
    receipt,
    get state() {
      return state;
    },
    [Symbol.asyncIterator]() {
      return {
        async next() {
          while (events.length === 0 && !ended) await new Promise((resolve) => { wake = resolve; });
          if (events.length > 0) return { done: false, value: events.shift() };
          await receipt;
          return { done: true, value: undefined };
        },
        async return() {
          stop.abort();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
