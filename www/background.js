// The page's side of the worker in planner.js: starts it when a prompt is long, and drops answers
// to older questions.

const PLANNER = new URL("./planner.js", import.meta.url).href;

/** Under the page's policy only this one may make the address of a script, and it makes only this
 * one address. Browsers without Trusted Types take it as it is. */
const policy = globalThis.trustedTypes?.createPolicy("promptfare-planner", {
  createScriptURL: (url) => {
    if (url !== PLANNER) throw new TypeError(`found ${url}, wanted the planner's own address`);
    return url;
  },
});

export class Background {
  #worker = null;
  #id = 0;
  #onStep = null;
  #onBroken;

  /** Whether a worker can be had. `onBroken` is called when it turns out that none can. */
  works = typeof Worker === "function";

  constructor({ onBroken }) {
    this.#onBroken = onBroken;
  }

  /** Asks; `onStep` gets what the worker says about this question, and nothing of older ones. */
  ask(question, onStep) {
    this.#worker ??= this.#start();
    this.#id += 1;
    this.#onStep = onStep;
    this.#worker?.postMessage({ id: this.#id, ...question });
  }

  /** What was asked is not wanted any more. */
  forget() {
    if (this.#onStep === null) return;
    this.#onStep = null;
    this.#id += 1;
    this.#worker?.postMessage({ id: this.#id, ask: null });
  }

  #start() {
    try {
      const worker = new Worker(policy?.createScriptURL(PLANNER) ?? PLANNER, { type: "module" });
      worker.addEventListener("message", ({ data }) => {
        if (data.id === this.#id) this.#onStep?.(data);
      });
      // It could not be loaded: the page plans by itself, slowly.
      worker.addEventListener("error", () => this.#broken());
      return worker;
    } catch {
      queueMicrotask(() => this.#broken());
      return null;
    }
  }

  #broken() {
    this.works = false;
    this.#worker?.terminate();
    this.#worker = null;
    this.#onBroken();
  }
}
