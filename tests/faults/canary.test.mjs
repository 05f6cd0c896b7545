// A key that nobody else has, planted on every way a key can come in, and searched everywhere a page
// can leave something: errors, logs, storage, addresses, exports, receipts, the document.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startServer } from "../../scripts/serve.mjs";
import { launch } from "../browser.mjs";
import { CANARY, PAGE } from "./harness.mjs";
import { startUpstream } from "./upstream.mjs";

/** Another, in the make of no known gateway: it is only known because it was given. */
const PLAIN = "Canary.7Qx-plain.0451.no.known.make";
const KEYS = [CANARY, PLAIN];
/** Faults whose answers carry the key, or text about keys, and some that say nothing of it. */
const NAMES = ["ok", "key-echoed", "key-echoed-plain", "key-in-stream", "key-in-html", "key-in-id", "e429", "html-502", "cut-between", "bad-json", "hang-up", "cors-missing"];

let upstream;
let browser;

before(async () => {
  upstream = await startUpstream({ ports: 2 });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await upstream?.stop();
});

/** A page whose every word and address is written down. */
async function listen(url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const said = [];
  page.on("console", async (message) => {
    said.push(message.text());
    for (const argument of message.args()) said.push(await argument.evaluate((value) => { try { return `${value} ${value?.stack} ${JSON.stringify(value)}`; } catch { return ""; } }).catch(() => ""));
  });
  page.on("pageerror", (error) => said.push(`${error} ${error.stack}`));
  page.on("request", (request) => {
    const { authorization, ...headers } = request.headers();
    said.push(request.url(), JSON.stringify(headers), request.postData() ?? "");
  });
  page.on("response", (response) => said.push(response.url()));
  await page.goto(url);
  await page.waitForSelector("html[data-ready]", { state: "attached", timeout: 30_000 });
  return { page, said };
}

/** Everything that a page keeps, as one text. */
const kept = (page) => page.evaluate(async () => {
  const parts = [document.documentElement.outerHTML, location.href, document.title, document.cookie, JSON.stringify(history.state), JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })];
  for (const field of document.querySelectorAll("input, textarea, select, output")) parts.push(field.value);
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) parts.push(request.url, await (await cache.match(request)).text());
  }
  const finished = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  for (const { name } of await indexedDB.databases()) {
    const database = await finished(indexedDB.open(name));
    parts.push(name);
    for (const store of database.objectStoreNames) {
      const all = database.transaction(store).objectStore(store);
      parts.push(store, JSON.stringify(await finished(all.getAll())), JSON.stringify(await finished(all.getAllKeys())));
    }
    database.close();
  }
  for (const entry of performance.getEntries()) parts.push(entry.name);
  return parts.join("\n");
});

function clean(text, where) {
  for (const key of KEYS) {
    // A good part of it is as bad as the whole.
    for (const part of [key, key.slice(0, 16), key.slice(-16), encodeURIComponent(key), Buffer.from(key).toString("base64")]) {
      const at = text.indexOf(part);
      assert.equal(at, -1, `${where} shows the key: …${text.slice(Math.max(0, at - 60), at + 20)}…`);
    }
  }
}

for (const [at, key] of KEYS.entries()) {
  for (const way of at === 0 ? ["callback", "text"] : ["promise", "text"]) {
    test(`the key is nowhere: given as a ${way}, ${at === 0 ? "of a known make" : "of no known make"}`, { timeout: 60_000 }, async () => {
      const server = await startServer({ page: PAGE });
      const { page, said } = await listen(server.url);
      const baseUrl = `${upstream.origins[0]}/open/v1`;
      const hidden = `${upstream.origins[1]}/none/v1`;
      const told = await page.evaluate(async ([secret, how, names, open, closed]) => {
        const { Client, told } = globalThis.faults;
        const apiKey = { callback: () => secret, promise: async () => secret, text: secret }[how];
        const out = [];
        for (const name of names) {
          const client = await Client.create({ baseUrl: name === "cors-missing" ? closed : open, apiKey, allowKeyInPage: true, retryBudgetMs: 0 });
          const plan = client.plan({ model: `fault/${name}`, messages: [{ role: "user", content: "x" }], stream: true });
          const answer = client.send(plan);
          let text = "";
          try {
            for await (const piece of answer) text += piece.text ?? "";
          } catch (error) {
            console.error(error);
            console.log(String(error), error.stack, error);
            localStorage.setItem(`error-${name}`, JSON.stringify(told(error)));
            document.getElementById("answer").textContent += `${error}\n`;
            out.push(told(error), Object.getOwnPropertyNames(error).map((field) => String(error[field])));
          }
          const receipt = await answer.receipt;
          client.feedback(receipt.id, { thumb: "up" });
          console.log(client, answer, plan, receipt);
          out.push(receipt, plan, client.kpis(), client.export(), JSON.stringify(client), Object.entries(client), String(client));
          try {
            out.push(await client.models());
          } catch (error) {
            out.push(told(error));
          }
        }
        return JSON.stringify(out);
      }, [key, way, NAMES, baseUrl, hidden]);
      await page.waitForTimeout(100);
      clean(told, "an error, a receipt, a plan or an export");
      clean(await kept(page), "the document, a field or a storage");
      clean(said.join("\n"), "the console, an address or a request");
      assert.ok(upstream.seen.some(({ headers }) => headers.authorization === `Bearer ${key}`), "the upstream had it");
      await page.context().close();
      await server.stop();
    });
  }
}

test("a key that cannot be used, or a callback that fails, is told without it", { timeout: 60_000 }, async () => {
  const server = await startServer({ page: PAGE });
  const { page, said } = await listen(server.url);
  const told = await page.evaluate(async ([secret, baseUrl]) => {
    const out = [];
    const attempts = [
      { apiKey: secret }, { apiKey: `${secret}\n\u0007`, allowKeyInPage: true }, { apiKey: { key: secret } }, { apiKey: [secret] },
      { apiKey: () => `${secret} with spaces` }, { apiKey: () => ({ secret }) }, { apiKey: () => { throw new Error(`cannot use ${secret}`); } },
      { apiKey: async () => { throw `cannot use ${secret}`; } }, { baseUrl: `https://user:${secret}@gateway.example/v1` },
    ];
    for (const options of attempts) {
      try {
        const client = await globalThis.faults.Client.create({ baseUrl, retryBudgetMs: 0, ...options });
        const answer = client.send(client.plan({ model: "fault/ok", messages: [{ role: "user", content: "x" }], stream: true }));
        const receipt = await answer.receipt;
        out.push({ options: attempts.indexOf(options), receipt, error: receipt.error });
        for await (const piece of answer) out.push(piece);
      } catch (error) {
        console.error(error);
        out.push({ options: attempts.indexOf(options), error: globalThis.faults.told(error) });
      }
    }
    return out;
  }, [PLAIN, `${upstream.origins[0]}/open/v1`]);
  for (let at = 0; at < 9; at += 1) assert.ok(told.some(({ options, error }) => options === at && error), `attempt ${at} fails`);
  clean(JSON.stringify(told), "an error");
  clean(await kept(page), "the document or a storage");
  clean(said.join("\n"), "the console, an address or a request");
  await page.context().close();
  await server.stop();
});

test("the page's own field for a key: typed, used, and nowhere", { timeout: 60_000 }, async () => {
  const server = await startServer();
  const { page, said } = await listen(server.url);
  await page.click("#open-settings");
  await page.fill("#base-url", `${upstream.origins[0]}/open/v1`);
  await page.fill("#api-key", PLAIN);
  await page.click("#settings-form button[type=submit]");
  for (const name of ["ok", "key-echoed-plain", "key-in-stream"]) {
    await page.fill("#prompt", `Please play fault/${name} for me.`);
    await page.waitForSelector("#before[aria-busy=false]", { timeout: 60_000 });
    await page.click("#send");
    await page.waitForFunction((wanted) => document.querySelector("#receipt:not([hidden])") !== null && document.querySelectorAll("#receipt .ending").length === 1 && document.querySelector("#prompt").value.includes(wanted), name, { timeout: 30_000 });
    await page.waitForSelector("#stop", { state: "hidden", timeout: 30_000 });
    clean(await kept(page), `the page after ${name}`);
  }
  assert.ok(upstream.seen.some(({ headers, name }) => headers.authorization === `Bearer ${PLAIN}` && name === "key-echoed-plain"), "the key was used");
  clean(said.join("\n"), "the console, an address or a request");
  await page.reload();
  await page.waitForSelector("html[data-ready]", { state: "attached", timeout: 30_000 });
  clean(await kept(page), "the page after a reload");
  await page.context().close();
  await server.stop();
});
