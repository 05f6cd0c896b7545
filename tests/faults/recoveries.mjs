// Troubles that pass: the second attempt is answered. How long promptfare waits before it, and when
// it does not try at all. A wait is from the end of the first attempt to the start of the second.
import { completed, errored, fault } from "./expect.mjs";

const own = { litellm: null, portkey: null };
/** Milliseconds of our own back-off before the second try, and room for a slow machine. */
const OWN = [240, 2500];
const limited = { message: "Rate limit reached.", type: "requests", code: "rate_limit_exceeded" };
const seconds = (ms) => new Date(Date.now() + ms).toUTCString();

/** A 429 with these headers, then an answer. */
const after = (name, what, headers, waitMs) =>
  fault(name, `429 with ${what}, then an answer`, (wire) =>
    (wire.attempt === 1 ? wire.error(429, limited, typeof headers === "function" ? headers() : headers) : wire.whole()), completed({ attempts: 2, waitMs }), own);

export const recoveries = [
  fault("once-503", "503 once, then an answer", (wire) => (wire.attempt === 1 ? wire.error(503, { message: "Overloaded", type: "server_error" }) : wire.whole()), completed({ attempts: 2, waitMs: OWN }), own),
  fault("once-hang-up", "the connection is closed for 200 ms, whatever the browser repeats by itself, then an answer", (wire) => (wire.record.sinceFirstMs < 200 ? wire.request.socket.destroy() : wire.whole()), completed({ attempts: 2, repeated: true }), own),
  fault("once-cut-before-content", "a stream is cut once before its content, then an answer", async (wire) => {
    if (wire.attempt > 1) return wire.whole();
    await wire.say(0);
    return wire.cut();
  }, completed({ attempts: 2, waitMs: OWN }), own),
  after("after-1", "Retry-After: 1", { "retry-after": "1" }, [980, 3500]),
  after("after-half", "Retry-After: 0.5", { "retry-after": "0.5" }, [490, 3000]),
  after("after-ms", "retry-after-ms: 700", { "retry-after-ms": "700" }, [690, 3000]),
  after("after-date", "Retry-After: a date two to three seconds ahead", () => ({ "retry-after": seconds(3000) }), [1400, 5000]),
  after("after-past", "Retry-After: a date in the past", () => ({ "retry-after": seconds(-60_000) }), OWN),
  after("after-0", "Retry-After: 0", { "retry-after": "0" }, OWN),
  after("after-negative", "Retry-After: -5", { "retry-after": "-5" }, OWN),
  after("after-garbage", "Retry-After: soon", { "retry-after": "soon" }, OWN),
  after("after-120", "Retry-After: 120, more than a minute", { "retry-after": "120" }, OWN),
  after("after-provider", "llm_provider-retry-after: 1, as LiteLLM hands it on", { "llm_provider-retry-after": "1" }, [980, 3500]),
  fault("after-45", "429 with Retry-After: 45: longer than all retries may take", (wire) => wire.error(429, limited, { "retry-after": "45" }), errored("rate_limit", 429, 1, { retryAfterMs: 45_000 }), own),
  fault("should-retry", "400 with x-should-retry: true, then an answer", (wire) =>
    (wire.attempt === 1 ? wire.error(400, { message: "A passing inconsistency." }, { "x-should-retry": "true" }) : wire.whole()), completed({ attempts: 2, waitMs: OWN }), own),
  fault("should-not-retry", "503 with x-should-retry: false", (wire) =>
    (wire.attempt === 1 ? wire.error(503, { message: "Do not come back.", type: "server_error" }, { "x-should-retry": "false" }) : wire.whole()), errored("server", 503, 1, { obeyed: true }), own),
];
