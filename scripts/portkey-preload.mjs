// Loaded before Portkey's gateway. It listens on every interface and has no option against it: here
// it is kept to loopback. And it writes headers into the responses that Node's fetch gives it, which
// Node forbids (TypeError: immutable): here it gets copies that it may write to.
import net from "node:net";

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function listenOnLoopback(port, host, ...rest) {
  const isPort = typeof port === "number" || typeof port === "string";
  if (!isPort) return listen.call(this, port, host, ...rest);
  const others = typeof host === "function" ? [host, ...rest] : rest;
  return listen.call(this, Number(port), "127.0.0.1", ...others);
};

const own = globalThis.fetch;
globalThis.fetch = async (...given) => {
  const answer = await own(...given);
  const body = [204, 205, 304].includes(answer.status) ? null : answer.body;
  const copy = new Response(body, { status: answer.status, statusText: answer.statusText, headers: new Headers(answer.headers) });
  Object.defineProperty(copy, "url", { value: answer.url });
  return copy;
};
