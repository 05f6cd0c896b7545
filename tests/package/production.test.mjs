// Experiments through the client, and what production tells, through both packed modules.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { root } from "../../scripts/setup.mjs";

const pkg = path.join(root, "pkg");
const kind = (name) => (error) => error.kind === name;
let promptfare;
let workshop;
before(async () => {
  promptfare = await import(pathToFileURL(path.join(pkg, "promptfare.js")).href);
  workshop = await import(pathToFileURL(path.join(pkg, "workshop.js")).href);
  await promptfare.default(readFileSync(path.join(pkg, "promptfare_core_bg.wasm")));
  await workshop.default(readFileSync(path.join(pkg, "promptfare_workshop_bg.wasm")));
});

const tone = {
  id: "tone",
  arms: [{ name: "now", model: "gpt-5" }, { name: "brief", model: "gpt-4o", system: "Answer in one sentence.", weight: 1 }],
};

/** Receipts as a ledger keeps them; the second half billed `factor` times as much. */
const records = (factor = 1) => Array.from({ length: 120 }, (_, at) => ({
  v: 1, id: `r${at}`, ending: "completed", model: "gpt-5", timing: { sentAt: 1e12 + at, firstPieceMs: 300 + (at * 37) % 100, totalMs: 900 },
  experiment: { id: "tone", arm: at % 2 === 0 ? "now" : "brief", unit: `u${at}` },
  estimate: { inputTokens: { low: 1000, expected: 1000, high: 1000 }, outputTokens: { low: 10, expected: 100, high: 400 }, usd: { low: "0.001", expected: "0.002", high: "0.003" } },
  usage: { inputTokens: at < 60 ? 1000 : 1000 * factor, outputTokens: 80 + (at * 13) % 40 }, usageSource: "gateway",
  cost: { usd: at % 2 === 0 ? "0.002" : "0.001" }, costSource: "usage",
}));

test("a unit stays in its arm, and the plan takes what the arm says", async () => {
  const client = await promptfare.Client.create({ baseUrl: "https://gateway.example/v1", models: ["gpt-5", "gpt-4o"], experiments: [tone] });
  const arms = new Set();
  for (let unit = 0; unit < 20; unit++) {
    const plan = client.plan("Why is the sea salty?", { unit: `u${unit}` });
    const again = client.plan("Why is it deep?", { unit: `u${unit}`, experiment: "tone" });
    assert.deepEqual(plan.experiment, again.experiment);
    assert.equal(plan.experiment.id, "tone");
    assert.match(plan.experiment.unit, /^[0-9a-f]{12}$/);
    assert.equal(plan.model, plan.experiment.arm === "now" ? "gpt-5" : "gpt-4o");
    assert.equal(plan.request.messages[0].role, plan.experiment.arm === "now" ? "user" : "system");
    arms.add(plan.experiment.arm);
  }
  assert.equal(arms.size, 2);
  assert.equal(client.plan("Why?", {}).experiment, undefined);
  assert.throws(() => client.plan("Why?", { unit: "u", experiment: "other" }), kind("invalid_input"));
  await assert.rejects(promptfare.Client.create({ baseUrl: "https://gateway.example/v1", experiments: [{ id: "x", arms: [] }] }), kind("invalid_input"));
});

test("records are held, watched and judged", () => {
  const held = workshop.reconcile(records());
  assert.equal(held.inputTokens.all.n, 120);
  assert.equal(held.outputTokens.last50.coverage, 1);
  assert.equal(held.perModel[0].model, "gpt-5");
  assert.deepEqual(workshop.watchDrift(records()).alarms, []);
  const [alarm] = workshop.watchDrift(records(1.36)).alarms;
  assert.equal(alarm.model, "gpt-5");
  assert.ok(["billed_over_counted", "input_estimate"].includes(alarm.what), alarm.what);
  assert.ok(Number(alarm.raisedBy.slice(1)) < 80 && alarm.since === "r60", JSON.stringify(alarm));
  const verdict = workshop.judgeExperiment(records(), tone, { metric: "costUsd" });
  assert.equal(verdict.verdict, "b_better");
  assert.ok(Math.abs(verdict.comparisons[0].value - 0.5) < 1e-9);
  assert.equal(workshop.judgeExperiment(records(), tone).verdict, "no_difference_yet");
  assert.throws(() => workshop.judgeExperiment(records(), tone, { metric: "mood" }), kind("invalid_input"));
  assert.throws(() => workshop.reconcile([{ id: 1 }]), kind("invalid_input"));
  assert.throws(() => workshop.watchDrift("all"), kind("invalid_input"));
});
