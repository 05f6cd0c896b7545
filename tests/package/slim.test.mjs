// slimRequest through the package's own face, in Node: what is proposed, what is accepted, what is refused.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { root } from "../../scripts/setup.mjs";

const pkg = path.join(root, "pkg");
let promptfare;
let workshop;
before(async () => {
  promptfare = await import(pathToFileURL(path.join(pkg, "promptfare.js")).href);
  workshop = await import(pathToFileURL(path.join(pkg, "workshop.js")).href);
  await promptfare.default(readFileSync(path.join(pkg, "promptfare_core_bg.wasm")));
  await workshop.default(readFileSync(path.join(pkg, "promptfare_workshop_bg.wasm")));
  await promptfare.loadVocabulary("o200k_base", readFileSync(path.join(pkg, "vocabularies/o200k_base.bin")));
});

const data = JSON.stringify({ rows: Array.from({ length: 9 }, (_, id) => ({ id, name: "é  \"so\"", share: 0.5 })) }, null, 2);
const request = {
  model: "gpt-5",
  messages: [
    { role: "system", content: "You read tables.   \n\n\n\nYou say `a  b` where 🌳  stands.  Nothing else." },
    { role: "user", content: `Please note that these rows are new:\n\n${data}\n\nHow many are there?` },
  ],
};
const kind = (wanted) => (error) => error.kind === wanted && error instanceof Error;

test("proposals tell what they save, as it is counted", () => {
  const given = structuredClone(request);
  const { before, proposals, lossless, all, accepted, request: unchanged } = workshop.slimRequest(request);
  assert.deepEqual(request, given);
  assert.deepEqual(unchanged, given);
  assert.equal(before.tokens, promptfare.estimateTokens(request).tokens);
  assert.equal(accepted.tokens, before.tokens);
  const kinds = proposals.map((proposal) => proposal.kind);
  for (const wanted of ["whitespace", "json", "filler"]) assert.ok(kinds.includes(wanted), `${wanted} of ${kinds}`);
  for (const proposal of proposals) {
    const { request: slim } = workshop.slimRequest(request, { accept: [proposal.id] });
    assert.equal(proposal.tokensAfter, promptfare.estimateTokens(slim).tokens);
    assert.equal(proposal.saved.tokens, before.tokens - proposal.tokensAfter);
    assert.ok(proposal.saved.tokens > 0);
    // 1.25 dollars for a million tokens.
    assert.equal(Math.round(Number(proposal.usdSaved) * 1e12), proposal.saved.tokens * 1_250_000);
    // Its edits, made by hand, are what is done.
    const own = structuredClone(request);
    for (const { path: place, start, end, before: piece, after } of proposal.edits.toReversed()) {
      const message = own.messages[Number(place.split("/")[2])];
      assert.equal(message.content.slice(start, end), piece);
      message.content = message.content.slice(0, start) + after + message.content.slice(end);
    }
    assert.deepEqual(slim, own);
  }
  assert.ok(all.tokens < lossless.tokens && lossless.tokens < before.tokens);
});

test("what is lossless keeps the value, code and characters beyond the basic plane", () => {
  const accept = workshop.slimRequest(request).proposals.filter((proposal) => proposal.lossless).map(({ id }) => id);
  const { request: slim, accepted } = workshop.slimRequest(request, { accept });
  assert.equal(accepted.tokens, promptfare.estimateTokens(slim).tokens);
  assert.ok(slim.messages[1].content.includes(JSON.stringify(JSON.parse(data))));
  assert.equal(slim.messages[0].content, "You read tables.\n\nYou say `a  b` where 🌳  stands. Nothing else.");
});

test("what cannot be done is said", () => {
  assert.throws(() => workshop.slimRequest(request, { accept: ["json-0"] }), kind("invalid_input"));
  assert.throws(() => workshop.slimRequest(request, { accept: "json-0" }), kind("invalid_input"));
  assert.throws(() => workshop.slimRequest(request, { accept: [1] }), kind("invalid_input"));
  assert.throws(() => workshop.slimRequest({ messages: request.messages }), kind("invalid_input"));
  assert.throws(() => workshop.slimRequest(request, { model: "claude-opus-44" }), kind("unknown_model"));
  assert.equal(workshop.slimRequest(request, { model: "ernie-5.0" }).proposals[0].usdSaved, null);
});
