// The entry of promptfare/workshop: what wasm-bindgen generates, under the names of workshop.d.ts. Tokens
// and money come from promptfare itself, by the same functions that a page has.
import { isStarted } from "./count.js";
import { buildRequest, estimateCost, estimateTokens, resolveModel } from "./promptfare.js";
import start, * as workshop from "./promptfare_workshop.js";
import { begin, notStarted } from "./start.js";
import { telemetry } from "./telemetry.js";

export { shrinkImage } from "./shrink.js";

let started = false;

/** A function of this module; called too early, it says so. */
const ready = (run) => (...given) => {
  if (!started) throw notStarted("promptfare/workshop");
  return run(...given);
};

/** A function of promptfare for this module. */
const lent = (call) => (...given) => {
  if (!isStarted()) throw notStarted("promptfare");
  return call(...given);
};

/** Who made a model; undefined where that is not known. */
function labOf(model) {
  try {
    return resolveModel(model).lab ?? undefined;
  } catch {
    return undefined;
  }
}

export const openTelemetry = ready((options) => new Sender(options));
const Sender = telemetry(labOf);

function use() {
  workshop.useFare(lent(estimateTokens), lent(estimateCost), lent(resolveModel));
  started = true;
}

export default async function init(source) {
  await begin(source, start, workshop.initSync);
  use();
}

export function initSync(source) {
  workshop.initSync(source);
  use();
}

export const fitRequest = ready(workshop.fitRequest);
export const compareVersions = ready(workshop.compareVersions);
export const slimRequest = ready(workshop.slimRequest);
export const reconcile = ready(workshop.reconcile);
export const watchDrift = ready(workshop.watchDrift);
export const judgeExperiment = ready(workshop.judgeExperiment);
export const proposePolicy = ready(workshop.proposePolicy);

/** A prompt becomes the request that would be sent. */
export const reviewPrompt = ready((prompt, options) => {
  const whole = typeof prompt === "object" && prompt !== null && "messages" in prompt;
  const content = typeof prompt === "string" ? { messages: [{ role: "user", content: prompt }] } : undefined;
  return workshop.reviewPrompt(whole ? prompt : content ?? lent(buildRequest)(prompt, options), options);
});
