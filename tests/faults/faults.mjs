// Every fault: its name, what happens, the script that plays it, and what promptfare must say of it.
//
// `expect` is what must be said when the page talks to the upstream itself; `litellm` and `portkey`
// what must be said behind such a gateway, where the gateway itself changes what arrives (with the
// reason), or null where the fault cannot pass through it (bytes and connections are its own there).
import { bodies } from "./bodies.mjs";
import { refusals } from "./refusals.mjs";
import { recoveries } from "./recoveries.mjs";
import { connections } from "./connections.mjs";
import { shapes } from "./shapes.mjs";
import { endings } from "./endings.mjs";

/** The faults by what they are about. */
export const groups = {
  "errors with a status": refusals,
  "200 and no stream": bodies,
  "ends of streams": endings,
  "the connection": connections,
  "troubles that pass": recoveries,
  "unusual and whole": shapes,
};

export const faults = Object.values(groups).flat();

const names = new Set();
for (const { name } of faults) {
  if (names.has(name)) throw new Error(`two faults are called ${name}`);
  names.add(name);
}

/** What must be said of a fault on a way: "direct", "proxy" (same-origin), "litellm" or "portkey"; null
 * where the fault does not exist there. */
export function expected(fault, way) {
  if (way === "direct") return fault.expect;
  const other = fault[way];
  if (other === null) return null;
  return other === undefined ? fault.expect : { ...fault.expect, ...other };
}
