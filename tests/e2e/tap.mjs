// A tap on the wire: passes everything on to a gateway and writes down what went through, without
// the key. The browser's own tools cannot show the body of a stream.
import http from "node:http";

/** Starts a tap in front of `gateway`, which gets `more` headers too. `exchanges` holds `{ method, path, headers, body, status,
 * text }`; of the authorization header only its scheme. */
export async function startTap(gateway, more = {}) {
  const target = new URL(gateway);
  const exchanges = [];
  const server = http.createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const sent = Buffer.concat(pieces);
    const headers = { ...request.headers };
    if (headers.authorization !== undefined) headers.authorization = headers.authorization.split(" ")[0];
    const exchange = { method: request.method, path: request.url, headers, body: sent.length === 0 ? null : JSON.parse(sent), status: null, text: "" };
    exchanges.push(exchange);
    const upstream = http.request({ host: target.hostname, port: target.port, path: request.url, method: request.method, headers: { ...request.headers, ...more, host: target.host } }, (answer) => {
      exchange.status = answer.statusCode;
      response.writeHead(answer.statusCode, answer.headers);
      answer.on("data", (piece) => { exchange.text += piece.toString("utf8"); });
      answer.on("close", () => { if (!answer.complete) response.destroy(); });
      answer.pipe(response);
    });
    upstream.on("error", () => response.destroy());
    response.on("close", () => { if (!response.writableFinished) upstream.destroy(); });
    upstream.end(sent);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}${target.pathname}`,
    exchanges,
    stop: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

/** The chunks of a streamed answer. */
export function chunksOf(exchange) {
  return exchange.text.split("\n").filter((line) => line.startsWith("data: {")).map((line) => JSON.parse(line.slice("data: ".length)));
}

/** Its text and usage, as the wire had them. */
export function readStream(exchange) {
  const chunks = chunksOf(exchange);
  return {
    text: chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? "").join(""),
    usage: chunks.findLast((chunk) => chunk.usage)?.usage ?? null,
  };
}
