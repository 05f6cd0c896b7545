// One way to start the browser in tests.
import { chromium } from "playwright-core";
import { ensureChromium } from "../scripts/setup.mjs";

/** Headless Chromium, quiet towards the network, with further `args` of its command line. */
export async function launch(args = []) {
  return chromium.launch({
    executablePath: await ensureChromium(),
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...args,
    ],
  });
}
