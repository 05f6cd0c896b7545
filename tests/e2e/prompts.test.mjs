// Prompts of parts against a real LiteLLM proxy: every shape that can be built is planned, sent and
// answered, and LiteLLM received what the plan said. Pictures are shrunk in a real browser, and held
// to their sizes and pixels.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { build } from "../../scripts/build.mjs";
import { ensureLitellm, startLitellm } from "../../scripts/litellm.mjs";
import { root } from "../../scripts/setup.mjs";
import { picture, send, settled, startRide, type } from "./ride.mjs";
import { startSandbox } from "../../scripts/sandbox.mjs";
import { readStream, startTap } from "./tap.mjs";

const KEY = "sk-litellm-only-in-this-test";
const MODELS = ["claude-opus-4", "claude-sonnet-4", "gpt-4o-mini"];
const PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const PDF = `data:application/pdf;base64,${Buffer.from("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF").toString("base64")}`;

const { command, missing } = ensureLitellm();
if (missing !== undefined) console.log(`\n!! left out: the prompts of parts against a real LiteLLM proxy (${missing})\n`);

let promptfare;
let litellm;
let tap;
let sandbox;
let ride;
const awake = setInterval(() => {}, 1000);
before(async () => {
  await build();
  promptfare = await import(pathToFileURL(path.join(root, "pkg/promptfare.js")).href);
  await promptfare.default(readFileSync(path.join(root, "pkg/promptfare_core_bg.wasm")));
  await promptfare.loadVocabulary("o200k_base", readFileSync(path.join(root, "pkg/vocabularies/o200k_base.bin")));
  sandbox = await startSandbox();
  ride = await startRide({ gateway: sandbox.url });
});
after(async () => {
  clearInterval(awake);
  await ride?.stop();
  await sandbox?.stop();
  await tap?.stop();
  await litellm?.stop();
});

const SCHEMA = { title: "event", type: "object", additionalProperties: false, required: ["day"], properties: { day: { type: "string" } } };
const TOOL = { type: "function", function: { name: "weather", description: "The weather of a place.", parameters: { type: "object", properties: { place: { type: "string" } } } } };
const EXAMPLES = [{ input: "Loved it.", output: "good" }, { input: "Never again.", output: "bad" }, { input: "Nothing to add.", output: "neither", weight: 3 }];

/** Each part alone, then together: `[name, prompt, options]`. */
const SHAPES = [
  ["a text", "Explain monads with one picture.", {}],
  ["a task", { task: "Explain monads." }, {}],
  ["several asks", { task: ["Summarise the letter.", "Name what is asked for."], context: "Dear council, it rains." }, {}],
  ["asks in a text", "Summarise the report. Then list its risks.", {}],
  ["a role", { role: "You are a patient teacher.", text: "What is a monad?" }, {}],
  ["a role in a word", { role: "teacher", text: "What is a monad?" }, {}],
  ["system and role", { system: "Be kind.", role: "teacher", text: "What is a monad?" }, {}],
  ["a format", { format: "Three bullet points.", text: "What is a monad?" }, {}],
  ["a schema", { format: SCHEMA, text: "We meet on Monday." }, {}],
  ["constraints", { constraints: ["No jargon.", "At most 50 words."], text: "What is a monad?" }, {}],
  ["examples", { task: "Good or bad?", examples: EXAMPLES, text: "Better than feared." }, {}],
  ["examples in a budget", { task: "Good or bad?", examples: EXAMPLES, text: "Better than feared." }, { examplesTokens: 25 }],
  ["context", { context: [{ title: "Letter", text: "It rains.</document>" }, { text: "<b>" }], text: "Who writes?" }, {}],
  ["a text file", { attachments: [{ name: "rain.csv", text: "day,mm\n1,40" }], text: "Which day?" }, {}],
  ["an image", { attachments: [{ name: "dot.png", image: PIXEL }], text: "What is this?" }, {}],
  ["images, the old way", { images: [PIXEL], text: "What is this?" }, {}],
  ["a file", { attachments: [{ name: "empty.pdf", file: PDF }], text: "What is this?" }, {}],
  ["history", { history: [{ role: "user", content: "Hi" }, { role: "assistant", content: "Hello." }], role: "teacher", examples: EXAMPLES, text: "And?" }, {}],
  ["tools", { task: "What is the weather in Rome?", constraints: "Celsius." }, { tools: [TOOL], toolChoice: "auto" }],
  ["a limit and a temperature", { task: "Explain monads." }, { maxTokens: 300, temperature: 0.2 }],
  ["German", { role: "ein geduldiger Lehrer", task: ["Erkläre den Satz.", "Gib ein Beispiel."], context: "a² + b² = c²" }, {}],
  ["French", { task: "Résumez la lettre en deux phrases.", context: "Il pleut." }, {}],
  ["Spanish", { task: "Resume la carta en dos frases.", context: "Llueve." }, {}],
  ["Portuguese", { task: "Resuma a carta em duas frases, por favor.", context: "Não para de chover." }, {}],
  ["Italian", { task: "Riassumi la lettera in due frasi.", context: "Piove." }, {}],
  ["Japanese", { task: "手紙を要約してください。", context: "雨が降っています。" }, {}],
  ["Arabic, right to left", { text: "لخّص الرسالة في جملتين.", constraints: ["بلا مقدمة"] }, {}],
  ["everything", {
    role: "You are a patient editor.", system: "Answer in English.", task: ["Summarise the letter.", "Name what is asked for."],
    text: "Mind the tone.", format: SCHEMA, constraints: ["No names."], examples: EXAMPLES,
    context: [{ title: "Letter of 3 May", text: "Dear council, our street floods." }],
    attachments: [{ name: "rain.csv", text: "1,40" }, { name: "dot.png", image: PIXEL }, { name: "empty.pdf", file: PDF }],
    history: [{ role: "user", content: "Hi" }, { role: "assistant", content: "Hello." }],
  }, { tools: [TOOL], maxTokens: 300, examplesTokens: 30 }],
];

test("every shape of a prompt, for every tier, is taken and answered by LiteLLM", { skip: missing, timeout: 400_000 }, async (context) => {
  litellm = await startLitellm({ command, key: KEY });
  tap = await startTap(litellm.url);
  const client = await promptfare.Client.create({ baseUrl: tap.url, apiKey: () => Promise.resolve(KEY), models: MODELS, failover: false, policy: { allowRetired: true } });
  let sent = 0;
  for (const [name, prompt, options] of SHAPES) {
    for (const tier of ["plain", "deep", "fast", "auto"]) {
      // The picked model, and each of the others by its name.
      for (const model of tier === "auto" ? [undefined] : MODELS) {
        if (model === "gpt-4o-mini" && JSON.stringify(prompt).includes("application/pdf")) continue;
        const place = `${name}, ${tier}, ${model ?? "any"}`;
        const plan = client.plan(prompt, { ...options, tier, ...(model === undefined ? {} : { model }) });
        const answer = client.send(plan);
        let text = "";
        for await (const piece of answer) text += piece.text ?? "";
        const receipt = await answer.receipt;
        assert.equal(receipt.ending, "completed", `${place}: ${receipt.error?.message}`);
        const exchange = tap.exchanges.at(-1);
        assert.deepEqual([exchange.status, exchange.body], [200, plan.request], place);
        assert.equal(text, readStream(exchange).text, place);
        assert.ok(text.length > 10 && receipt.usage.inputTokens > 0 && Number(receipt.cost.usd) > 0, place);
        for (const sentence of plan.prompt?.added ?? []) assert.ok(JSON.stringify(exchange.body.messages).includes(JSON.stringify(sentence).slice(1, -1)), place);
        if (tier === "plain" && options.examplesTokens === undefined) assert.equal(plan.prompt, null, place);
        sent += 1;
      }
    }
  }
  context.diagnostic(`${SHAPES.length} shapes, ${sent} requests, all accepted, each with its receipt`);
  console.log(`${SHAPES.length} shapes, ${sent} requests to LiteLLM: all accepted, each with its receipt`);
});

test("the request of a plan is what buildRequest gives for its tier, and its route replays", async () => {
  const client = await promptfare.Client.create({ baseUrl: "http://127.0.0.1:9/v1", models: MODELS.slice(0, 2), policy: { allowRetired: true } });
  for (const [name, prompt, options] of SHAPES) {
    const plan = client.plan(prompt, { ...options, tier: "auto" });
    const { tier } = plan.prompt;
    assert.equal(tier, plan.model === "claude-opus-4" ? "deep" : "fast", name);
    assert.deepEqual(plan.request, promptfare.buildRequest(prompt, { ...options, tier, model: plan.model, stream: true }), name);
    // The route was decided on the prompt with nothing added, and all of its examples.
    const { examplesTokens, ...rest } = options;
    const plain = promptfare.buildRequest(prompt, { ...rest, stream: true });
    assert.deepEqual(promptfare.replayRoute(plan.route.receipt, plain), { same: true, model: plan.model, differs: [] }, name);
    assert.equal(plan.tokens.tokens, promptfare.estimateTokens(plan.request).tokens, name);
  }
  client.free();
  const [, prompt] = SHAPES.at(-1);
  for (const tier of ["plain", "deep", "fast"]) {
    const request = promptfare.buildRequest(prompt, { model: "gpt-4o-mini", tier, stream: true });
    assert.equal(request.response_format.json_schema.name, "event");
    assert.equal(request.messages.filter(({ role }) => role === "assistant").length, EXAMPLES.length + 1);
  }
  const few = promptfare.buildRequest({ task: "Good or bad?", examples: EXAMPLES, text: "Better than feared." }, { model: "gpt-4o-mini", examplesTokens: 25 });
  assert.ok(few.messages.length < 2 + 2 * EXAMPLES.length);
  assert.deepEqual(few.messages[1].content, "Nothing to add.", "the heaviest stays");
  assert.throws(() => promptfare.buildRequest({ text: "x", examples: EXAMPLES }, { examplesTokens: 25 }), { kind: "invalid_input" });
  assert.throws(() => promptfare.buildRequest("x", { tier: "auto" }), { kind: "invalid_input" });
});

// ---------------------------------------------------------------- pictures

/** Draws in the page, shrinks there, and reads the result's pixels back. */
function shrink(page, { width, height, type, model, options, clear, turn }) {
  return page.evaluate(async ({ width, height, type, model, options, clear, turn }) => {
    const { shrinkImage } = await import("./promptfare/workshop.js");
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    // Quarters of four colours, the last one clear where that is wanted.
    for (const [x, y, colour] of [[0, 0, "#e00000"], [1, 0, "#00e000"], [0, 1, "#0000e0"], [1, 1, "#e0e000"]]) {
      if (clear && x === 1 && y === 1) continue;
      context.fillStyle = colour;
      context.fillRect((x * width) / 2, (y * height) / 2, width / 2, height / 2);
    }
    let blob = await canvas.convertToBlob({ type, quality: 0.98 });
    if (turn) {
      // An EXIF segment with orientation 6 (a quarter turn to the right), after the file's first mark.
      const exif = [0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
      const bytes = new Uint8Array(await blob.arrayBuffer());
      blob = new Blob([bytes.slice(0, 2), new Uint8Array(exif), bytes.slice(2)], { type });
    }
    const result = await shrinkImage(blob, model, options);
    const back = await createImageBitmap(await (await fetch(result.picture)).blob());
    const read = new OffscreenCanvas(back.width, back.height).getContext("2d", { willReadFrequently: true });
    read.drawImage(back, 0, 0);
    const at = (x, y) => [...read.getImageData(Math.floor(back.width * x), Math.floor(back.height * y), 1, 1).data];
    return {
      ...result, picture: result.picture.slice(0, 20), pixels: [back.width, back.height],
      colours: [at(0.25, 0.25), at(0.75, 0.25), at(0.25, 0.75), at(0.75, 0.75)],
      same: result.bytes === blob.size,
    };
  }, { width, height, type, model, options, clear, turn });
}

const near = (found, wanted) => found.every((value, at) => Math.abs(value - wanted[at]) < 12);
const [RED, GREEN, BLUE, YELLOW] = [[224, 0, 0, 255], [0, 224, 0, 255], [0, 0, 224, 255], [224, 224, 0, 255]];

test("pictures shrink to what the model sees, with their colours, turn and clear parts", async () => {
  // The package's files from where the page has them; connections to data: are for reading back.
  const { page, close } = await ride.open({ bypassCSP: true });
  for (const { model, width, height, type } of [
    { model: "claude-sonnet-4", width: 3000, height: 2000, type: "image/jpeg" },
    { model: "claude-sonnet-4", width: 1600, height: 1200, type: "image/png" },
    { model: "gpt-4o", width: 4000, height: 1000, type: "image/webp" },
  ]) {
    const advice = promptfare.imageAdvice({ width, height }, model);
    const shrunk = await shrink(page, { width, height, type, model });
    const wanted = advice.lossless ? advice.cheaper : advice.sameView;
    assert.deepEqual(shrunk.pixels, [wanted.width, wanted.height], model);
    assert.deepEqual([shrunk.width, shrunk.height], shrunk.pixels);
    assert.deepEqual(shrunk.before, { width, height, bytes: shrunk.before.bytes, tokens: advice.tokens });
    assert.ok(shrunk.picture.startsWith(`data:${type};`), shrunk.picture);
    assert.ok(shrunk.lossless && shrunk.bytes < shrunk.before.bytes);
    assert.ok([RED, GREEN, BLUE, YELLOW].every((colour, at) => near(shrunk.colours[at], colour)), JSON.stringify(shrunk.colours));

    const cheaper = await shrink(page, { width, height, type, model, options: { cheaper: true } });
    assert.deepEqual(cheaper.pixels, [advice.cheaper.width, advice.cheaper.height]);
    assert.equal(cheaper.tokensSaved, advice.saved);
    assert.equal(cheaper.tokens, promptfare.imageAdvice({ width: cheaper.width, height: cheaper.height }, model).tokens, "as the smaller picture is counted");
    assert.equal(cheaper.usdSaved, promptfare.calculateCost(model, { inputTokens: advice.saved, outputTokens: 0 }).usd);
    console.log(`${model}: ${width}×${height} → ${cheaper.width}×${cheaper.height}, ${advice.tokens} → ${cheaper.tokens} tokens, ${cheaper.before.bytes} → ${cheaper.bytes} bytes, $${cheaper.usdSaved} a request`);
  }
  // A clear quarter stays clear in PNG and WebP.
  for (const type of ["image/png", "image/webp"]) {
    const shrunk = await shrink(page, { width: 3000, height: 2000, type, model: "claude-sonnet-4", clear: true });
    assert.ok(shrunk.width < 3000);
    assert.equal(shrunk.colours[3][3], 0, type);
    assert.ok(near(shrunk.colours[0], RED));
  }
  // A camera's quarter turn: what was upper left is upper right.
  const turned = await shrink(page, { width: 3000, height: 2000, type: "image/jpeg", model: "claude-sonnet-4", turn: true });
  assert.deepEqual([turned.before.width, turned.before.height], [2000, 3000]);
  assert.ok(turned.pixels[0] < turned.pixels[1] && turned.pixels[1] < 3000);
  assert.ok([BLUE, RED, YELLOW, GREEN].every((colour, at) => near(turned.colours[at], colour)), JSON.stringify(turned.colours));
  // Nothing to save: as it was, to the byte.
  for (const [width, height] of [[1, 1], [200, 100]]) {
    const kept = await shrink(page, { width, height, type: "image/png", model: "claude-sonnet-4" });
    assert.deepEqual([kept.same, kept.pixels, kept.tokensSaved, kept.usdSaved], [true, [width, height], 0, null]);
  }
  const refused = await page.evaluate(async () => {
    const { shrinkImage } = await import("./promptfare/workshop.js");
    const kinds = [];
    for (const [given, model] of [["x", "gpt-4o"], [new Blob(["no picture"], { type: "image/png" }), "gpt-4o"]]) kinds.push(await shrinkImage(given, model).catch(({ kind }) => kind));
    return kinds;
  });
  assert.deepEqual(refused, ["invalid_input", "invalid_input"]);
  await close();
});

test("the page: parts and a tier are seen before they are sent, and sent as seen", async () => {
  const { page, close } = await ride.open();
  await type(page, "Prove that the square root of two is irrational, and explain every step.");
  await page.click("#parts > summary");
  await page.fill("#part-role", "You are a patient teacher.");
  await page.fill("#part-constraints", "No jargon.\nAt most 200 words.");
  await page.fill("#part-context", "Pythagoras is said to have been angry.");
  await page.click("#add-example");
  await page.fill(".example-input", "Prove that 3 is odd.");
  await page.fill(".example-output", "3 = 2 · 1 + 1.");
  await page.selectOption("#part-tier", "deep");
  await settled(page);
  const seen = await page.textContent("#rendered");
  for (const words of ["patient teacher", "- At most 200 words.", "Pythagoras", "Prove that 3 is odd.", "Think step by step"]) assert.ok(seen.includes(words), `${words} in ${seen}`);
  assert.match(await page.textContent("#added"), /Think step by step/);
  await picture(page, "parts");
  const body = page.waitForRequest((one) => one.url().endsWith("/chat/completions"));
  const shown = await send(page);
  assert.equal(shown.ending, "completed");
  const { messages } = (await body).postDataJSON();
  assert.deepEqual(messages.map(({ role }) => role), ["system", "user", "assistant", "user"]);
  for (const { content } of messages) assert.ok(seen.includes(content));
  await page.selectOption("#part-tier", "plain");
  await page.fill("#part-role", "");
  await settled(page);
  assert.ok(!(await page.textContent("#rendered")).includes("step by step"));
  assert.equal(await page.isVisible("#added"), false);
  await close();
});

test("the page: a picture is scaled down at a click, with what that saves, and put back", async () => {
  const { page, close } = await ride.open();
  await type(page, "What is this?");
  const url = await page.evaluate(() => Object.assign(document.createElement("canvas"), { width: 1600, height: 1200 }).toDataURL("image/png"));
  await page.click(".composer > .more > summary");
  await page.setInputFiles("#image", { name: "plan.png", mimeType: "image/png", buffer: Buffer.from(url.split(",")[1], "base64") });
  await page.waitForSelector("#images .shrink:not([hidden])");
  await settled(page);
  const model = await page.textContent("#route .pick");
  const advice = promptfare.imageAdvice({ width: 1600, height: 1200 }, model);
  await page.click("#images .shrink");
  await page.waitForFunction(() => document.querySelector("#images .advice").textContent.includes("→"));
  await settled(page);
  const line = await page.textContent("#images .advice");
  const number = (value) => value.toLocaleString("en-US");
  const { width, height, tokens } = advice.cheaper;
  assert.ok(line.startsWith(`1,600 × 1,200 → ${number(width)} × ${number(height)}, ${number(advice.tokens)} → ${number(tokens)} tokens on ${model}`), line);
  await picture(page, "shrunk");
  const body = page.waitForRequest((one) => one.url().endsWith("/chat/completions"));
  await send(page);
  const [image] = (await body).postDataJSON().messages.at(-1).content;
  assert.deepEqual(promptfare.imageAdvice(image.image_url.url, model).tokens, tokens);
  await page.click("#images .shrink");
  await settled(page);
  assert.ok(!(await page.textContent("#images .advice")).includes("→"));
  await close();
});
