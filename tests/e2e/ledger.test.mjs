// The ledger over reloads and several tabs of one browser, against the sandbox gateway: what was
// acknowledged is there, whatever happens to a tab, a write or an entry.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startSandbox } from "../../scripts/sandbox.mjs";
import { exactly, picture, send, settled, startRide, type } from "./ride.mjs";

const MODEL = "gpt-4o-mini";
const SECRET = "the otter keeps the key";

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

/** Makes a client in a page, under `globalThis.client`. */
const start = (page, ledger, more = {}) => page.evaluate(async ([model, kept, options]) => {
  const { Client } = await import("./promptfare/promptfare.js");
  globalThis.client = await Client.create({ baseUrl: new URL("gateway/v1", document.baseURI).href, models: [model], retryBudgetMs: 0, ledger: kept, ...options });
}, [MODEL, ledger, more]);

/** Sends `count` requests at once; gives their receipts without the texts. */
const sendMany = (page, count, words = "Tell me something short") => page.evaluate(async ([many, prompt]) => {
  const receipts = await Promise.all(Array.from({ length: many }, (_, at) => globalThis.client.send(globalThis.client.plan(`${prompt}, ${at}.`, { maxTokens: 40 })).receipt));
  return receipts.map(({ id, ending, cost, ledger, error }) => ({ id, ending, cost, ledger, error }));
}, [count, words]);

const kpis = (page, options) => page.evaluate((asked) => globalThis.client.kpis(asked), options);
const receipts = (page, query) => page.evaluate((asked) => globalThis.client.receipts(asked), query);

/** Asks until the figures are as wanted, or five seconds are over. */
async function kpisUntil(page, wanted) {
  for (let tries = 0; ; tries += 1) {
    const told = await kpis(page);
    if (wanted(told) || tries === 50) return told;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const reload = async (page) => {
  await page.reload();
  await page.waitForSelector("html[data-ready]");
};

/** All entries of the store, as they are in the browser. */
const stored = (page) => page.evaluate(() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("promptfare");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const store = opening.result.transaction("receipts").objectStore("receipts");
    const [keys, values] = [store.getAllKeys(), store.getAll()];
    values.onsuccess = () => {
      opening.result.close();
      resolve(keys.result.map((key, at) => [key, values.result[at]]));
    };
  };
}));

/** Writes entries by hand. */
const plant = (page, entries) => page.evaluate((all) => new Promise((resolve) => {
  const opening = indexedDB.open("promptfare");
  opening.onsuccess = () => {
    const transaction = opening.result.transaction("receipts", "readwrite");
    for (const [key, value] of all) transaction.objectStore("receipts").put(value, key);
    transaction.oncomplete = () => {
      opening.result.close();
      resolve();
    };
  };
}), entries);

const sum = (list) => list.reduce((total, { cost }) => total + exactly(cost.usd), 0n);

test("receipts, figures and feedback outlive a reload; one call forgets them", { timeout: 60_000 }, async () => {
  const { pages: [page], close } = await ride.openTabs(1);
  await start(page, { name: "reload" });
  const sent = await sendMany(page, 4, SECRET);
  for (const receipt of sent) assert.deepEqual([receipt.error, receipt.ledger], [undefined, { stored: true }]);
  await reload(page);
  await start(page, { name: "reload" });
  const told = await kpis(page);
  assert.equal(told.requests, 4);
  assert.equal(exactly(told.costUsd), sum(sent));
  assert.deepEqual([told.damaged, told.ledger], [0, { stored: true }]);
  assert.equal(told.completion.note, "too little data: 4 of 20 wanted");

  // Of an earlier session, by name alone.
  await page.evaluate((id) => globalThis.client.feedback(id, { thumb: "up", score: 4, correct: true, words: "short" }), sent[2].id);
  await assert.rejects(page.evaluate(() => globalThis.client.feedback("receipt_nobody", { thumb: "up" })), /feedback: receipt: found "receipt_nobody"/);
  await reload(page);
  await start(page, { name: "reload" });
  const kept = await receipts(page);
  assert.deepEqual(kept.map(({ id }) => id).sort(), sent.map(({ id }) => id).sort());
  assert.deepEqual(kept.find(({ id }) => id === sent[2].id).feedback, { thumb: "up", score: 4, correct: true, words: "short" });
  const { satisfaction, accuracy, perModel } = await kpis(page);
  assert.deepEqual([satisfaction.scores, accuracy.n, perModel[MODEL].feedback], [[0, 0, 0, 1, 0], 1, { up: 1, down: 0 }]);
  for (const record of kept) {
    assert.equal(record.v, 1);
    assert.ok(record.timing.totalMs > 0 && record.timing.pieces > 0 && record.attempts.length === 1, JSON.stringify(record));
    assert.ok(record.estimate.usd.expected && record.route.category && record.usage.outputTokens, JSON.stringify(record));
  }
  assert.equal(JSON.stringify([kept, await stored(page)]).includes("otter"), false, "no word of the prompt is kept");

  // Another ledger of the same origin sees nothing of it, and loses nothing by it.
  await start(page, { name: "other" });
  assert.equal((await kpis(page)).requests, 0);
  await sendMany(page, 1);
  await start(page, { name: "reload" });
  await page.evaluate(() => globalThis.client.clear());
  assert.deepEqual([(await kpis(page)).requests, await receipts(page)], [0, []]);
  assert.deepEqual((await stored(page)).map(([key]) => key.split("/")[0]).sort(), ["other", "other", "other", "reload"]);
  await close();
});

test("two tabs write at once: every receipt is there, and the figures are their sum in both", { timeout: 120_000 }, async () => {
  const { pages, close } = await ride.openTabs(2);
  for (const page of pages) await start(page, { name: "two" });
  const sent = [];
  for (let wave = 0; wave < 3; wave += 1) sent.push(...(await Promise.all(pages.map((page, at) => sendMany(page, 20, `tab ${at}, wave ${wave}`)))).flat());
  for (const { ledger } of sent) assert.deepEqual(ledger, { stored: true });
  const ids = sent.map(({ id }) => id).sort();
  assert.equal(new Set(ids).size, 120);
  for (const page of pages) {
    const told = await kpisUntil(page, ({ requests }) => requests >= 120);
    assert.equal(told.requests, 120);
    assert.equal(exactly(told.costUsd), sum(sent), "to the last digit");
    const kept = await receipts(page);
    assert.deepEqual(kept.map(({ id }) => id).sort(), ids);
    const { median } = told.latency.totalMs;
    const times = kept.map(({ timing }) => timing.totalMs).sort((a, b) => a - b);
    assert.ok(Math.abs(median.value / times[59] - 1) <= 0.0101, `${median.value} for ${times[59]}`);
    assert.ok(median.low <= times[59] && times[59] <= median.high);
  }
  // What one forgets the other forgets.
  await pages[0].evaluate(() => globalThis.client.clear());
  assert.equal((await kpisUntil(pages[1], ({ requests }) => requests === 0)).requests, 0);
  assert.equal((await pages[1].evaluate(() => globalThis.client.export().receipts)).length, 0);
  await close();
});

test("a tab that is killed while it writes: what was acknowledged is there, and nothing is half", { timeout: 120_000 }, async () => {
  const { pages: [victim, watcher], context, close } = await ride.openTabs(2);
  await start(watcher, { name: "killed" });
  const acknowledged = [];
  await victim.exposeFunction("acknowledge", (id) => acknowledged.push(id));
  await start(victim, { name: "killed" });
  victim.evaluate(async () => {
    const one = async (at) => {
      const { id, ledger } = await globalThis.client.send(globalThis.client.plan(`Short, please, ${at}.`, { maxTokens: 20 })).receipt;
      if (ledger.stored) globalThis.acknowledge(id);
      return one(at + 8);
    };
    await Promise.all(Array.from({ length: 8 }, (_, at) => one(at)));
  }).catch(() => {});
  while (acknowledged.length < 30) await new Promise((resolve) => setTimeout(resolve, 20));
  const session = await context.newCDPSession(victim);
  session.send("Page.crash").catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 500));
  const known = [...acknowledged];
  await start(watcher, { name: "killed" });
  const kept = await receipts(watcher);
  const names = new Set(kept.map(({ id }) => id));
  assert.deepEqual(known.filter((id) => !names.has(id)), [], "acknowledged and lost");
  const told = await kpis(watcher);
  assert.equal(told.requests, kept.length, "each is counted once, none without its record");
  assert.equal(exactly(told.costUsd), sum(kept));
  assert.equal(told.damaged, 0);
  console.log(`${known.length} acknowledged, ${kept.length} there`);
  await close();
});

test("storage full: the answer comes, the receipt says it is not stored, and what was stored stays", { timeout: 120_000 }, async () => {
  const { pages: [page], context, close } = await ride.openTabs(1);
  await start(page, { name: "full" });
  const before = await sendMany(page, 3);
  // Chromium remembers for half a minute how much room a database has.
  await new Promise((resolve) => setTimeout(resolve, 31_000));
  await reload(page);
  const session = await context.newCDPSession(page);
  const origin = new URL(page.url()).origin;
  await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1 });
  await start(page, { name: "full" });
  const [receipt] = await sendMany(page, 1);
  assert.equal(receipt.error, undefined);
  assert.equal(receipt.ledger.stored, false);
  assert.match(receipt.ledger.reason, /no room for 1 receipts/);
  assert.equal((await kpis(page)).requests, 4, "it is counted all the same");
  assert.equal((await receipts(page)).length, 4);
  assert.equal((await receipts(page, { limit: 2 })).at(-1).id, receipt.id);
  await page.evaluate((id) => globalThis.client.feedback(id, { thumb: "down" }), receipt.id);
  assert.equal((await kpis(page)).perModel[MODEL].feedback.down, 1);
  const exported = await page.evaluate(() => globalThis.client.export());
  assert.deepEqual(exported.receipts.map(({ id }) => id), [receipt.id], "the session's");
  await session.send("Storage.overrideQuotaForOrigin", { origin });
  await reload(page);
  await start(page, { name: "full" });
  const kept = (await receipts(page)).map(({ id }) => id);
  assert.deepEqual(kept.sort(), before.map(({ id }) => id).sort());
  assert.equal((await kpis(page)).requests, 3);
  // What was rescued as an export is taken over.
  const taken = await page.evaluate((data) => globalThis.client.import(data), exported);
  assert.deepEqual(taken, { added: 1, known: 0, tooOld: 0 });
  assert.equal((await kpis(page)).requests, 4);
  await close();
});

test("damaged entries are counted, told and left alone; cells are counted anew", { timeout: 60_000 }, async () => {
  const { pages: [page], close } = await ride.openTabs(1);
  await start(page, { name: "damaged" });
  const sent = await sendMany(page, 5);
  const entries = (await stored(page)).filter(([key]) => key.startsWith("damaged/"));
  const [key, row] = entries.find(([name]) => name.startsWith("damaged/r/"));
  const [cell, figures] = entries.find(([name]) => name.startsWith("damaged/c/"));
  const planted = [
    [`${key}-cut`, row.slice(0, row.length / 2)],
    [`${key}-newer`, row.replace("[1,", "[2,")],
    [`${key}-object`, { some: "thing" }],
    [cell, figures.replace("|", "|9")],
    ["damaged/c/nonsense", "1|2|3"],
  ];
  await plant(page, planted);
  await reload(page);
  await start(page, { name: "damaged" });
  const kept = await receipts(page);
  assert.deepEqual(kept.map(({ id }) => id).sort(), sent.map(({ id }) => id).sort());
  const told = await kpis(page);
  assert.equal(told.requests, 5);
  assert.equal(exactly(told.costUsd), sum(sent));
  assert.equal(told.damaged, planted.length);
  await sendMany(page, 1);
  assert.equal((await kpis(page)).requests, 6);
  const left = new Map(await stored(page));
  for (const [name, value] of planted.filter(([name]) => name !== cell)) assert.deepEqual(left.get(name), value, name);
  // The count beside them too.
  await plant(page, [["damaged/m", "{"]]);
  await start(page, { name: "damaged", maxReceipts: 3 });
  assert.equal((await kpis(page)).requests, 6, "those that had to go stay counted");
  assert.ok((await receipts(page)).length <= 3);
  await close();
});

test("a ledger of a newer version is left alone", { timeout: 60_000 }, async () => {
  const { pages: [page], close } = await ride.openTabs(1);
  // The first of all clients makes the stores.
  await start(page, true);
  const newer = JSON.stringify({ v: 2, count: 7 });
  await plant(page, [["newer/m", newer]]);
  await start(page, { name: "newer" });
  const [receipt] = await sendMany(page, 1);
  assert.equal(receipt.error, undefined);
  assert.match(receipt.ledger.reason, /version 2, wanted 1: a newer version/);
  assert.equal((await kpis(page)).ledger.stored, false);
  assert.deepEqual((await stored(page)).filter(([key]) => key.startsWith("newer/")), [["newer/m", newer]]);
  await close();
});

for (const [how, script] of [
  ["missing", "Object.defineProperty(globalThis, 'indexedDB', { value: undefined })"],
  ["refused", "IDBFactory.prototype.open = () => { throw new DOMException('not here', 'SecurityError'); }"],
]) {
  test(`storage ${how}: the ledger is in memory, and says so`, { timeout: 60_000 }, async () => {
    const { pages: [page], close } = await ride.openTabs(1, { script });
    await start(page, true);
    const [receipt] = await sendMany(page, 1);
    assert.equal(receipt.error, undefined);
    assert.equal(receipt.ledger.stored, false);
    assert.match(receipt.ledger.reason, /^storage: /);
    assert.equal((await receipts(page)).length, 1);
    assert.equal((await kpis(page)).requests, 1);
    await page.evaluate(() => globalThis.client.clear());
    assert.equal((await kpis(page)).requests, 0);
    await close();
  });
}

test("exports go out and come back, as JSON and as a table, whole or not at all", { timeout: 60_000 }, async () => {
  const { pages: [page], close } = await ride.openTabs(1);
  await start(page, { name: "out" });
  const sent = await sendMany(page, 6);
  await page.evaluate((id) => globalThis.client.feedback(id, { words: "=1+1, \"quoted\"\nand more", tags: ["a,b"] }), sent[0].id);
  const [out, figures] = [await receipts(page), await kpis(page)];
  for (const format of ["json", "csv"]) {
    const text = await receipts(page, { format });
    await start(page, { name: `in ${format}` });
    const taken = await page.evaluate((data) => globalThis.client.import(data), text);
    assert.deepEqual(taken, { added: 6, known: 0, tooOld: 0 });
    assert.deepEqual(await page.evaluate((data) => globalThis.client.import(data), text), { added: 0, known: 6, tooOld: 0 });
    assert.deepEqual(await receipts(page), out);
    const { ledger, ...told } = await kpis(page);
    const { ledger: wasStored, ...wanted } = figures;
    assert.deepEqual([told, ledger], [wanted, wasStored]);
    const broken = format === "csv" ? text.replace(/,(truncated|completed),/, ",excellent,") : text.replace(/"ending":"\w+"/, '"ending":"excellent"');
    await assert.rejects(page.evaluate((data) => globalThis.client.import(data), broken), format === "csv" ? /line \d+: ending: found "excellent"/ : /receipts\[\d+\]\.ending: found "excellent"/);
    await page.evaluate(() => globalThis.client.clear());
    await start(page, { name: "out" });
  }
  // A part of them.
  assert.equal((await receipts(page, { limit: 2 })).length, 2);
  assert.equal((await receipts(page, { model: "another" })).length, 0);
  assert.deepEqual(await receipts(page, { since: out[2].timing.sentAt, until: out[3].timing.sentAt }), out.filter(({ timing }) => timing.sentAt >= out[2].timing.sentAt && timing.sentAt <= out[3].timing.sentAt));
  await assert.rejects(receipts(page, { format: "xml" }), /format: found "xml", wanted json or csv/);
  await assert.rejects(kpis(page, { by: "weather" }), /by: found "weather"/);
  await close();
});

test("it is bounded, keeps texts only where asked, and asks the judge", { timeout: 60_000 }, async () => {
  const { pages: [page], close } = await ride.openTabs(1);
  await start(page, { name: "small", maxReceipts: 10, keepText: true });
  const judged = await page.evaluate(async (secret) => {
    const { Client } = await import("./promptfare/promptfare.js");
    const seen = [];
    const client = await Client.create({
      baseUrl: new URL("gateway/v1", document.baseURI).href, models: ["gpt-4o-mini"], ledger: { name: "small", maxReceipts: 10, keepText: true },
      judge: async (receipt) => { seen.push(receipt.text.length > 0); return seen.length % 2 === 0 ? 0.25 : true; },
    });
    globalThis.client = client;
    for (let at = 0; at < 24; at += 1) await client.send(client.plan(`${secret}, ${at}`, { maxTokens: 20, task: at < 12 ? "first" : "second" })).receipt;
    for (let tries = 0; tries < 100 && client.kpis().accuracy.n < 24; tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
    return seen;
  }, SECRET);
  assert.deepEqual(judged, Array(24).fill(true));
  const told = await kpis(page, { by: "task" });
  assert.deepEqual(told.groups.map(({ key, requests }) => [key, requests]), [["first", 12], ["second", 12]]);
  assert.equal(told.accuracy.n, 24);
  assert.ok(Math.abs(told.accuracy.value - 0.625) < 1e-9 && told.accuracy.low > 0.4 && told.accuracy.high < 0.8, JSON.stringify(told.accuracy));
  const kept = await receipts(page);
  assert.ok(kept.length <= 10 && kept.length > 5, `${kept.length}`);
  assert.ok(kept.every(({ prompt, text, score }) => prompt.includes("otter") && text.length > 0 && score > 0));
  await close();
});

test("the page shows how it went, and gives it out", { timeout: 90_000 }, async () => {
  const { page, close } = await ride.open();
  assert.equal(await page.isVisible("#ledger-table"), false, "out of the way until wanted");
  await type(page, "Explain monads with one picture.");
  const { status } = await send(page);
  assert.match(status, /^Answered/);
  await page.click("#ledger > summary");
  await page.waitForFunction(() => /1 request/.test(document.getElementById("ledger-since").textContent));
  await page.check("#ledger-keep");
  await page.waitForFunction(() => /kept in this browser/.test(document.getElementById("ledger-since").textContent));
  await type(page, "Explain monads with one picture.");
  await send(page);
  await page.click("#ledger-up");
  await page.waitForFunction(() => /too little data: 1 of 20/.test(document.getElementById("ledger-table").textContent));
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#ledger-csv")]);
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  const csv = Buffer.concat(chunks).toString();
  assert.match(csv, /^v,id,timing\.sentAt,/);
  assert.equal(csv.trim().split("\r\n").length, 3, "what was in memory went along");
  await picture(page, "ledger");
  await reload(page);
  await settled(page);
  await page.click("#ledger > summary");
  await page.waitForFunction(() => /2 requests/.test(document.getElementById("ledger-since").textContent));
  await page.click("#ledger-clear");
  await page.waitForFunction(() => /Nothing/.test(document.getElementById("ledger-since").textContent));
  await page.setInputFiles("#ledger-file", { name: "rides.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  await page.waitForFunction(() => /2 requests/.test(document.getElementById("ledger-since").textContent));
  await page.setInputFiles("#ledger-file", { name: "rides.csv", mimeType: "text/csv", buffer: Buffer.from("v,id\r\n1,x,y\r\n") });
  await page.waitForFunction(() => /line 2: row: found 3/.test(document.getElementById("ledger-note").textContent));
  await close();
});
