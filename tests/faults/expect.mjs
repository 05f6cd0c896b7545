// Words for what must be said of a fault.

/** It failed: `kind`, the HTTP status where there was one, and how often it was asked in all. */
export const errored = (kind, status, attempts = 1, more = {}) => ({ ending: "errored", kind, status, attempts, text: "none", ...more });
/** It failed after some of the text had come, which is kept; then there is no second attempt. */
export const broke = (kind, text = "part", more = {}) => ({ ending: "errored", kind, attempts: 1, text, ...more });
/** It ended early, and nothing failed. */
export const truncated = (text, reason) => ({ ending: "truncated", attempts: 1, text, reason });
/** Nothing is missing. */
export const completed = (more = {}) => ({ ending: "completed", attempts: 1, text: "whole", ...more });

/** One fault. `more`: `litellm`, `portkey`, `proxy` (see faults.mjs), `open` (see upstream.mjs),
 * `timeouts` of promptfare. */
export const fault = (name, what, play, expect, more = {}) => ({ name, what, play, expect, ...more });
