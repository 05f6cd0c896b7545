// The page's server, on loopback only: static files with the headers a production server should
// send too, and a same-origin proxy to a gateway, so that the gateway's key never reaches the page.
//
//   /                     www/
//   /promptfare/*         the built package, pkg/
//   /page.json            what the page may know about this server (never the key)
//   /gateway/v1/*         the gateway: POST chat/completions and GET models, nothing else
//
// The proxy spends somebody's money, so it answers this page alone: the Host must be a loopback
// name (against DNS rebinding), and Origin and Sec-Fetch-Site must say "same origin" (against any
// other page in the same browser). Both headers are set by the browser and out of a script's reach.
//
// Alone: node scripts/serve.mjs [port], with PROMPTFARE_GATEWAY and PROMPTFARE_KEY if wanted.

import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".ts": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webp": "image/webp",
};

/** A person may type any gateway into the settings, hence `https:` and loopback in connect-src. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self' https: http://localhost:* http://127.0.0.1:*",
  "img-src 'self' data: blob:",
  "require-trusted-types-for 'script'",
  // The address of the page's worker, www/background.js: the only script address made by a script.
  "trusted-types promptfare-planner",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-cache",
};

/** What the proxy passes on, by method. Everything else on the gateway stays out of a page's reach. */
const ROUTES = new Map([
  ["/chat/completions", "POST"],
  ["/models", "GET"],
]);

/** Request headers that travel on. No cookie, no Origin, no Referer. */
const REQUEST_HEADERS = ["accept", "content-type", "content-length", "traceparent"];

/** Response headers that stay here: those of one connection, and those that act on this origin. */
const RESPONSE_HEADERS_DROPPED = new Set([
  "connection", "keep-alive", "transfer-encoding", "upgrade", "trailer", "proxy-authenticate",
  "set-cookie", "set-cookie2", "strict-transport-security", "clear-site-data", "alt-svc",
  "content-security-policy", "service-worker-allowed",
]);

/** Checks the gateway's address and key, and says in words what is wrong with them.
 * `gateway` is a base such as "https://openrouter.ai/api/v1". */
export function checkGateway(gateway, key) {
  let url;
  try {
    url = new URL(gateway);
  } catch {
    throw new Error(`PROMPTFARE_GATEWAY: ${JSON.stringify(gateway)} is not an address; wanted something like https://host/v1`);
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new Error(`PROMPTFARE_GATEWAY: the scheme is ${url.protocol}, wanted https: or http:`);
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new Error("PROMPTFARE_GATEWAY: an address without user, query and fragment is wanted; the key belongs into PROMPTFARE_KEY");
  }
  const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (key !== undefined && url.protocol === "http:" && !loopback) {
    throw new Error(`PROMPTFARE_GATEWAY: the key would travel unencrypted to ${url.host}; wanted https:`);
  }
  // The same characters that HTTP allows in a header; the message must not repeat the key.
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
    throw new Error("PROMPTFARE_KEY holds a character that no key has (a space or a line break at its end?)");
  }
  return url;
}

function sendJson(response, status, value) {
  const body = JSON.stringify(value);
  response.writeHead(status, { ...HEADERS, "content-type": TYPES[".json"], "content-length": Buffer.byteLength(body) });
  response.end(body);
}

/** An error in OpenAI's shape, so that the client reads it as it reads a gateway's own. */
function refuse(response, status, code, message) {
  sendJson(response, status, { error: { message, type: "proxy_error", param: null, code } });
}

function sendText(response, status, text) {
  response.writeHead(status, { ...HEADERS, "content-type": "text/plain; charset=utf-8" });
  response.end(`${text}\n`);
}

/** The file that a path of the address names inside `directory`, or null where it names none. */
export function fileOf(directory, pathname) {
  let decoded;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  if (decoded.includes("\0") || decoded.includes("\\")) return null;
  const parts = decoded.split("/").filter((part) => part !== "");
  if (parts.some((part) => part.startsWith("."))) return null;
  const file = path.resolve(directory, ...parts);
  const inside = path.relative(directory, file);
  return inside.startsWith("..") || path.isAbsolute(inside) ? null : file;
}

async function sendFile(request, response, directory, pathname) {
  if (request.method !== "GET" && request.method !== "HEAD") return sendText(response, 405, "only GET and HEAD");
  const file = fileOf(directory, pathname.endsWith("/") ? `${pathname}index.html` : pathname);
  const found = file === null ? null : await stat(file).catch(() => null);
  if (found === null || !found.isFile()) return sendText(response, 404, "not found");
  const tag = `W/"${found.size.toString(16)}-${Math.floor(found.mtimeMs).toString(16)}"`;
  if (request.headers["if-none-match"] === tag) {
    response.writeHead(304, { ...HEADERS, etag: tag });
    return response.end();
  }
  response.writeHead(200, {
    ...HEADERS,
    "content-type": TYPES[path.extname(file)] ?? "application/octet-stream",
    "content-length": found.size,
    etag: tag,
  });
  if (request.method === "HEAD") return response.end();
  createReadStream(file).on("error", () => response.destroy()).pipe(response);
}

/** The vocabularies that the package holds, with their sizes in bytes. */
async function vocabulariesIn(directory) {
  const sizes = {};
  const names = await readdir(path.join(directory, "vocabularies")).catch(() => []);
  for (const name of names.sort()) {
    const file = await stat(path.join(directory, "vocabularies", name));
    // "claude-4.7.bin" belongs to "claude-4.7": the extension is what follows the last dot.
    if (file.isFile()) sizes[path.parse(name).name] = file.size;
  }
  return sizes;
}

function forward(request, response, { gateway, key, route, onRequest }) {
  const target = new URL(gateway);
  target.pathname = target.pathname.replace(/\/+$/, "") + route;
  const headers = { "user-agent": "promptfare", "accept-encoding": "identity" };
  for (const name of REQUEST_HEADERS) {
    if (request.headers[name] !== undefined) headers[name] = request.headers[name];
  }
  // With a key on the server the page's own is of no use; without one the page may bring its own.
  if (key !== undefined) headers.authorization = `Bearer ${key}`;
  else if (request.headers.authorization !== undefined) headers.authorization = request.headers.authorization;

  const upstream = (target.protocol === "https:" ? https : http).request(target, { method: request.method, headers });
  onRequest?.({ method: request.method, url: target.href, headers: Object.keys(headers) });
  upstream.on("response", (answer) => {
    if (answer.statusCode >= 300 && answer.statusCode < 400) {
      answer.resume();
      // Following it could carry the key to another host.
      refuse(response, 502, "gateway_redirects", `the gateway at ${target.host} answers with a redirect (${answer.statusCode}); set PROMPTFARE_GATEWAY to the address it really has`);
      return;
    }
    const kept = Object.entries(answer.headers).filter(([name]) => !RESPONSE_HEADERS_DROPPED.has(name));
    response.writeHead(answer.statusCode, { ...Object.fromEntries(kept), "x-content-type-options": "nosniff", "cache-control": "no-store" });
    response.flushHeaders();
    answer.on("error", () => response.destroy());
    // A cut upstream must look cut downstream too, not like a clean end.
    answer.on("close", () => { if (!answer.complete) response.destroy(); });
    answer.pipe(response);
  });
  upstream.on("error", (trouble) => {
    if (response.headersSent) response.destroy();
    else if (!response.destroyed) refuse(response, 502, "gateway_unreachable", `the gateway at ${target.host} could not be reached: ${trouble.code ?? "connection failed"}`);
  });
  // Stop pressed, tab closed: the gateway is told at once, so that nothing more is generated and paid.
  response.on("close", () => { if (!response.writableFinished) upstream.destroy(); });
  request.pipe(upstream);
}

/** Why a request to the proxy is not from our own page, or null. */
function foreign(request) {
  const { origin, host } = request.headers;
  const site = request.headers["sec-fetch-site"];
  if (origin !== undefined && origin !== `http://${host}`) return `the origin ${origin} is not this page`;
  if (site !== undefined && site !== "same-origin") return `a ${site} request is not this page's`;
  // JSON cannot be sent across origins without a preflight, which is never granted here.
  const type = request.headers["content-type"] ?? "";
  if (request.method === "POST" && !/^application\/json\b/i.test(type)) return "the body is not application/json";
  return null;
}

const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** Starts the server on 127.0.0.1.
 *
 * `gateway`: base address to forward to; `key`: added to what is forwarded, never logged, never
 * sent to the page; `sandbox`: whether that gateway is the sandbox, for the page to say so;
 * `port`: 0 takes a free one; `onRequest`: told of each forwarded request (names of headers only). */
export async function startServer({
  port = 0,
  gateway,
  key,
  sandbox = false,
  page = path.join(ROOT, "www"),
  pkg = path.join(ROOT, "pkg"),
  onRequest,
} = {}) {
  const target = gateway === undefined ? null : checkGateway(gateway, key);

  const server = http.createServer((request, response) => {
    handle(request, response).catch((trouble) => {
      if (response.headersSent) response.destroy();
      else sendText(response, 500, `the server failed: ${trouble.code ?? "unknown trouble"}`);
    });
  });

  async function handle(request, response) {
    if (!LOOPBACK_HOST.test(request.headers.host ?? "")) return sendText(response, 421, "this server answers on loopback names only");
    // Read by hand: `new URL` would resolve "/../" and "//host" before anybody could refuse them.
    const pathname = (request.url ?? "/").split(/[?#]/, 1)[0];
    if (pathname === "/page.json") {
      return sendJson(response, 200, {
        baseUrl: "/gateway/v1",
        gateway: target === null ? null : { sandbox, host: target.host, keyOnServer: key !== undefined },
        vocabularies: await vocabulariesIn(pkg),
      });
    }
    if (pathname === "/gateway" || pathname.startsWith("/gateway/")) {
      const reason = foreign(request);
      if (reason !== null) return refuse(response, 403, "cross_origin", `refused: ${reason}`);
      if (target === null) return refuse(response, 502, "no_gateway", "this server has no gateway; set PROMPTFARE_GATEWAY");
      const route = pathname.slice("/gateway/v1".length);
      if (!pathname.startsWith("/gateway/v1/") || !ROUTES.has(route)) return refuse(response, 404, "unknown_path", `${pathname} is not forwarded; POST /gateway/v1/chat/completions and GET /gateway/v1/models are`);
      if (ROUTES.get(route) !== request.method) return refuse(response, 405, "method", `${pathname} takes ${ROUTES.get(route)}, not ${request.method}`);
      return forward(request, response, { gateway: target, key, route, onRequest });
    }
    if (pathname.startsWith("/promptfare/")) return sendFile(request, response, pkg, pathname.slice("/promptfare".length));
    return sendFile(request, response, page, pathname);
  }

  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = `http://127.0.0.1:${server.address().port}`;
  return {
    url: address,
    stop: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

/** The gateway of the environment: `{}` where none is set. */
export function gatewayOfEnvironment(environment = process.env) {
  const gateway = environment.PROMPTFARE_GATEWAY || undefined;
  const key = environment.PROMPTFARE_KEY || undefined;
  if (gateway === undefined && key !== undefined) throw new Error("PROMPTFARE_KEY is set but PROMPTFARE_GATEWAY is not: where should it be used?");
  return gateway === undefined ? {} : { gateway, key };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const server = await startServer({ port: Number(process.argv[2] ?? 5173), ...gatewayOfEnvironment() });
  console.log(server.url);
}
