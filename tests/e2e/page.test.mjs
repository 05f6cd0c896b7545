// The whole ride through the page, in a real browser, against the sandbox gateway: typed like a
// person, read like a person. `aimock.test.mjs` and `litellm.test.mjs` take it to other gateways.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { startSandbox } from "../../scripts/sandbox.mjs";
import { startFakeGateway } from "./gateway.mjs";
import { readStream, startTap } from "./tap.mjs";
import { exactly, longText, picture, receipt, send, settled, startRide, type } from "./ride.mjs";

const PROMPT = "Explain monads with one picture.";
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let sandbox;
let tap;
let ride;

before(async () => {
  sandbox = await startSandbox();
  tap = await startTap(sandbox.url);
  ride = await startRide({ gateway: tap.url, sandbox: true });
});
after(async () => {
  await ride?.stop();
  await tap?.stop();
  await sandbox?.stop();
});

/** A picture of one pixel. */
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

async function attach(page, base64 = PIXEL, name = "dot.png") {
  await page.setInputFiles("#image", { name, mimeType: "image/png", buffer: Buffer.from(base64, "base64") });
  await page.waitForSelector("#images img");
  await settled(page);
}

const fare = (page, model) => page.locator(`.fare[data-model="${model}"]`);

/** The number of tokens in a fare's row, without the interval behind it. */
const tokensOf = (text) => exactly(/^(?:≈ )?([\d,]+) tokens in/.exec(text)[1]);

/** What a fare's row says: `{ cost, tokens, interval }`. */
const fareText = (page, model) => fare(page, model).evaluate((row) => ({
  cost: row.querySelector(".fare-cost").textContent,
  tokens: row.querySelector(".fare-tokens").textContent,
  interval: row.querySelector(".fare-interval").textContent,
}));

test("tokens and cost change as one types, and nothing leaves before Send", async () => {
  const { page, requests, close } = await ride.open();
  const before = ride.forwarded.length;
  assert.match((await fareText(page, "claude-opus-4")).tokens, /^\$15 in, \$75 out per million tokens$/);
  assert.equal(await page.isDisabled("#send"), true);

  await type(page, "Hello");
  const short = await fareText(page, "claude-opus-4");
  assert.match(short.tokens, /^(\d+ tokens in|≈ \d+ tokens in \(\d+ – \d+\))$/);
  assert.match(short.cost, /^(≈ )?\$0\.\d+$/);
  await type(page, `${PROMPT} ${"Give me every detail of the construction, step by step. ".repeat(4)}`);
  const long = await fareText(page, "claude-opus-4");
  assert.ok(tokensOf(long.tokens) > tokensOf(short.tokens) * 3n, `${short.tokens}, then ${long.tokens}`);
  assert.notEqual(long.cost, short.cost);
  // The pair is five times apart in price, so the dearer one costs more for the same prompt.
  assert.ok(exactly(long.cost) > exactly((await fareText(page, "claude-sonnet-4")).cost));
  for (const model of ["claude-opus-5-5", "gpt-5"]) assert.match((await fareText(page, model)).cost, /\$0\.\d+/, model);
  assert.equal(await page.isDisabled("#send"), false);

  await page.fill("#prompt", "");
  await settled(page);
  assert.equal((await fareText(page, "claude-opus-4")).cost, "");

  const own = new URL(ride.url).origin;
  for (const { method, url } of requests) {
    assert.equal(method, "GET", url);
    assert.ok(url.startsWith(`${own}/`) && !url.includes("/gateway"), url);
    assert.equal(new URL(url).search, "", url);
  }
  assert.equal(ride.forwarded.length, before);
  await close();
});

test("vocabularies: small ones come by themselves after the page stands, large ones when asked", async () => {
  const { page, requests, close } = await ride.open();
  const loaded = () => requests.map(({ url }) => new URL(url).pathname).filter((pathname) => pathname.includes("/vocabularies/"));
  const { vocabularies } = await page.evaluate(() => fetch("page.json").then((response) => response.json()));
  const small = ["claude-3", "claude-4.7"].filter((name) => name in vocabularies);
  await type(page, PROMPT);
  const interval = async (model) => /\(([\d,]+) – ([\d,]+)\)/.exec((await fareText(page, model)).tokens).slice(1).map(exactly);
  const [low, high] = await interval("gpt-5");
  await page.waitForFunction((names) => names.every((name) => performance.getEntriesByType("resource").some((entry) => entry.name.includes(`/vocabularies/${name}.`))), small);
  assert.equal(loaded().length, small.length, loaded().join(" "));
  const button = page.locator("#exact button", { hasText: "GPT-4o and later" });
  assert.match(await button.textContent(), /load 0\.\d MB$/);
  await button.click();
  await button.waitFor({ state: "detached" });
  assert.equal(loaded().length, small.length + 1);
  await settled(page);
  const counted = await fareText(page, "gpt-5");
  if (counted.tokens.includes("≈")) {
    const [lower, upper] = await interval("gpt-5");
    assert.ok(upper - lower < high - low, "the interval is narrower than before");
  }
  await close();
});

/** Notes, at each key and before the browser goes on, what the line of the live count says, what the
 * package counts, and whether the fares are still those of an older text. */
const watchKeys = (page) => page.evaluate(async () => {
  const { countTokens } = await import("./promptfare/promptfare.js");
  const prompt = document.getElementById("prompt");
  globalThis.keys = [];
  prompt.addEventListener("input", () => {
    const [, shown, model] = /: (.+) tokens on (.+)$/.exec(document.getElementById("live").textContent) ?? [];
    const whole = model === undefined ? null : countTokens(prompt.value, model);
    globalThis.keys.push({ shown, exact: whole?.exact, whole: whole?.tokens.toLocaleString("en-US"), busy: document.getElementById("before").getAttribute("aria-busy") });
  });
});

test("the prompt's own count follows every key, and is that of the whole text", async () => {
  const { page, close } = await ride.open();
  await page.waitForFunction(() => document.getElementById("exact").childElementCount < 2);
  await type(page, "a");
  await page.evaluate((text) => {
    document.getElementById("prompt").value = text;
    document.getElementById("prompt").dispatchEvent(new Event("input"));
  }, longText(40_000));
  await settled(page);
  await page.waitForFunction(() => /tokens on/.test(document.getElementById("live").textContent));
  await watchKeys(page);
  await page.focus("#prompt");
  const at = (start, end = start) => page.evaluate(([from, to]) => document.getElementById("prompt").setSelectionRange(from, to), [start, end]);
  for (const [start, end] of [[40_000], [0], [20_000], [19_990, 20_010], [5, 5000]]) {
    await at(start, end);
    for (const key of ["H", "i", " ", "Enter", "Backspace", "Delete", "."]) await page.keyboard.press(key);
    await page.keyboard.insertText(" 🚃 straße ");
  }
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText("Short again. ");
  const keys = await page.evaluate(() => globalThis.keys);
  assert.ok(keys.length >= 40, `${keys.length} edits`);
  for (const [index, { shown, exact, whole, busy }] of keys.entries()) {
    assert.equal(exact, true, `edit ${index}`);
    assert.equal(shown, whole, `edit ${index}`);
    assert.equal(busy, "true", "the whole plan comes after");
  }
  await settled(page);
  assert.equal(await page.getAttribute("#before", "aria-busy"), "false");
  await close();
});

test("a paste of 4 MB is counted beside the page, which goes on", async () => {
  const { page, requests, close } = await ride.open();
  await page.waitForFunction(() => document.getElementById("exact").childElementCount < 2);
  await type(page, PROMPT);
  assert.ok(!requests.some(({ url }) => url.endsWith("/planner.js")), "a short prompt needs no worker");
  const text = longText(4_000_000);
  const candidates = await page.locator(".fare:has(:checked)").evaluateAll((found) => found.map((row) => row.dataset.model));
  // How long the same plan and fares would hold up the page if it counted by itself.
  const alone = await page.evaluate(async ([prompt, names]) => {
    const { Client } = await import("./promptfare/promptfare.js");
    const { planning } = await import("./planning.js");
    const client = await Client.create({ baseUrl: "http://localhost/v1" });
    const ask = { prompt: { text: prompt }, options: { policy: { candidates: names } }, names: [...document.querySelectorAll(".fare")].map((row) => row.dataset.model), problem: null };
    const started = performance.now();
    const steps = [...planning(client, ask)];
    return { ms: performance.now() - started, tokens: steps[0].plan?.candidates[0].tokens.tokens, reason: steps[0].reason };
  }, [text, candidates]);
  const paste = await page.evaluate((pasted) => new Promise((resolve) => {
    const prompt = document.getElementById("prompt");
    // How long the page's own code ran in one go; the rest of a frame is the browser painting the text.
    const scripts = [0];
    new PerformanceObserver((list) => scripts.push(...list.getEntries().flatMap((frame) => frame.scripts.map(({ duration }) => duration))))
      .observe({ type: "long-animation-frame" });
    prompt.value = pasted;
    // The browser's own work, laying out 4 MB of text, comes first and is not measured.
    requestAnimationFrame(() => setTimeout(() => {
      const started = performance.now();
      prompt.dispatchEvent(new Event("input"));
      const handler = performance.now() - started;
      const said = document.getElementById("summary").textContent;
      const gaps = [];
      let last = performance.now();
      const tick = () => {
        const now = performance.now();
        gaps.push(now - last);
        last = now;
        if (document.getElementById("before").getAttribute("aria-busy") === "true" || /counting/.test(document.getElementById("live").textContent)) setTimeout(tick);
        else resolve({ handler, said, gaps, script: Math.max(...scripts), total: now - started, live: document.getElementById("live").textContent });
      };
      tick();
    }));
  }), text);
  const longest = Math.max(...paste.gaps);
  console.log(`4 MB: alone ${Math.round(alone.ms)} ms in one task; with the worker: handler ${Math.round(paste.handler)} ms, longest run of the page's code ${Math.round(paste.script)} ms, longest task with painting ${Math.round(longest)} ms of ${paste.gaps.length} in ${Math.round(paste.total)} ms`);
  assert.equal(paste.said, "counting…");
  assert.ok(requests.some(({ url }) => url.endsWith("/planner.js")));
  assert.ok(paste.gaps.length > 30, `the page had ${paste.gaps.length} turns while counting`);
  assert.ok(Math.max(paste.handler, paste.script) < alone.ms / 8, `the page's own code ran ${paste.script} ms in one go; the whole plan takes ${alone.ms} ms`);
  assert.ok(longest < alone.ms, `${longest} ms, where the page alone would have stood still for ${alone.ms} ms`);
  // A key in it, and the count is there before the browser goes on.
  await watchKeys(page);
  await page.evaluate(() => {
    const prompt = document.getElementById("prompt");
    prompt.value = `${prompt.value.slice(0, 2_000_000)}Z${prompt.value.slice(2_000_000)}`;
    prompt.dispatchEvent(new Event("input"));
  });
  const [key] = await page.evaluate(() => globalThis.keys);
  assert.equal(key.exact, true);
  assert.equal(key.shown, key.whole);
  // What the worker is counting now is of no use any more: the answer is that of the short text.
  await page.evaluate((short) => {
    document.getElementById("prompt").value = short;
    document.getElementById("prompt").dispatchEvent(new Event("input"));
  }, PROMPT);
  await settled(page);
  const few = await fareText(page, candidates[0]);
  await page.waitForTimeout(500);
  assert.deepEqual(await fareText(page, candidates[0]), few);
  assert.ok(tokensOf(few.tokens) < 100n * 10n ** 12n, few.tokens);
  await close();
});

test("a long prompt is sent once it is counted, and not if it was changed meanwhile", async () => {
  const { page, close } = await ride.open();
  const text = longText(150_000);
  const paste = (value) => page.evaluate((pasted) => {
    document.getElementById("prompt").value = pasted;
    document.getElementById("prompt").dispatchEvent(new Event("input"));
    document.getElementById("send").click();
  }, value);
  await paste(text);
  await page.evaluate(() => {
    document.getElementById("prompt").value += "!";
    document.getElementById("prompt").dispatchEvent(new Event("input"));
  });
  await settled(page);
  assert.equal(await page.isVisible("#receipt"), false);
  assert.equal(await page.textContent("#status"), "");
  const sent = page.waitForRequest((request) => request.url().endsWith("/chat/completions"));
  await paste(text);
  assert.equal((await receipt(page)).ending, "completed");
  const [message] = (await sent).postDataJSON().messages;
  assert.ok(message.content === text || message.content[0].text === text);
  await close();
});

test("where the worker cannot be had, the page counts a long prompt by itself", async () => {
  const { page, close } = await ride.open();
  await page.route("**/planner.js", (route) => route.abort());
  await page.evaluate((text) => {
    document.getElementById("prompt").value = text;
    document.getElementById("prompt").dispatchEvent(new Event("input"));
  }, longText(150_000));
  await settled(page);
  const model = await page.textContent("#route .pick");
  assert.ok(tokensOf((await fareText(page, model)).tokens) > 10_000n * 10n ** 12n);
  assert.equal(await page.isDisabled("#send"), false);
  await close([/ERR_FAILED/]);
});

test("under a picture stands what it costs and what a smaller one would save; the parts add up", async () => {
  const { page, close } = await ride.open();
  await type(page, PROMPT);
  const url = await page.evaluate(() => Object.assign(document.createElement("canvas"), { width: 1200, height: 900 }).toDataURL("image/png"));
  await page.click(".composer > .more > summary");
  await attach(page, url.split(",")[1], "plan.png");
  const model = await page.textContent("#route .pick");
  const advice = await page.evaluate(async ([picked]) => (await import("./promptfare/promptfare.js")).imageAdvice({ width: 1200, height: 900 }, picked), [model]);
  assert.ok(advice.saved > 0);
  const line = await page.textContent("#images .advice");
  assert.ok(line.startsWith(`${advice.tokens.toLocaleString("en-US")} tokens on ${model}.`), line);
  const { width, height } = advice.cheaper;
  assert.ok(line.includes(`${width.toLocaleString("en-US")} × ${height.toLocaleString("en-US")} would save ${advice.saved.toLocaleString("en-US")} tokens`), line);

  const where = page.locator("#route details", { hasText: "Where the tokens are" });
  assert.equal(await where.getAttribute("open"), null);
  await where.locator("summary").click();
  const parts = await where.locator("li").allTextContents();
  assert.ok(parts.some((text) => /in the images$/.test(text)), parts.join("|"));
  const sum = parts.reduce((total, text) => total + exactly(/^(?:≈ )?([\d,]+) /.exec(text)[1]), 0n);
  assert.equal(sum, tokensOf((await fareText(page, model)).tokens));
  await type(page, `${PROMPT} More.`);
  assert.equal(await page.locator("#route details[open] > summary").textContent(), "Where the tokens are");
  await picture(page, "desktop-light-image");
  await close();
});

test("a model is suggested in words, and what may take it decides", async () => {
  const { page, close } = await ride.open();
  await type(page, PROMPT);
  const pick = () => page.textContent("#route .pick");
  const first = await pick();
  assert.ok(["claude-opus-4", "claude-sonnet-4"].includes(first), first);
  const reasons = await page.locator("#route .reasons li").allTextContents();
  assert.ok(reasons.length > 0 && reasons.every((text) => text.length > 15), reasons.join("|"));
  assert.ok((await page.textContent("#summary")).startsWith(first));
  assert.match(await fare(page, "claude-opus-4").textContent(), /retired 2026-06-15; replaced by claude-opus/);

  await fare(page, first).locator("input").uncheck();
  await settled(page);
  const second = await pick();
  assert.notEqual(second, first);
  await fare(page, second).locator("input").uncheck();
  await settled(page);
  assert.match(await page.textContent("#route"), /at least one model/);
  assert.equal(await page.isDisabled("#send"), true);
  await fare(page, "claude-haiku-5-5").locator("input").check();
  await settled(page);
  assert.equal(await pick(), "claude-haiku-5-5");
  await close();
});

test("the answer streams in pieces, and the receipt holds the estimate against the gateway's bill", async () => {
  const { page, close } = await ride.open();
  await type(page, PROMPT);
  const asked = await page.textContent("#route .pick");
  const range = (await fareText(page, asked)).interval;
  await page.evaluate(() => {
    globalThis.lengths = [];
    new MutationObserver(() => globalThis.lengths.push(document.getElementById("answer").textContent.length))
      .observe(document.getElementById("answer"), { childList: true, characterData: true, subtree: true });
  });
  const shown = await send(page);
  const { text, usage } = readStream(tap.exchanges.at(-1));

  const lengths = await page.evaluate(() => globalThis.lengths);
  const growing = lengths.filter((length, index) => index === 0 || length > lengths[index - 1]);
  assert.ok(growing.length >= 5, `the text grew ${growing.length} times`);
  assert.equal(shown.answer, text);
  assert.equal(shown.ending, "completed");
  assert.equal(shown.lines.Model.value, asked);
  assert.equal(exactly(shown.lines.Input.value), exactly(String(usage.prompt_tokens)));
  assert.equal(exactly(shown.lines.Output.value), exactly(String(usage.completion_tokens)));
  assert.match(shown.lines.Input.more, /as the sandbox counted, roughly/);
  // The bill by hand: USD per million tokens of the two, in 1e-12 USD.
  const [input, output] = asked === "claude-opus-4" ? [15n, 75n] : [3n, 15n];
  assert.equal(exactly(shown.lines.Cost.value), (BigInt(usage.prompt_tokens) * input + BigInt(usage.completion_tokens) * output) * 1_000_000n);
  assert.equal(shown.lines.Attempts.value, "1");

  assert.deepEqual(shown.bill.map((row) => row.name), ["Input tokens", "Output tokens", "Cost"]);
  assert.equal(shown.bill[2].estimated, range);
  for (const { name, estimated, billed, verdict } of shown.bill.slice(0, 2)) {
    const [low, high = low] = estimated.split(" – ").map(exactly);
    const bill = exactly(billed);
    assert.equal(verdict, bill < low ? "under" : bill > high ? "over" : "inside", name);
  }
  await close();
});

test("Stop ends it mid-stream, keeps what came, and tells the gateway", async () => {
  const { page, close } = await ride.open();
  for (const stop of [() => page.click("#stop"), () => page.keyboard.press("Escape")]) {
    await type(page, `${PROMPT} ${"More please. ".repeat(3)}`);
    await page.click("#send");
    await page.waitForFunction(() => document.getElementById("answer").textContent.length > 40);
    assert.equal(await page.getAttribute("#answer-card", "aria-busy"), "true");
    await stop();
    const shown = await receipt(page);
    assert.equal(shown.ending, "aborted");
    assert.ok(shown.answer.length > 40);
    assert.match(shown.status, /^Stopped after/);
    // What the gateway would have counted is not known after a stop, and that is said.
    assert.doesNotMatch(shown.lines.Input?.more ?? "", /counted/);
    assert.equal(await page.isVisible("#stop"), false);
    assert.equal(await page.isDisabled("#send"), false);
    const length = (await page.textContent("#answer")).length;
    await page.waitForTimeout(300);
    assert.equal((await page.textContent("#answer")).length, length);
  }
  await close();
});

test("the session's total is the sum of its receipts", async () => {
  const { page, close } = await ride.open();
  assert.equal(await page.textContent("#session-total"), "Nothing sent yet");
  let sum = 0n;
  for (const prompt of ["One.", "Two, and a little longer."]) {
    await type(page, prompt);
    sum += exactly((await send(page)).lines.Cost.value);
  }
  assert.match(await page.textContent("#session-total"), /in 2 rides$/);
  await page.click("#rides > summary");
  const listed = await page.locator("#rides tbody td:last-child").allTextContents();
  assert.equal(listed.length, 2);
  assert.equal(listed.reduce((total, text) => total + exactly(text), 0n), sum);
  // The total shown is that sum, rounded.
  const shown = exactly((await page.textContent("#session-total")).split(" ")[0]);
  assert.ok((shown > sum ? shown - sum : sum - shown) * 40n <= sum, `${shown} for ${sum}`);
  await close();
});

test("troubles are told in words, and the page goes on", async () => {
  const { page, close } = await ride.open();
  await type(page, "sandbox: wrong-key");
  const refused = await send(page);
  assert.equal(refused.ending, "errored");
  assert.match(refused.error, /key is not valid.*Gateway/s);
  assert.equal(refused.answer, "");

  await type(page, "sandbox: cut");
  const cut = await send(page);
  assert.ok(["errored", "truncated"].includes(cut.ending), cut.ending);
  assert.match(cut.answer, /^\[Sandbox/);

  await type(page, "sandbox: length");
  const short = await send(page);
  assert.equal(short.ending, "truncated");
  assert.match(short.lines.Ended.value, /length limit/);

  await type(page, "And now an ordinary one.");
  assert.equal((await send(page)).ending, "completed");
  await close([/Failed to load resource.*401/, /ERR_INCOMPLETE_CHUNKED_ENCODING/]);
});

test("what a model writes is text, never HTML", async () => {
  const { page, close } = await ride.open();
  const title = await page.title();
  await type(page, "sandbox: html");
  const shown = await send(page);
  assert.match(shown.answer, /<img src=x onerror=/);
  assert.match(shown.answer, /<script>/);
  assert.equal(await page.locator("#answer *").count(), 0);
  assert.equal(await page.title(), title);
  // The policy is really on: a string cannot become HTML, and code cannot be made from text.
  // From a timer, because what the debugger runs by itself may do more than a page.
  const blocked = await page.evaluate(() => new Promise((resolve) => setTimeout(() => {
    const caught = [];
    try { document.createElement("p").innerHTML = "<b>x</b>"; } catch (error) { caught.push(error.name); }
    try { globalThis.eval("1"); } catch (error) { caught.push(error.name); }
    // The page's own policy makes one address; nobody makes another policy, or a worker without one.
    try { globalThis.trustedTypes.createPolicy("other", {}); } catch (error) { caught.push(error.name); }
    try { new Worker("planner.js"); } catch (error) { caught.push(error.name); }
    resolve(caught);
  })));
  assert.deepEqual(blocked, ["TypeError", "EvalError", "TypeError", "TypeError"]);
  await close([/TrustedHTML|TrustedScript|TrustedTypePolicy|Content Security Policy/]);
});

test("an own gateway and key work, and the key leaves no trace", async () => {
  const gateway = await startFakeGateway();
  const { page, complaints, requests, close } = await ride.open();
  const key = "sk-typed-by-hand-42";
  await page.click("#open-settings");
  await page.fill("#base-url", "nonsense://x");
  await page.click("#settings button[type=submit]");
  assert.match(await page.textContent("#address-error"), /wanted https/);
  await page.fill("#base-url", gateway.url);
  await page.fill("#api-key", key);
  await page.click("#settings button[type=submit]");
  assert.equal(await page.textContent("#gateway-name"), `Gateway: ${new URL(gateway.url).host}`);

  await type(page, PROMPT);
  const shown = await send(page);
  assert.equal(shown.ending, "completed");
  assert.equal(gateway.seen.at(-1).headers.authorization, `Bearer ${key}`);
  assert.equal(gateway.seen.at(-1).url, "/v1/chat/completions");
  assert.equal(shown.lines.Input.value, "9 tokens");

  await page.click("#request > summary");
  await settled(page);
  for (const language of ["json", "curl", "fetch", "openai-node", "openai-python"]) {
    await page.check(`input[name=language][value=${language}]`, { force: true });
    const text = await page.textContent("#snippet");
    assert.ok(text.includes(PROMPT) && !text.includes(key), language);
  }
  const traces = await page.evaluate(() => ({
    document: document.documentElement.outerHTML,
    fields: [...document.querySelectorAll("input, textarea")].map((field) => field.value),
    storage: JSON.stringify({ ...localStorage, ...sessionStorage }),
    cookie: document.cookie,
    address: location.href,
    history: JSON.stringify(history.state),
  }));
  for (const [place, text] of Object.entries(traces)) assert.ok(!String(text).includes(key), place);
  assert.equal(traces.storage, "{}");
  assert.ok(!JSON.stringify([requests, complaints]).includes(key));
  assert.equal((await page.evaluate(() => indexedDB.databases())).length, 0);

  // Another address doesn't inherit the key.
  const other = await startFakeGateway();
  await page.click("#open-settings");
  assert.equal(await page.inputValue("#api-key"), "");
  await page.fill("#base-url", other.url);
  await page.click("#settings button[type=submit]");
  await send(page);
  assert.equal(other.seen.at(-1).headers.authorization, undefined);

  await page.reload();
  await page.waitForSelector("html[data-ready]");
  assert.equal(await page.textContent("#gateway-name"), "Gateway: sandbox");
  await page.click("#open-settings");
  assert.equal(await page.isVisible("#forget-key"), false);
  await close();
  await gateway.stop();
  await other.stop();
});

test("a model is added by name; an unknown name offers the nearest", async () => {
  const { page, close } = await ride.open();
  await type(page, PROMPT);
  const add = async (name) => {
    await page.fill("#model-name", name);
    await page.click("#add-model button[type=submit]");
    await settled(page);
  };
  await add("anthropic/claude-haiku-4.5");
  assert.match((await fareText(page, "anthropic/claude-haiku-4.5")).cost, /\$0\.\d+/);

  await add("claude-opuss-4");
  assert.match(await page.textContent("#model-error"), /claude-opuss-4/);
  const offers = await page.locator("#model-error button").allTextContents();
  assert.ok(offers.includes("claude-opus-4"), offers.join(", "));
  const before = await page.locator(".fare").count();
  await page.locator("#model-error button", { hasText: "without a price" }).click();
  await settled(page);
  assert.equal(await page.locator(".fare").count(), before + 1);
  assert.equal((await fareText(page, "claude-opuss-4")).cost, "price not known");
  assert.equal(await page.isVisible("#model-error"), false);
  await page.click('.fare[data-model="claude-opuss-4"] .remove');
  assert.equal(await page.locator(".fare").count(), before);
  await close();
});

test("limits, system text and an image are part of the request", async () => {
  const { page, close } = await ride.open();
  await type(page, PROMPT);
  const before = (await fareText(page, "claude-sonnet-4")).tokens;
  await page.click(".composer > .more > summary");
  await page.fill("#system", "You are a patient teacher who answers in short sentences and never uses jargon.");
  await page.fill("#max-tokens", "many");
  await settled(page);
  assert.match(await page.textContent("#limits-error"), /found “many”/);
  assert.equal(await page.isDisabled("#send"), true);
  await page.fill("#max-tokens", "2000");
  await page.fill("#max-cost", "0.0000001");
  await settled(page);
  assert.equal(await page.isDisabled("#send"), true, "a budget that nothing can keep");
  await page.fill("#max-cost", "");
  await attach(page);
  assert.ok(tokensOf((await fareText(page, "claude-sonnet-4")).tokens) > tokensOf(before));
  await page.click("#request > summary");
  await settled(page);
  const request = await page.textContent("#snippet");
  assert.match(request, /"role": "system"/);
  assert.match(request, /patient teacher/);
  assert.match(request, /max_(completion_)?tokens": 2000/);
  assert.match(request, /"url": "data:image\/png;base64,/);
  const sent = page.waitForRequest((one) => one.url().endsWith("/chat/completions"));
  const shown = await send(page);
  const body = (await sent).postDataJSON();
  assert.equal(body.messages[0].role, "system");
  assert.ok(JSON.stringify(body.messages.at(-1)).includes(PIXEL));
  assert.equal(shown.ending, "completed");
  await page.click("#images .remove");
  assert.equal(await page.isVisible("#images"), false);
  await close();
});

test("the whole ride by keyboard", async () => {
  const { page, close } = await ride.open();
  const focused = () => page.evaluate(() => {
    const element = document.activeElement;
    return { id: element.id, tag: element.tagName, outline: getComputedStyle(element).outlineStyle, text: element.textContent.slice(0, 40) };
  });
  const tabTo = async (found) => {
    for (let presses = 0; presses < 60; presses += 1) {
      const now = await focused();
      if (found(now)) return now;
      await page.keyboard.press("Tab");
    }
    throw new Error("not reachable by Tab");
  };
  await page.keyboard.press("Tab");
  assert.match((await focused()).text, /To the prompt/);
  await page.keyboard.press("Enter");
  await tabTo(({ id }) => id === "prompt");
  await page.keyboard.type(PROMPT);
  await settled(page);
  const button = await tabTo(({ id }) => id === "send");
  assert.equal(button.outline, "solid");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.getElementById("answer").textContent.length > 10);
  assert.equal((await focused()).id, "stop");
  await page.keyboard.press("Enter");
  assert.equal((await receipt(page)).ending, "aborted");
  assert.equal((await focused()).id, "send");

  await tabTo(({ tag, id }) => tag === "INPUT" && id === "");
  const before = await page.locator(".fare :checked").count();
  await page.keyboard.press("Space");
  assert.equal(await page.locator(".fare :checked").count(), before - 1);
  await page.keyboard.press("Space");
  await tabTo(({ text }) => text.startsWith("The request"));
  await page.keyboard.press("Enter");
  await page.waitForSelector("#snippet:visible");

  await page.focus("#prompt");
  await page.keyboard.press("Control+Enter");
  assert.equal((await receipt(page).then(() => page.waitForFunction(() => document.querySelector("#receipt:not([hidden]) .ending.completed")).then(() => receipt(page)))).ending, "completed");
  assert.equal((await focused()).id, "prompt");

  await page.focus("#open-settings");
  await page.keyboard.press("Enter");
  assert.equal((await focused()).id, "base-url");
  await page.keyboard.press("Escape");
  assert.equal(await page.isVisible("#settings"), false);
  assert.equal((await focused()).id, "open-settings");
  await close();
});

test("axe finds nothing serious, in both colour schemes and at every stage", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const { page, close } = await ride.open({ colorScheme, bypassCSP: true });
    const check = async (stage) => {
      await page.evaluate(AXE);
      const { violations, passes } = await page.evaluate(() => globalThis.axe.run());
      assert.ok(passes.length > 10, "axe looked at the page");
      const found = violations.filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
      assert.deepEqual(found, [], `${colorScheme}, ${stage}`);
    };
    await check("at rest");
    await type(page, PROMPT);
    await attach(page);
    await check("typed, with a picture");
    await send(page);
    for (const summary of await page.locator("summary:visible").all()) await summary.click();
    await page.fill("#model-name", "no-such-model");
    await page.click("#add-model button[type=submit]");
    await check("answered, everything unfolded");
    await page.click("#open-settings");
    await check("settings");
    await close();
  }
});

test("a phone needs no sideways scrolling, whatever is typed or answered", async () => {
  const { page, close } = await ride.open({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  const width = () => page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(await width(), 360);
  await page.fill("#prompt", `https://example.org/${"a".repeat(400)} ${PROMPT}`);
  await attach(page, PIXEL, `${"scan-of-the-contract-".repeat(8)}.png`);
  assert.equal(await width(), 360);
  await send(page);
  for (const summary of await page.locator("summary:visible").all()) await summary.click();
  assert.equal(await width(), 360);
  await page.click("#open-settings");
  assert.equal(await width(), 360);
  const box = await page.locator("#settings").boundingBox();
  assert.ok(box.x >= 0 && box.x + box.width <= 360);
  await close();
});

test("pictures for people to look at", async () => {
  for (const colorScheme of ["light", "dark"]) {
    for (const [name, viewport] of [["desktop", { width: 1280, height: 900 }], ["phone", { width: 390, height: 844 }]]) {
      const { page, close } = await ride.open({ colorScheme, viewport });
      await picture(page, `${name}-${colorScheme}-rest`);
      await type(page, PROMPT);
      await picture(page, `${name}-${colorScheme}-typed`);
      await send(page);
      await picture(page, `${name}-${colorScheme}-receipt`);
      await close();
    }
  }
});
