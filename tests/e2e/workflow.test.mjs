// The three workflows through the sandbox gateway and through a real LiteLLM: the estimate beside the
// bill, side by side, stopped and gone on with, and never beyond their limit.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ensureLitellm, startLitellm } from "../../scripts/litellm.mjs";
import { startSandbox } from "../../scripts/sandbox.mjs";
import { exactly, picture, startRide, type } from "./ride.mjs";
import { PAIR, REPLAYS, runInPage, tell } from "./workflow.mjs";

const KEY = "sk-litellm-only-in-this-test";
const { command, missing } = ensureLitellm();
if (missing !== undefined) console.log(`\n!! left out: workflows through a real LiteLLM proxy (${missing})\n`);

let sandbox;
let ride;

before(async () => {
  sandbox = await startSandbox();
  ride = await startRide({ gateway: sandbox.url, sandbox: true });
});
after(async () => {
  await ride?.stop();
  await sandbox?.stop();
});

/** The receipt is the sum of its stages, each priced by the usage that the gateway told. */
function holds({ plan, receipt, kpis }) {
  assert.equal(receipt.ending, "completed");
  const rates = { "claude-opus-4": [15n, 75n], "claude-sonnet-4": [3n, 15n] };
  let sum = 0n;
  for (const { model, usage, usd } of receipt.stages) {
    const [input, output] = rates[model];
    const cost = (BigInt(usage.inputTokens) * input + BigInt(usage.outputTokens) * output) * 1_000_000n;
    assert.equal(exactly(usd), cost);
    sum += cost;
  }
  assert.equal(exactly(receipt.usd), sum);
  assert.equal(exactly(kpis.costUsd), sum);
  assert.equal(receipt.workflowId, plan.id);
  assert.equal(receipt.comparison.billed, receipt.usd);
}

for (const replay of REPLAYS) {
  test(`${replay.shape.kind}: planned, run through the sandbox, billed`, async () => {
    const { page, close } = await ride.open();
    const done = await runInPage(page, { ...replay, models: PAIR });
    tell("sandbox", done);
    holds(done);
    const stages = done.receipt.stages.map(({ stage }) => stage);
    if (replay.shape.kind === "tiered") {
      assert.deepEqual(stages, ["fast", "deep"]);
      const told = done.events.find(({ type, stage }) => type === "started" && stage === "deep").prompt;
      assert.match(told, /^Explain monads with one picture\.[\s\S]*did not pass: thumb down[\s\S]*\[Sandbox answer in the name of claude-sonnet-4/);
      assert.match(done.receipt.text, /^\[Sandbox answer in the name of claude-opus-4/);
    } else if (replay.shape.kind === "content") {
      const begun = done.events.filter(({ type }) => type === "started").map(({ stage, at }) => ({ stage, at }));
      const firstEnd = done.events.find(({ type, stage }) => type === "finished" && stage.startsWith("section")).at;
      const side = begun.filter(({ stage, at }) => stage.startsWith("section") && at < firstEnd);
      assert.equal(side.length, 3, "sections are written side by side");
      assert.equal(stages.length, 5);
    } else {
      assert.deepEqual(stages.slice(-2), ["tests", "debug"]);
      assert.equal(done.receipt.stages.at(-1).model, "claude-opus-4");
    }
    await close();
  });
}

test("stopped after the outline, stored, gone on with: one receipt for all of it", async () => {
  const { page, close } = await ride.open();
  const done = await runInPage(page, { ...REPLAYS[1], models: PAIR, stopAfter: 1 });
  assert.equal(done.first.ending, "stopped");
  assert.ok(done.first.stages.length >= 1);
  assert.equal(done.receipt.ending, "completed");
  assert.equal(done.receipt.stages.filter(({ stage, ending }) => stage === "outline" && ending === "completed").length, 1, "what was done is not done again");
  assert.equal(JSON.stringify(done.state).includes("apiKey"), false);
  await close();
});

test("a stage that would pass what is left is not begun, and another limit lets it go on", async () => {
  const { page, close } = await ride.open();
  // Answers of at most 120 tokens, which are cut: that is no fault here.
  const replay = { ...REPLAYS[1], shape: { ...REPLAYS[1].shape, checks: ["refusal"] }, models: PAIR, maxTokens: 120 };
  const whole = await runInPage(page, replay);
  assert.equal(whole.receipt.ending, "completed");
  const limit = Number(whole.receipt.usd) * 0.8;
  const done = await runInPage(page, { ...replay, shape: { ...replay.shape, maxCostUsd: limit.toFixed(6) } });
  assert.equal(done.receipt.ending, "budget", JSON.stringify(done.receipt));
  assert.ok(done.receipt.stages.length >= 2 && done.receipt.stages.length < whole.receipt.stages.length);
  assert.ok(Number(done.receipt.usd) <= limit, `${done.receipt.usd} of ${limit}`);
  assert.match(done.receipt.reason, /^(section|supplement)-\d: /);
  const more = await runInPage(page, { ...replay, state: done.state, maxCostUsd: 1 });
  assert.equal(more.receipt.ending, "completed");
  assert.equal(more.receipt.stages.length, whole.receipt.stages.length, "what was done is not done again");
  await close();
});

test("on the page: a total before the first call, each stage as it is written, and the bill", async () => {
  const { page, close } = await ride.open();
  const before = ride.forwarded.length;
  await type(page, "A short guide to travelling by night train.");
  await page.click("#workflow > summary");
  await page.selectOption("#workflow-kind", "content");
  await page.waitForSelector('#workflow-stages li[data-stage="section-3"]');
  assert.match(await page.textContent("#workflow-total"), /^\$0\.\d+ – \$0\.\d+ in all, \$0\.\d+ on average/);
  assert.equal(ride.forwarded.length, before, "nothing has left the page");
  await page.click("#workflow-run");
  await page.waitForFunction(() => document.querySelectorAll("#workflow-stages details:not([hidden])").length >= 3);
  assert.equal(await page.textContent("#workflow-run"), "Stop it");
  await page.click("#workflow-run");
  await page.waitForSelector("#workflow-ending:not([hidden])");
  assert.match(await page.textContent("#workflow-ending"), /^Stopped: at least \$0\.\d+ for \d calls; what \d of them cost is not known\./);
  assert.equal(await page.textContent("#workflow-run"), "Go on");
  await page.click("#workflow-run");
  await page.waitForFunction(() => document.getElementById("workflow-ending").textContent.startsWith("Completed"), null, { timeout: 60_000 });
  assert.match(await page.textContent("#workflow-ending"), /^Completed: at least \$0\.\d+ for \d+ calls; what \d of them cost is not known\.$/);
  assert.match(await page.textContent("#session-total"), /\$0\.\d+/);
  await page.click('#workflow-stages li[data-stage="section-2"] summary');
  await picture(page, "workflow");
  await page.selectOption("#workflow-kind", "tiered");
  await page.check("#workflow-judge");
  await page.click("#workflow-run");
  await page.click('#workflow-stages li[data-stage="fast"] button:text("It does not")');
  await page.click('#workflow-stages li[data-stage="deep"] button:text("It passes")');
  await page.waitForFunction(() => document.getElementById("workflow-ending").textContent.startsWith("Completed"), null, { timeout: 60_000 });
  const ending = await page.textContent("#workflow-ending");
  const [, usd, side, low, high] = ending.match(/^Completed: \$(0\.\d+) for 2 calls, (within|outside) the \$(0\.\d+) – \$(0\.\d+) foretold\.$/) ?? assert.fail(ending);
  // A forced escalation costs more than most: what counts is that the page says which it was.
  assert.equal(side, Number(low) <= Number(usd) && Number(usd) <= Number(high) ? "within" : "outside", ending);
  await close();
});

test("a cut answer goes to the deep tier and then to a person; a trouble of the gateway ends it ready", async () => {
  const { page, close } = await ride.open();
  const done = await runInPage(page, { prompt: "sandbox: length", shape: { kind: "tiered", loops: 1 }, models: PAIR });
  assert.equal(done.receipt.ending, "handed");
  assert.deepEqual(done.receipt.stages.map(({ findings }) => findings), [["it was cut before its end"], ["it was cut before its end"]]);
  assert.equal(done.receipt.handed.at(-1).stage, "deep");
  const refused = await runInPage(page, { prompt: "sandbox: wrong-key", shape: { kind: "tiered" }, models: PAIR });
  assert.equal(refused.receipt.ending, "errored");
  assert.equal(refused.state.stages.fast.status, "waiting");
  await close([/Failed to load resource.*401/]);
});

test("the three workflows through a real LiteLLM", { skip: missing, timeout: 300_000 }, async () => {
  const litellm = await startLitellm({ command, key: KEY });
  const other = await startRide({ gateway: litellm.url, key: KEY });
  try {
    const { page, close } = await other.open();
    for (const replay of REPLAYS) {
      const done = await runInPage(page, { ...replay, models: PAIR });
      tell("LiteLLM", done);
      holds(done);
    }
    await close();
  } finally {
    await other.stop();
    await litellm.stop();
  }
});
