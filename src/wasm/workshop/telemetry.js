// Sends receipts to a collector of OpenTelemetry, where a page asks for that. What is sent is decided by
// the module (TelemetryQueue); this keeps the time, and the addresses.
import { TelemetryQueue } from "./promptfare_workshop.js";

// A browser lets 64 KiB out of a page that is left, of all its requests together (fetch standard).
const MOST_BYTES = 60_000;
// A batch goes out as soon as so many spans wait.
const FULL = 100;
const LONGEST_WAIT_MS = 300_000;

const hex = (bytes) => Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");
const wrong = (field, found, wanted) =>
  Object.assign(new Error(`telemetry.${field}: found ${found}, wanted ${wanted}`), { name: "PromptfareError", kind: "invalid_input" });

/** The two addresses below the collector's own, as OTEL_EXPORTER_OTLP_ENDPOINT is read. */
function addresses(endpoint) {
  try {
    const base = new URL(String(endpoint).replace(/\/+$/, ""), globalThis.location?.href);
    return { traces: `${base.href.replace(/\/$/, "")}/v1/traces`, metrics: `${base.href.replace(/\/$/, "")}/v1/metrics` };
  } catch {
    throw wrong("endpoint", JSON.stringify(endpoint) ?? "nothing", "the collector's address, without /v1/traces");
  }
}

/** Milliseconds that the collector asks to wait; undefined where it says nothing that can be read. */
function retryAfter(response) {
  const seconds = Number(response.headers.get("retry-after") ?? NaN);
  return seconds >= 0 ? Math.min(seconds * 1000, LONGEST_WAIT_MS) : undefined;
}

/** `labOf(model)` tells who made a model. */
export const telemetry = (labOf) => class Telemetry {
  #queue;
  #addresses;
  #headers;
  #everyMs;
  #timer;
  #due = 0;
  #sending = null;
  #troubles = 0;
  #notBefore = 0;
  #leaving;
  #state = { sent: 0, refused: 0, problem: null };

  constructor({ endpoint, headers = {}, everyMs = 10_000, ...options } = {}) {
    if (!(Number(everyMs) >= 1000)) throw wrong("everyMs", String(everyMs), "1000 or more");
    this.#addresses = addresses(endpoint);
    this.#headers = { ...headers, "content-type": "application/json" };
    this.#everyMs = Number(everyMs);
    this.#queue = new TelemetryQueue(options, hex(16), Date.now());
    // A page that is hidden may never be seen again: the last moment that is surely told.
    this.#leaving = () => {
      if (globalThis.document?.visibilityState === "hidden") void this.#send(true);
    };
    globalThis.document?.addEventListener("visibilitychange", this.#leaving);
  }

  /** Names of a trace and a span, for the headers of a request that is about to leave. */
  begin() {
    return { traceId: hex(16), spanId: hex(8) };
  }

  record(receipt, request) {
    const { traceId, spanId } = receipt.trace ?? this.begin();
    const lab = labOf(receipt.answeredBy) ?? labOf(receipt.model);
    this.#queue.record(receipt, request, { traceId, spanId, lab, origin: globalThis.location?.origin });
    if (this.#queue.waiting >= FULL) void this.flush();
    else this.#wake(this.#everyMs);
  }

  /** Sends what waits; resolves when it is sent, or will be tried later. */
  async flush() {
    await this.#sending;
    await this.#send(false);
  }

  /** How it stands: spans. */
  get state() {
    return { waiting: this.#queue.waiting, dropped: this.#queue.dropped, ...this.#state };
  }

  /** Sends what waits, and no more after that. */
  async stop() {
    globalThis.document?.removeEventListener("visibilitychange", this.#leaving);
    await this.flush();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Sends after `ms` milliseconds, or earlier where that was already said. */
  #wake(ms) {
    const due = Date.now() + ms;
    if (this.#timer !== undefined && this.#due <= due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#send(false);
    }, ms);
    // Node is not kept running by it.
    this.#timer.unref?.();
  }

  #send(leaving) {
    if (this.#sending !== null) return this.#sending;
    if (!leaving && Date.now() < this.#notBefore) {
      this.#wake(this.#notBefore - Date.now());
      return Promise.resolve();
    }
    this.#sending = this.#pour().finally(() => { this.#sending = null; });
    return this.#sending;
  }

  async #pour() {
    for (;;) {
      const { traces, metrics, spans } = this.#queue.take(MOST_BYTES, Date.now());
      if (traces === null && metrics === null) return;
      const [tracesLater, metricsLater] = await Promise.all([this.#post("traces", traces, spans), this.#post("metrics", metrics, 0)]);
      if (!tracesLater && !metricsLater) {
        this.#troubles = 0;
        continue;
      }
      this.#queue.putBack(tracesLater, metricsLater);
      this.#troubles += 1;
      this.#notBefore = Math.max(this.#notBefore, Date.now() + Math.min(1000 * 2 ** this.#troubles, LONGEST_WAIT_MS));
      this.#wake(this.#notBefore - Date.now());
      return;
    }
  }

  /** Whether it is to be tried again later. */
  async #post(kind, body, spans) {
    if (body === null) return false;
    let response;
    try {
      response = await fetch(this.#addresses[kind], {
        method: "POST", headers: this.#headers, body, keepalive: true, credentials: "omit", redirect: "error", referrerPolicy: "no-referrer",
      });
    } catch {
      // The browser does not say why; its words may hold the address.
      this.#state.problem = `${kind}: no answer (the collector is away, or does not allow this origin)`;
      return true;
    }
    if (response.ok) {
      const partial = await response.json().then((said) => said?.partialSuccess, () => undefined);
      const refused = Number(partial?.rejectedSpans ?? 0) || 0;
      this.#state.refused += refused;
      this.#state.sent += spans - refused;
      this.#state.problem = partial?.errorMessage ? `${kind}: ${String(partial.errorMessage).slice(0, 200)}` : null;
      return false;
    }
    void response.body?.cancel();
    this.#state.problem = `${kind}: HTTP ${response.status}`;
    // These four are to be tried again, no others (OTLP specification 1.7, failures, read 2026-11-22).
    if ([429, 502, 503, 504].includes(response.status)) {
      this.#notBefore = Date.now() + (retryAfter(response) ?? 0);
      return true;
    }
    this.#state.refused += spans;
    return false;
  }
};
