// Pictures of the page for the documentation: builds what is missing, rides once through the
// sandbox gateway, and writes docs/page.png and docs/page-phone.png. The tests take more of them,
// dark ones too, into tests/e2e/output/.

import { mkdirSync } from "node:fs";
import path from "node:path";
import { build } from "./build.mjs";
import { ensureChromium, ensureNodePackages, root } from "./setup.mjs";
import { startSandbox } from "./sandbox.mjs";
import { startServer } from "./serve.mjs";

const PROMPT = "Explain monads with one picture. Use an analogy from railways, and show a short code example.";

const PICTURES = [
  { name: "page", colorScheme: "light", viewport: { width: 1280, height: 900 } },
  { name: "page-phone", colorScheme: "light", viewport: { width: 390, height: 844 } },
];

ensureNodePackages();
await build();
const { chromium } = await import("playwright-core");
const sandbox = await startSandbox();
const server = await startServer({ gateway: sandbox.url, sandbox: true });
const browser = await chromium.launch({ executablePath: await ensureChromium(), args: ["--no-sandbox", "--disable-gpu", "--disable-quic"] });
const folder = path.join(root, "docs");
mkdirSync(folder, { recursive: true });
try {
  for (const { name, ...options } of PICTURES) {
    const page = await browser.newPage({ ...options, reducedMotion: "reduce" });
    await page.goto(server.url);
    await page.waitForSelector("html[data-ready]");
    await page.fill("#prompt", PROMPT);
    await page.click("#send");
    await page.waitForSelector("#receipt:not([hidden])", { timeout: 60_000 });
    await page.mouse.move(0, 0);
    const file = path.join(folder, `${name}.png`);
    await page.screenshot({ path: file, fullPage: true });
    console.log(path.relative(root, file));
    await page.close();
  }
} finally {
  await browser.close();
  await server.stop();
  await sandbox.stop();
}
