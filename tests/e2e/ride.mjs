// The page in a real browser, with everything it talks to, for the tests beside this file.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startServer } from "../../scripts/serve.mjs";
import { launch } from "../browser.mjs";

const OUTPUT = fileURLToPath(new URL("./output/", import.meta.url));

/** A server in front of `gateway`, and a browser. */
export async function startRide(gateway) {
  const forwarded = [];
  const server = await startServer({ ...gateway, onRequest: (request) => forwarded.push(request) });
  const browser = await launch();
  return {
    url: server.url,
    forwarded,
    /** A fresh page that is ready. Anything the browser complains about fails the test at `close`. */
    async open(options = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      const page = await context.newPage();
      const complaints = [];
      const requests = [];
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("request", (request) => requests.push({ method: request.method(), url: request.url() }));
      await page.goto(server.url);
      await page.waitForSelector("html[data-ready]", { timeout: 30_000 });
      return {
        page,
        requests,
        complaints,
        /** Closes; `expected` are complaints that belong to the test. */
        async close(expected = []) {
          await context.close();
          const rest = complaints.filter((text) => !expected.some((pattern) => pattern.test(text)));
          assert.deepEqual(rest, [], "the browser complained");
        },
      };
    },
    /** Several tabs of one browser: they share what the origin keeps. `close` ends them all. */
    async openTabs(count, { script } = {}) {
      const context = await browser.newContext();
      if (script !== undefined) await context.addInitScript(script);
      const tab = async () => {
        const page = await context.newPage();
        await page.goto(server.url);
        await page.waitForSelector("html[data-ready]", { timeout: 30_000 });
        return page;
      };
      const pages = [];
      while (pages.length < count) pages.push(await tab());
      return { pages, tab, context, close: () => context.close() };
    },
    async stop() {
      await browser.close();
      await server.stop();
    },
  };
}

/** Types a prompt, as a person would: with key events, after what is there is gone. */
export async function type(page, text) {
  await page.fill("#prompt", "");
  await page.locator("#prompt").pressSequentially(text);
  await settled(page);
}

/** Waits until the numbers stand for what is typed. */
export async function settled(page) {
  await page.waitForSelector("#before[aria-busy=false]", { timeout: 60_000 });
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
}

/** A text of `length` units or a little more that is the same every time: prose, numbers, code,
 * other scripts, emoji, line ends. */
export function longText(length) {
  const words = ["the ", "fare ", "of a prompt ", "before\n", "Straße ", "количество ", "価格を", "🚂", "x += 0.25;\n", "1,234 ", "don't ", "\n\n  - ", "https://example.org/a?b=1 "];
  let text = "";
  // A linear congruential generator with the constants of Numerical Recipes.
  for (let state = 7; text.length < length; state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) text += words[(state >>> 8) % words.length];
  return text;
}

/** Presses Send and waits for the receipt. */
export async function send(page) {
  await page.click("#send");
  return receipt(page);
}

/** Waits for the receipt and reads it from the page. */
export async function receipt(page, timeout = 60_000) {
  await page.waitForSelector("#receipt:not([hidden])", { timeout });
  return page.evaluate(() => {
    const place = document.getElementById("receipt");
    const lines = {};
    for (const line of place.querySelectorAll(".line")) {
      lines[line.querySelector("dt").textContent] = {
        value: line.querySelector(".value").textContent,
        more: line.querySelector("dd > :not(.value)")?.textContent ?? "",
      };
    }
    const bill = [...place.querySelectorAll(".bill tbody tr")].map((row) => {
      const [estimated, billed, verdict] = [...row.querySelectorAll("td")].map((cell) => cell.textContent);
      return { name: row.querySelector("th").textContent, estimated, billed, verdict };
    });
    return {
      ending: place.querySelector(".ending").className.replace("ending ", ""),
      error: place.querySelector(".receipt-error")?.textContent ?? null,
      lines,
      bill,
      answer: document.getElementById("answer").textContent,
      status: document.getElementById("status").textContent,
    };
  });
}

/** "1,234 tokens" or "$0.0031" as an exact fraction: digits and places, for sums without rounding. */
export function exactly(text) {
  const [whole, fraction = ""] = text.replace(/[^0-9.]/g, "").split(".");
  return BigInt(whole + fraction.padEnd(12, "0"));
}

/** A screenshot for people to look at. */
export async function picture(page, name) {
  mkdirSync(OUTPUT, { recursive: true });
  await page.screenshot({ path: path.join(OUTPUT, `${name}.png`), fullPage: true });
}
