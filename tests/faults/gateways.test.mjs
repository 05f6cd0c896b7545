// The same faults behind real gateways: a LiteLLM proxy across origins, Portkey's gateway behind the
// page's own server. What a gateway changes of a fault on its way is written down with the fault.
import { after, before } from "node:test";
import path from "node:path";
import { ensureLitellm, startLitellm } from "../../scripts/litellm.mjs";
import { ensurePortkey, startPortkey } from "../../scripts/portkey.mjs";
import { root } from "../../scripts/setup.mjs";
import { startTap } from "../e2e/tap.mjs";
import { CANARY, sendAll, startFaults, testGroups } from "./harness.mjs";
import { startUpstream } from "./upstream.mjs";

const litellm = ensureLitellm();
const portkey = ensurePortkey();
for (const [name, { missing }] of Object.entries({ "a real LiteLLM proxy": litellm, "Portkey's gateway": portkey })) {
  if (missing !== undefined) console.log(`\n!! left out: every fault behind ${name} (${missing})\n`);
}

const stops = [];
const found = {};
let upstream;

async function runLitellm(starting) {
  const gateway = await starting;
  stops.push(gateway.stop);
  const faults = await startFaults();
  stops.push(faults.stop);
  found.litellm = await sendAll(await faults.open(), "litellm", 6, () => gateway.url, { key: CANARY, profile: "litellm" });
}

async function runPortkey() {
  const gateway = await startPortkey({ program: portkey.program });
  stops.push(gateway.stop);
  const tap = await startTap(gateway.url, { "x-portkey-provider": "openai", "x-portkey-custom-host": upstream.url });
  stops.push(tap.stop);
  const faults = await startFaults({ gateway: tap.url, key: CANARY });
  stops.push(faults.stop);
  found.portkey = await sendAll(await faults.open(), "portkey", 6, () => "/gateway/v1", { profile: "portkey" });
}

before(async () => {
  upstream = await startUpstream();
  stops.push(upstream.stop);
  // LiteLLM takes its time to start: Portkey's faults are played meanwhile.
  const starting = litellm.missing === undefined
    ? startLitellm({ command: litellm.command, key: CANARY, env: { FAULT_UPSTREAM: upstream.url }, config: path.join(root, "tests/faults/litellm.yaml") })
    : null;
  starting?.catch(() => {});
  if (portkey.missing === undefined) await runPortkey();
  if (starting !== null) await runLitellm(starting);
}, { timeout: 300_000 });
after(async () => {
  for (const stop of stops.reverse()) await stop();
});

testGroups("litellm", () => found.litellm, (run) => upstream.of(run), { skip: litellm.missing });
testGroups("portkey", () => found.portkey, (run) => upstream.of(run), { skip: portkey.missing });
