// The page's server: what it serves, what it refuses, and that the key stays where it is.
import assert from "node:assert/strict";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { after, before, test } from "node:test";
import { checkGateway, fileOf, gatewayOfEnvironment, startServer } from "../../scripts/serve.mjs";
import { startFakeGateway } from "./gateway.mjs";

const KEY = "sk-server-side-1234567890";
let gateway;
let server;

before(async () => {
  gateway = await startFakeGateway();
  server = await startServer({ gateway: gateway.url, key: KEY });
});
after(async () => {
  await server?.stop();
  await gateway?.stop();
});

/** One raw request: `fetch` would tidy the path and forbid the headers that matter here. */
function ask(pathname, { method = "GET", headers = {}, body } = {}) {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, path: pathname, method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece) => { text += piece; });
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

const chat = (model = "any") => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ model, stream: true, messages: [{ role: "user", content: "hi" }] }),
});

test("the page comes with its types and its policy", async () => {
  const page = await ask("/");
  assert.equal(page.status, 200);
  assert.match(page.headers["content-type"], /^text\/html/);
  assert.match(page.text, /<title>promptfare/);
  const policy = page.headers["content-security-policy"];
  for (const part of ["default-src 'self'", "script-src 'self' 'wasm-unsafe-eval'", "require-trusted-types-for 'script'", "trusted-types promptfare-planner", "worker-src 'self'", "object-src 'none'", "base-uri 'none'"]) {
    assert.ok(policy.includes(part), part);
  }
  assert.ok(!policy.includes("unsafe-inline"));
  assert.match((await ask("/main.js")).headers["content-type"], /^text\/javascript/);
  assert.match((await ask("/style.css")).headers["content-type"], /^text\/css/);
  const again = await ask("/main.js", { headers: { "if-none-match": (await ask("/main.js")).headers.etag } });
  assert.equal(again.status, 304);
});

test("nothing outside the two folders is served", async () => {
  const wanted = ["/../package.json", "/%2e%2e/package.json", "/..%2fpackage.json", "/promptfare/../package.json", "/promptfare/%2e%2e/package.json",
    "/..%5cpackage.json", "/.git/config", "//etc/passwd", "/%00", "/%zz", "/promptfare/..%2f..%2fetc%2fpasswd"];
  for (const pathname of wanted) {
    const answer = await ask(pathname);
    assert.equal(answer.status, 404, pathname);
    assert.ok(!answer.text.includes("promptfare-workspace"), pathname);
  }
  assert.equal((await ask("/", { method: "POST" })).status, 405);
});

test("a file's name never leaves its folder", () => {
  const folder = path.resolve("/srv/page");
  assert.equal(fileOf(folder, "/a/b.js"), path.join(folder, "a", "b.js"));
  for (const pathname of ["/..", "/a/../../b", "/%2e%2e/b", "/a/%2e%2e/%2e%2e/b", "/a\\..\\b", "/%5c..", "/.env"]) assert.equal(fileOf(folder, pathname), null, pathname);
});

test("the proxy adds the key and passes the stream on as it comes", async () => {
  gateway.seen.length = 0;
  const started = performance.now();
  const firsts = [];
  const { hostname, port } = new URL(server.url);
  const text = await new Promise((resolve, reject) => {
    const { method, headers, body } = chat();
    const request = http.request({ hostname, port, path: "/gateway/v1/chat/completions", method, headers: { ...headers, cookie: "a=b", origin: server.url, referer: `${server.url}/`, "sec-fetch-site": "same-origin" } }, (response) => {
      let all = "";
      response.on("data", (piece) => { firsts.push(performance.now() - started); all += piece; });
      response.on("end", () => resolve(all));
    });
    request.on("error", reject);
    request.end(body);
  });
  assert.match(text, /\[DONE\]/);
  assert.ok(firsts.length >= 3, `came in ${firsts.length} pieces`);
  assert.ok(firsts.at(-1) - firsts[0] > 100, "the pieces were not held back");
  const [seen] = gateway.seen;
  assert.equal(seen.url, "/v1/chat/completions");
  assert.equal(seen.headers.authorization, `Bearer ${KEY}`);
  for (const name of ["cookie", "origin", "referer", "sec-fetch-site"]) assert.equal(seen.headers[name], undefined, name);
  assert.equal(seen.body.model, "any");
});

test("the key is never in what the page can read", async () => {
  const own = await ask("/page.json");
  assert.deepEqual(JSON.parse(own.text).gateway, { sandbox: false, host: new URL(gateway.url).host, keyOnServer: true });
  for (const pathname of ["/page.json", "/", "/main.js", "/gateway/v1/models"]) {
    const answer = await ask(pathname);
    assert.ok(!answer.text.includes(KEY) && !JSON.stringify(answer.headers).includes(KEY), pathname);
  }
});

test("the gateway's cookies stay away from the page's origin", async () => {
  const models = await ask("/gateway/v1/models");
  assert.equal(models.status, 200);
  assert.equal(models.headers["set-cookie"], undefined);
  assert.equal(models.headers["x-request-id"], "fake-1");
});

test("no other page can spend the key", async () => {
  gateway.seen.length = 0;
  const foreign = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "http://127.0.0.1:1" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "none" },
    { "content-type": "text/plain" },
  ];
  for (const headers of foreign) {
    const base = chat();
    const answer = await ask("/gateway/v1/chat/completions", { ...base, headers: { ...base.headers, ...headers } });
    assert.equal(answer.status, 403, JSON.stringify(headers));
    assert.equal(JSON.parse(answer.text).error.code, "cross_origin");
  }
  for (const host of ["evil.example", "evil.example:80", "127.0.0.1.evil.example"]) {
    assert.equal((await ask("/gateway/v1/models", { headers: { host } })).status, 421, host);
  }
  const preflight = await ask("/gateway/v1/chat/completions", { method: "OPTIONS", headers: { origin: "https://evil.example", "access-control-request-method": "POST" } });
  assert.equal(preflight.status, 403);
  assert.equal(preflight.headers["access-control-allow-origin"], undefined);
  assert.equal(gateway.seen.length, 0);
});

test("only two paths are forwarded", async () => {
  gateway.seen.length = 0;
  for (const pathname of ["/gateway/v1/key/generate", "/gateway/v1/../admin", "/gateway/v1/chat/completions/../../models", "/gateway/v2/models", "/gateway", "/gateway/v1", "/gateway/v1/"]) {
    assert.equal((await ask(pathname)).status, 404, pathname);
  }
  assert.equal((await ask("/gateway/v1/chat/completions")).status, 405);
  assert.equal(gateway.seen.length, 0);
});

test("when the page leaves, the gateway is told at once", { timeout: 10_000 }, async () => {
  gateway.seen.length = 0;
  const { hostname, port } = new URL(server.url);
  await new Promise((resolve, reject) => {
    const { method, headers, body } = chat("endless");
    const request = http.request({ hostname, port, path: "/gateway/v1/chat/completions", method, headers }, (response) => {
      response.once("data", () => { request.destroy(); resolve(); });
      response.on("error", () => {});
    });
    request.on("error", (trouble) => { if (trouble.code !== "ECONNRESET") reject(trouble); });
    request.end(body);
  });
  const started = performance.now();
  await gateway.seen[0].closed;
  assert.ok(performance.now() - started < 1000);
});

test("a stream cut upstream is cut here too", async () => {
  const { hostname, port } = new URL(server.url);
  const body = chat("cut").body;
  const text = await new Promise((resolve) => {
    const socket = net.connect(Number(port), hostname, () => {
      socket.write(`POST /gateway/v1/chat/completions HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    });
    let all = "";
    socket.on("data", (piece) => { all += piece; });
    socket.on("error", () => {});
    socket.on("close", () => resolve(all));
  });
  assert.match(text, /data: /);
  // A chunked body that ends cleanly ends with an empty chunk.
  assert.ok(!text.endsWith("0\r\n\r\n"));
});

test("a redirect is not followed, and a silent gateway is an error in OpenAI's shape", async () => {
  const redirected = await ask("/gateway/v1/chat/completions", chat("redirect"));
  assert.equal(redirected.status, 502);
  assert.equal(JSON.parse(redirected.text).error.code, "gateway_redirects");
  assert.equal(redirected.headers.location, undefined);

  const free = await startFakeGateway();
  const lonely = await startServer({ gateway: free.url, key: KEY });
  await free.stop();
  const response = await fetch(`${lonely.url}/gateway/v1/models`);
  await lonely.stop();
  assert.equal(response.status, 502);
  const { error } = await response.json();
  assert.equal(error.type, "proxy_error");
  assert.equal(error.code, "gateway_unreachable");
  assert.ok(!error.message.includes(KEY));
});

test("without a key on the server the page's own passes through", async () => {
  const open = await startServer({ gateway: gateway.url });
  gateway.seen.length = 0;
  await fetch(`${open.url}/gateway/v1/models`, { headers: { authorization: "Bearer sk-page" } });
  await open.stop();
  assert.equal(gateway.seen[0].headers.authorization, "Bearer sk-page");
});

test("a wrong gateway or key is said before anything starts, without repeating the key", () => {
  assert.throws(() => checkGateway("openrouter.ai/api/v1"), /not an address|scheme/);
  assert.throws(() => checkGateway("ftp://host/v1"), /scheme/);
  assert.throws(() => checkGateway("https://user:pass@host/v1"), /without user/);
  assert.throws(() => checkGateway("http://host.example/v1", KEY), /unencrypted/);
  assert.throws(() => checkGateway("https://host/v1", `${KEY}\n`), (error) => /space or a line break/.test(error.message) && !error.message.includes(KEY));
  assert.throws(() => gatewayOfEnvironment({ PROMPTFARE_KEY: KEY }), (error) => !error.message.includes(KEY));
  assert.deepEqual(gatewayOfEnvironment({}), {});
});
