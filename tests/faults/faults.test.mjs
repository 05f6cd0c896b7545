// Every fault of the scripted upstream, seen from a page: across origins, and through the page's own
// server. The page is under a strict policy with Trusted Types throughout.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { CANARY, sendAll, startFaults, testGroups } from "./harness.mjs";

const found = {};
const upstreams = {};
const complaints = {};
const consoles = {};

/** Everything on one way, in a browser of its own. */
async function run(way, { key, width, addressOf, more }) {
  const faults = await startFaults({ key });
  try {
    const page = await faults.open();
    consoles[way] = [];
    page.on("console", (message) => consoles[way].push(message.text()));
    page.on("pageerror", (error) => consoles[way].push(String(error)));
    found[way] = await sendAll(page, way, width, (fault, at) => addressOf(faults, fault, at), more);
    complaints[way] = await page.evaluate(() => globalThis.faults.complaints);
    upstreams[way] = faults.upstream;
  } finally {
    await faults.stop();
  }
}

before(async () => {
  // A browser opens six connections to one origin: four origins, twenty requests at once.
  await run("direct", {
    width: 20,
    addressOf: ({ upstream }, fault, at) => `${upstream.origins[at % upstream.origins.length]}/${fault.open ?? "open"}/v1`,
    more: { key: CANARY },
  });
  await run("proxy", { key: CANARY, width: 6, addressOf: () => "/gateway/v1" });
});

for (const way of ["direct", "proxy"]) {
  testGroups(way, () => found[way], (run) => upstreams[way].of(run));

  test(`${way}: no error is left unhandled, and nothing broke the page's policy`, () => {
    assert.deepEqual(complaints[way], []);
  });

  test(`${way}: the key is in the Authorization header and nowhere else`, () => {
    const { seen } = upstreams[way];
    assert.ok(seen.length > 100);
    for (const { headers, url, body, name } of seen) {
      assert.equal(headers.authorization, `Bearer ${CANARY}`, name);
      assert.ok(!url.includes(CANARY) && !JSON.stringify(body).includes(CANARY), name);
      const others = Object.entries(headers).filter(([header, value]) => header !== "authorization" && value.includes(CANARY));
      assert.deepEqual(others, [], name);
    }
    const said = JSON.stringify([...found[way].values()].map(({ outcome }) => outcome));
    assert.ok(!said.includes(CANARY) && !said.includes(CANARY.slice(0, 12)), "an answer, an error or a receipt repeats the key");
    assert.ok(!consoles[way].some((text) => text.includes(CANARY)), "the console shows the key");
  });

  test(`${way}: two headers of ours, and no other`, () => {
    for (const { headers, name } of upstreams[way].seen) {
      const ours = Object.keys(headers).filter((header) => !/^(host|connection|content-length|accept|accept-encoding|accept-language|origin|referer|user-agent|sec-.*|transfer-encoding|cache-control|pragma)$/.test(header));
      assert.deepEqual(ours.sort(), ["authorization", "content-type"], name);
    }
  });
}

test("a redirect is not followed, so the prompt and the key stay where they were sent", () => {
  for (const way of ["direct", "proxy"]) assert.equal(upstreams[way].seen.filter(({ url }) => url.includes("again")).length, 0, way);
});

test("a stalled or broken stream is closed at the upstream", () => {
  for (const name of ["stall-before-head", "stall-between", "stall-after-done", "comments-forever", "line-endless", "bad-json"]) {
    const { run } = found.direct.get(name);
    for (const { goneAt } of upstreams.direct.of(run)) assert.notEqual(goneAt, null, name);
  }
});
