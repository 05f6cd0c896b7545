// `npm run faults`: plays every fault to promptfare, openai-node and the AI SDK in one Chromium, holds
// promptfare's word against what must be said, on every way there is, measures how soon the upstream
// hears of a stop, and writes docs/faults.md. `--quick` leaves the gateways out and writes nothing.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build as bundle } from "vite";
import { build } from "../../scripts/build.mjs";
import { ensureLitellm, startLitellm } from "../../scripts/litellm.mjs";
import { ensurePortkey, startPortkey } from "../../scripts/portkey.mjs";
import { root } from "../../scripts/setup.mjs";
import { startTap } from "../e2e/tap.mjs";
import { expected, faults } from "./faults.mjs";
import { CANARY, PAGE, check, sendAll, startFaults, tripOf } from "./harness.mjs";
import { document as written } from "./report.mjs";

const quick = process.argv.includes("--quick");
const PORTS = 6;
const version = (name) => JSON.parse(readFileSync(path.join(root, "node_modules", name, "package.json"), "utf8")).version;

/** The page with the peers beside promptfare. */
async function folderOfPage() {
  const folder = mkdtempSync(path.join(tmpdir(), "promptfare-faults-"));
  cpSync(PAGE, folder, { recursive: true });
  await bundle({
    root,
    logLevel: "error",
    configFile: false,
    publicDir: false,
    define: { "process.env.NODE_ENV": '"production"' },
    build: { outDir: folder, emptyOutDir: false, target: "esnext", minify: false, lib: { entry: path.join(root, "tests/faults/peers.js"), formats: ["es"], fileName: () => "peers.js" } },
  });
  return folder;
}

/** Of one way: how many faults were told as they must be. */
function conformance(way, results, requestsOf) {
  const failures = [];
  for (const { fault, run, outcome } of results.values()) {
    try {
      check(fault, way, outcome, requestsOf(run));
    } catch (failure) {
      failures.push(`${fault.name}: ${failure.message.slice(0, 600)}`);
    }
  }
  return { way, total: results.size, right: results.size - failures.length, failures };
}

const addressOf = ({ upstream }) => (fault, at) => `${upstream.origins[at % PORTS]}/${fault.open ?? "open"}/v1`;

/** What a peer makes of every fault, with how often the upstream was asked. */
async function peer(harness, page, name) {
  const trips = faults.map((fault, at) => tripOf(fault, addressOf(harness)(fault, at), { key: CANARY, timeoutMs: fault.timeouts?.firstByteMs ?? 20_000 }));
  const outcomes = await page.evaluate(async ([which, list]) => (await import("/peers.js")).rides(which, list, 30), [name, trips.map(({ trip }) => trip)]);
  return new Map(faults.map((fault, at) => [fault.name, { ...outcomes[at], asked: harness.upstream.of(trips[at].run).length }]));
}

/** Milliseconds from a stop in the page to the moment the upstream sees the connection go. */
async function latencies(upstream, page, stop, times = 30) {
  const found = [];
  for (let turn = 0; turn < times; turn += 1) {
    const run = `latency${process.hrtime.bigint()}`;
    const { abortedAt } = await stop(page, { model: `fault/load-endless~${run}`, key: CANARY }, turn);
    for (let wait = 0; wait < 3000 && upstream.of(run).at(-1)?.goneAt == null; wait += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    const goneAt = upstream.of(run).at(-1)?.goneAt;
    found.push(goneAt == null ? Infinity : performance.timeOrigin + goneAt - abortedAt);
  }
  found.sort((a, b) => a - b);
  return { times, median: found[Math.floor(times / 2)], p95: found[Math.floor(times * 0.95)], slowest: found.at(-1) };
}

const own = (baseUrl, more = {}) => (page, trip, turn) =>
  page.evaluate((given) => globalThis.faults.stopped(given), { ...trip, baseUrl, how: turn % 2 === 0 ? "signal" : "break", ...more });
const theirs = (name, baseUrl) => (page, trip) =>
  page.evaluate(async ([which, given]) => (await import("/peers.js")).stopped(which, given), [name, { ...trip, baseUrl }]);

async function main() {
  await build();
  const folder = await folderOfPage();
  const stops = [() => rmSync(folder, { recursive: true, force: true })];
  const say = (text) => console.error(`faults: ${text}`);
  try {
    const counts = [];
    const stopTimes = [];
    const harness = await startFaults({ ports: PORTS, page: folder, key: CANARY });
    stops.push(harness.stop);
    const { upstream } = harness;
    const requestsOf = (run) => upstream.of(run);
    const page = await harness.open();
    say("promptfare, across origins");
    const direct = await sendAll(page, "direct", 24, addressOf(harness), { key: CANARY });
    counts.push(conformance("direct", direct, requestsOf));
    const peers = {};
    for (const name of ["openaiNode", "aiSdk"]) {
      say(`${name}, across origins`);
      peers[name] = await peer(harness, page, name);
    }
    say("promptfare, through the page's own server");
    counts.push(conformance("proxy", await sendAll(page, "proxy", 6, () => "/gateway/v1"), requestsOf));
    say("how soon the upstream hears of a stop");
    stopTimes.push(["promptfare, across origins", await latencies(upstream, page, own(upstream.url))]);
    stopTimes.push(["openai-node, across origins", await latencies(upstream, page, theirs("openaiNode", upstream.url))]);
    stopTimes.push(["AI SDK, across origins", await latencies(upstream, page, theirs("aiSdk", upstream.url))]);
    stopTimes.push(["promptfare, through the page's own server", await latencies(upstream, page, own("/gateway/v1", { key: undefined }))]);

    const left = [];
    const portkey = quick ? { missing: "--quick" } : ensurePortkey();
    if (portkey.missing === undefined) {
      say("promptfare, behind Portkey");
      const gateway = await startPortkey({ program: portkey.program });
      stops.push(gateway.stop);
      const tap = await startTap(gateway.url, { "x-portkey-provider": "openai", "x-portkey-custom-host": upstream.url });
      stops.push(tap.stop);
      const behind = await startFaults({ ports: 1, page: folder, gateway: tap.url, key: CANARY });
      stops.push(behind.stop);
      const tab = await behind.open();
      counts.push(conformance("portkey", await sendAll(tab, "portkey", 6, () => "/gateway/v1", { profile: "portkey" }), requestsOf));
      stopTimes.push(["promptfare, behind Portkey", await latencies(upstream, tab, own("/gateway/v1", { profile: "portkey", key: undefined }), 4)]);
    } else left.push(`Portkey (${portkey.missing})`);
    const litellm = quick ? { missing: "--quick" } : ensureLitellm();
    if (litellm.missing === undefined) {
      say("promptfare, behind LiteLLM");
      const gateway = await startLitellm({ command: litellm.command, key: CANARY, env: { FAULT_UPSTREAM: upstream.url }, config: path.join(root, "tests/faults/litellm.yaml") });
      stops.push(gateway.stop);
      counts.push(conformance("litellm", await sendAll(page, "litellm", 6, () => gateway.url, { key: CANARY, profile: "litellm" }), requestsOf));
      stopTimes.push(["promptfare, behind LiteLLM", await latencies(upstream, page, own(gateway.url, { profile: "litellm" }), 10)]);
    } else left.push(`LiteLLM (${litellm.missing})`);

    const versions = { chromium: harness.browser.version(), openai: version("openai"), ai: version("ai"), compatible: version("@ai-sdk/openai-compatible") };
    const text = written({ faults, expected, direct, requestsOf, peers, counts, stopTimes, versions, left });
    for (const { way, failures } of counts) for (const failure of failures) console.error(`faults: ${way}: ${failure}`);
    if (quick) console.log(text);
    else {
      writeFileSync(path.join(root, "docs/faults.md"), text);
      console.log(counts.map(({ way, right, total }) => `${way.padEnd(8)} ${right} of ${total} faults told as they must be`).join("\n"));
      console.log("faults: docs/faults.md is written");
    }
    process.exitCode = counts.every(({ failures }) => failures.length === 0) ? 0 : 1;
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

await main();
