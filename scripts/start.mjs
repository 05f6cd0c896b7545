// `npm start`: installs and builds what is missing, starts the sandbox gateway (unless a real one is
// named) and the page's server, prints the address, and ends cleanly on Ctrl+C.
//
//   PORT                  the page's port; default 5173, or the next free one
//   PROMPTFARE_GATEWAY    forward to this gateway instead, e.g. https://openrouter.ai/api/v1
//   PROMPTFARE_KEY        its key; it stays in this process

import { ensureNodePackages } from "./setup.mjs";
import { build } from "./build.mjs";
import { checkGateway, gatewayOfEnvironment, startServer } from "./serve.mjs";
import { startSandbox } from "./sandbox.mjs";

const FIRST_PORT = 5173;
const PORTS_TRIED = 20;

/** The port that PORT asks for, or null. */
function portOfEnvironment() {
  const text = process.env.PORT;
  if (text === undefined || text === "") return null;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`PORT: found ${JSON.stringify(text)}, wanted a number from 0 to 65535`);
  return port;
}

async function serve(options) {
  const asked = portOfEnvironment();
  if (asked !== null) {
    return startServer({ ...options, port: asked }).catch((error) => {
      throw error.code === "EADDRINUSE" ? new Error(`PORT: ${asked} is taken`) : error;
    });
  }
  for (let port = FIRST_PORT; port < FIRST_PORT + PORTS_TRIED; port += 1) {
    try {
      return await startServer({ ...options, port });
    } catch (error) {
      if (error.code !== "EADDRINUSE") throw error;
    }
  }
  throw new Error(`ports ${FIRST_PORT} to ${FIRST_PORT + PORTS_TRIED - 1} are all taken; name one in PORT`);
}

async function main() {
  // First what can be wrong, before minutes are spent on a build.
  const real = gatewayOfEnvironment();
  if (real.gateway !== undefined) checkGateway(real.gateway, real.key);
  portOfEnvironment();
  ensureNodePackages();
  await build();

  const sandbox = real.gateway === undefined ? await startSandbox() : null;
  const server = await serve(sandbox === null ? real : { gateway: sandbox.url, sandbox: true });

  console.log(`\n  promptfare  ${server.url}\n`);
  if (sandbox !== null) {
    console.log("  Answers come from the sandbox on this machine: no key, no account, no cost.");
    console.log("  For a real gateway: PROMPTFARE_GATEWAY=https://host/v1 PROMPTFARE_KEY=... npm start");
  } else {
    console.log(`  Forwarding to ${new URL(real.gateway).host}${real.key === undefined ? ", without a key" : "; the key stays in this process"}.`);
  }
  console.log("  Ctrl+C ends it.");

  let ending = false;
  const end = async () => {
    if (ending) process.exit(1);
    ending = true;
    await Promise.allSettled([server.stop(), sandbox?.stop()]);
    process.exit(0);
  };
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
}

main().catch((error) => {
  console.error(`start: ${error.message}`);
  process.exitCode = 1;
});
