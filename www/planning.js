// The plan of a prompt and the fares of all models shown, step by step, for the page and for its
// worker alike: a short prompt is planned where it is typed, a long one in the worker.

import { buildRequest, estimateCost, estimateTokens } from "./promptfare/promptfare.js";

/** Gives first `{ plan, reason }`: the plan, or null and why there is none. Then, for each model
 * that is only shown, `{ model, estimate }`: its fare in the shape of a candidate, or null where the
 * request cannot be counted on it.
 *
 * `ask`: `prompt` and `options` as `Client.plan` takes them, `names` of the models shown, and
 * `problem`: why nothing can be planned, or null. */
export function* planning(client, { prompt, options, names, problem }) {
  let plan = null;
  let reason = problem;
  try {
    if (problem === null) plan = client.plan(prompt, options);
  } catch (trouble) {
    reason = trouble.message;
  }
  yield { plan, reason };
  const planned = new Set(plan?.candidates.map(({ model }) => model));
  let request;
  try {
    // The fares are shown although no model could be picked.
    request = plan?.request ?? buildRequest(prompt, { ...options, policy: undefined, tier: "plain", examplesTokens: undefined });
  } catch {
    // What cannot be built cannot be priced either.
    return;
  }
  for (const model of names) {
    if (planned.has(model)) continue;
    let estimate = null;
    try {
      estimate = fareOf({ ...request, model });
    } catch {
      // A request that cannot even be counted: the reason stands where the suggestion would.
    }
    yield { model, estimate };
  }
}

/** Tokens and cost on a model that is shown but may not be picked. */
function fareOf(request) {
  const { model } = request;
  try {
    const cost = estimateCost(request);
    const { low, expected, high } = cost.inputTokens;
    return { model, tokens: { tokens: expected, low, high, exact: low === high, method: cost.method }, cost, note: null };
  } catch (trouble) {
    return { model, tokens: estimateTokens(request), cost: null, note: trouble.message };
  }
}
