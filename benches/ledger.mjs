// The ledger at size, in Chromium: writing, asking, room on the disk, out and in. Prints the table of
// docs/ledger.md. `npm run bench:ledger -- 10000` takes another number of receipts than 100,000.
import { startSandbox } from "../scripts/sandbox.mjs";
import { build } from "../scripts/build.mjs";
import { startServer } from "../scripts/serve.mjs";
import { launch } from "../tests/browser.mjs";

const MANY = Number(process.argv[2] ?? 100_000);

await build();
const sandbox = await startSandbox();
const server = await startServer({ gateway: sandbox.url, sandbox: true });
const browser = await launch();
try {
  const page = await (await browser.newContext()).newPage();
  await page.goto(server.url);
  await page.waitForSelector("html[data-ready]");
  const figures = await page.evaluate(measure, MANY);
  console.log(`${MANY.toLocaleString("en")} receipts, ${browser.browserType().name()} ${browser.version()}`);
  for (const [name, value] of figures) console.log(`${name.padEnd(62)}${value}`);
} finally {
  await browser.close();
  await server.stop();
  await sandbox.stop();
}

async function measure(many) {
  const { Client } = await import("./promptfare/promptfare.js");
  const create = (name) => Client.create({ baseUrl: new URL("gateway/v1", document.baseURI).href, models: ["gpt-4o-mini", "gpt-5"], ledger: { name, maxReceipts: 1_000_000 } });
  const rows = [];
  const ms = (value) => (value < 10 ? `${value.toFixed(2)} ms` : `${Math.round(value).toLocaleString("en")} ms`);
  const timed = async (work) => {
    const begun = performance.now();
    const result = await work();
    return [performance.now() - begun, result];
  };
  const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
  const room = async () => (await navigator.storage.estimate()).usageDetails?.indexedDB ?? (await navigator.storage.estimate()).usage;
  const mb = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

  // Sent for real, with and without the ledger: what storing adds to one receipt.
  const off = await Client.create({ baseUrl: new URL("gateway/v1", document.baseURI).href, models: ["gpt-4o-mini"] });
  let client = await create("real");
  const one = (which) => timed(() => which.send(which.plan("Short, please.", { maxTokens: 1 })).receipt);
  let last = null;
  /** One by one in turn, so that both have the same machine. */
  const pairs = async (kept) => {
    const [without, within] = [[], []];
    for (let at = 0; at < 100; at += 1) {
      without.push((await one(off))[0]);
      const [took, receipt] = await one(kept);
      within.push(took);
      last = receipt.id;
    }
    return `${ms(median(within))}, in memory ${ms(median(without))}`;
  };
  rows.push(["sent and stored, from send to receipt (median of 100)", await pairs(client)]);

  // A year of receipts that were never sent, of the shape of a real one.
  const [sample] = await client.receipts({ limit: 1 });
  const [model, tasks] = [["gpt-4o-mini", "gpt-5", "claude-sonnet-5-5"], ["code", "support", "summary", "other"]];
  let state = 7;
  const chance = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const begin = Date.now() - 365 * 86_400_000;
  const made = Array.from({ length: many }, (_, at) => {
    const total = Math.round(3_000 * Math.exp(1.2 * (chance() + chance() + chance() - 1.5))) / 10;
    return {
      ...sample, id: `${sample.id}${at.toString(36)}`, model: model[at % 3], task: tasks[(at >> 2) % 4], ending: chance() < 0.96 ? "completed" : "errored",
      cost: { usd: (Math.round(1e6 * 0.002 * Math.exp(2 * (chance() + chance() - 1))) / 1e6).toString() },
      timing: { ...sample.timing, sentAt: begin + Math.floor((at / many) * 364.9 * 86_400_000), firstPieceMs: total / 4, lastPieceMs: total, totalMs: total, pieces: 40 },
      ...(chance() < 0.1 ? { feedback: { thumb: chance() < 0.8 ? "up" : "down" } } : {}),
    };
  });
  const text = JSON.stringify({ schema: 1, receipts: made, feedback: [] });
  const empty = await room();
  client.free();
  client = await create("year");
  const [importing, told] = await timed(() => client.import(text));
  if (told.added !== many) throw new Error(JSON.stringify(told));
  rows.push(["import of all, from JSON text, in one transaction", `${ms(importing)}, ${(1_000 * importing / many).toFixed(0)} µs each`]);

  // While there are so many.
  rows.push(["the same beside so many", await pairs(client)]);
  const [burst] = await timed(() => Promise.all(Array.from({ length: 500 }, () => client.send(client.plan("Short, please.", { maxTokens: 1 })).receipt)));
  const [plain] = await timed(() => Promise.all(Array.from({ length: 500 }, () => off.send(off.plan("Short, please.", { maxTokens: 1 })).receipt)));
  rows.push(["500 sent at once, all stored", `${ms(burst)}, in memory ${ms(plain)}`]);
  client.free();
  const [opening, again] = await timed(() => create("year"));
  rows.push(["opening: a year of cells read", ms(opening)]);
  const figures = again.kpis({ by: "model" });
  rows.push(["  for these figures", `${figures.requests.toLocaleString("en")} requests, completion ${figures.completion.value.toFixed(4)} (${figures.completion.low.toFixed(4)} to ${figures.completion.high.toFixed(4)})`]);
  rows.push(["kpis(), by model", ms((await timed(() => again.kpis({ by: "model" })))[0])]);
  rows.push(["kpis() of one week", ms((await timed(() => again.kpis({ since: Date.now() - 7 * 86_400_000 })))[0])]);
  rows.push(["receipts({ limit: 100 })", ms((await timed(() => again.receipts({ limit: 100 })))[0])]);
  const week = await timed(() => again.receipts({ since: begin, until: begin + 7 * 86_400_000 }));
  rows.push([`receipts of one week (${week[1].length.toLocaleString("en")})`, ms(week[0])]);
  rows.push(["receipts(), all as objects", ms((await timed(() => again.receipts()))[0])]);
  const [exporting, csv] = await timed(() => again.receipts({ format: "csv" }));
  rows.push(["receipts({ format: \"csv\" })", `${ms(exporting)}, ${mb(csv.length)}`]);
  const [writing, json] = await timed(() => again.receipts({ format: "json" }));
  rows.push(["receipts({ format: \"json\" })", `${ms(writing)}, ${mb(json.length)}`]);
  rows.push(["feedback on a receipt of an earlier session", ms((await timed(() => again.feedback(last, { thumb: "up" })))[0])]);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const full = await room();
  rows.push(["on the disk (navigator.storage.estimate)", `${mb(full - empty)}, ${((full - empty) / many).toFixed(0)} bytes each`]);
  const entries = await new Promise((resolve) => {
    const open = indexedDB.open("promptfare");
    open.onsuccess = () => {
      const all = open.result.transaction("receipts").objectStore("receipts").getAll(IDBKeyRange.bound("year/c/", "year/c0"));
      all.onsuccess = () => resolve(all.result);
    };
  });
  const size = entries.reduce((sum, cell) => sum + cell.length, 0);
  rows.push([`  of it the cells (${entries.length.toLocaleString("en")})`, `${mb(size)}, ${(size / entries.length).toFixed(0)} bytes each`]);
  const target = await create("copy");
  rows.push(["import of all, from the table", ms((await timed(() => target.import(csv)))[0])]);
  rows.push(["clear()", ms((await timed(() => target.clear()))[0])]);
  return rows;
}
