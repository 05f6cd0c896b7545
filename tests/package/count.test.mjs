// The short way of countTokens (src/wasm/count.js) beside the long one, for texts of every length and
// kind that it hands over differently.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { root } from "../../scripts/setup.mjs";

const pkg = path.join(root, "pkg");
const load = (name) => import(pathToFileURL(path.join(pkg, name)).href);
const models = ["gpt-4o", "gpt-4", "claude-opus-4", "claude-opus-4-7", "claude-opus-4-8", "openai/gpt-4o:free"];

test("the short way counts as the long one", async () => {
  const { default: init, countTokens, loadVocabulary } = await load("promptfare.js");
  const core = await load("promptfare_core.js");
  await init(readFileSync(path.join(pkg, "promptfare_core_bg.wasm")));
  const units = ["a", "Hello, world! ", "\n", " ", "é", "漢字", "🎉", "\ud800", "x\udc00y", "don't 123 ", "\u0000", "e\u0301"];
  const lengths = [0, 1, 2, 63, 255, 256, 257, 1023, 1025, 4000, 70_000, 400_000];
  const texts = units.flatMap((unit) => lengths.map((length) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length)));
  texts.push(`${"a".repeat(2000)}漢${"b".repeat(2000)}`, `${"a".repeat(255)}🎉`, "\ud83c".repeat(300), " a", "a\n\n");
  // Without a vocabulary: estimates.
  for (const model of models) assert.deepEqual(countTokens("Hello", model), core.countTokens("Hello", model));
  for (const name of ["o200k_base", "cl100k_base", "claude-3", "claude-4.7"]) {
    await loadVocabulary(name, readFileSync(path.join(pkg, "vocabularies", `${name}.bin`)));
  }
  let counted = 0;
  for (const model of models) {
    for (const text of texts) {
      const found = countTokens(text, model);
      assert.deepEqual(found, core.countTokens(text, model), `${model}: ${JSON.stringify(text.slice(0, 20))} ${text.length}`);
      assert.equal(found.exact, true);
      counted += 1;
    }
  }
  assert.ok(counted > 800);
  assert.throws(() => countTokens("x", "no-such-model"), { kind: "unknown_model" });
  const known = countTokens("Hello, world!", "gpt-4o");
  assert.deepEqual(known, { tokens: 4, low: 4, high: 4, exact: true, method: "o200k_base" });
});
