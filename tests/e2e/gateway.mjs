// A small gateway for the tests of what aimock cannot show: what arrived, when a connection was
// closed, redirects, requests across origins. Streams a few words, slowly.
import http from "node:http";
import { setTimeout as wait } from "node:timers/promises";

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "authorization, content-type",
};

/** Starts it. `seen` lists the requests: `{ method, url, headers, body, closed }`, where `closed`
 * resolves when the caller leaves before the end. Models: "endless", "cut", "redirect", others. */
export async function startFakeGateway() {
  const seen = [];

  async function handle(request, response) {
    if (request.method === "OPTIONS") {
      response.writeHead(204, CORS).end();
      return;
    }
    let text = "";
    for await (const piece of request) text += piece;
    const body = text === "" ? null : JSON.parse(text);
    const closed = new Promise((resolve) => response.on("close", () => { if (!response.writableFinished) resolve(); }));
    seen.push({ method: request.method, url: request.url, headers: request.headers, body, closed });
    if (request.url.endsWith("/models")) {
      response.writeHead(200, { ...CORS, "content-type": "application/json", "set-cookie": "session=1", "x-request-id": "fake-1" });
      response.end(JSON.stringify({ object: "list", data: [{ id: "gpt-5", object: "model" }] }));
      return;
    }
    if (body.model === "redirect") {
      response.writeHead(307, { location: "https://elsewhere.example/v1/chat/completions" }).end();
      return;
    }
    response.writeHead(200, { ...CORS, "content-type": "text/event-stream" });
    const chunk = (more) => response.write(`data: ${JSON.stringify({ id: "fake", object: "chat.completion.chunk", created: 1, model: body.model, ...more })}\n\n`);
    const words = body.model === "endless" ? 10_000 : 6;
    for (let word = 0; word < words && !response.destroyed; word += 1) {
      chunk({ choices: [{ index: 0, delta: { content: `word ${word} ` }, finish_reason: null }] });
      await wait(30);
      if (body.model === "cut" && word === 2) {
        response.destroy();
        return;
      }
    }
    chunk({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
    if (body.stream_options?.include_usage) chunk({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 12, total_tokens: 21 } });
    response.end("data: [DONE]\n\n");
  }

  const server = http.createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    seen,
    stop: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}
