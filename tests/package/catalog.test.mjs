// The catalogue's generator, its checks and its schema, without a browser.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { keepHistory, validate } from "../../scripts/catalog.mjs";
import { root } from "../../scripts/setup.mjs";

const json = (name) => JSON.parse(readFileSync(path.join(root, name), "utf8"));
const catalog = json("src/data/catalog.json");
const schema = json("src/data/catalog-schema.json");

/** As much of JSON Schema as the catalogue's needs; an unknown word is an error of this test. */
function problem(value, rule, place = "$") {
  const { description, title, $schema, $defs, ...words } = rule;
  for (const [word, wanted] of Object.entries(words)) {
    const kind = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
    const is = (type) => (type === "integer" ? Number.isInteger(value) : type === kind);
    let found;
    if (word === "$ref") found = problem(value, schema.$defs[wanted.replace("#/$defs/", "")], place);
    else if (word === "type") found = [wanted].flat().some(is) ? undefined : `${place} is no ${wanted}`;
    else if (word === "enum") found = wanted.includes(value) ? undefined : `${place} is none of ${wanted}`;
    else if (word === "anyOf") found = wanted.some((one) => problem(value, one, place) === undefined) ? undefined : `${place} is none of these`;
    else if (word === "pattern") found = kind !== "string" || new RegExp(wanted).test(value) ? undefined : `${place} is not ${wanted}`;
    else if (word === "minLength") found = value.length >= wanted ? undefined : `${place} is too short`;
    else if (word === "maxLength") found = value.length <= wanted ? undefined : `${place} is too long`;
    else if (word === "minimum") found = value >= wanted ? undefined : `${place} is too small`;
    else if (word === "maximum") found = value <= wanted ? undefined : `${place} is too large`;
    else if (word === "minItems") found = value.length >= wanted ? undefined : `${place} has too few`;
    else if (word === "items") found = value.map((item, i) => problem(item, wanted, `${place}[${i}]`)).find(Boolean);
    else if (word === "required") found = wanted.filter((name) => !(name in value)).map((name) => `${place} lacks ${name}`)[0];
    else if (word === "properties") found = Object.keys(value).filter((name) => name in wanted).map((name) => problem(value[name], wanted[name], `${place}.${name}`)).find(Boolean);
    else if (word === "additionalProperties") found = Object.keys(value).filter((name) => !(name in words.properties)).map((name) => `${place}.${name} is unknown`)[0];
    else throw new Error(`the test knows no ${word}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

const good = () => ({
  schema: 1,
  date: "2026-12-01",
  models: [
    { id: "good", lab: "l", aliases: ["fine"], tokenizer: "?", contextWindow: 1000, maxOutput: 100, cacheMinTokens: 10, released: "2026-05", capabilities: {},
      prices: [{ checked: "2026-11-01", source: "s", rates: { input_mtok: "3", output_mtok: "15" } }] },
    { id: "other", lab: "l", aliases: [], tokenizer: "?", capabilities: {}, prices: [] },
  ],
});

test("the shipped catalogue is of its schema and possible", () => {
  assert.equal(problem(catalog, schema), undefined);
  assert.doesNotThrow(() => validate(catalog));
});

test("impossible entries are refused, those of another shape by the schema too", () => {
  assert.equal(problem(good(), schema), undefined);
  assert.doesNotThrow(() => validate(good()));
  const { entries } = json("tests/impossible.json");
  let bySchema = 0;
  for (const { why, model, price } of entries) {
    const bad = good();
    Object.assign(bad.models[0], model);
    Object.assign(bad.models[0].prices[0], price);
    assert.throws(() => validate(bad), (error) => error.message.length > 0 && error.constructor.name === "Refused", why);
    if (problem(bad, schema) !== undefined) bySchema += 1;
  }
  assert.ok(entries.length > 30 && bySchema > 15, `${bySchema} of ${entries.length} by the schema`);
});

test("a price that changed is a new dated entry, never an overwrite", () => {
  const dearer = () => {
    const changed = good();
    changed.models[0].prices[0].rates.input_mtok = "4";
    return changed;
  };
  assert.throws(() => keepHistory(dearer(), good()), /wanted the day from which it holds/);
  const dated = keepHistory(dearer(), good(), { from: "2026-12-01" });
  assert.deepEqual(dated.models[0].prices.map(({ from, rates }) => [from, rates.input_mtok]), [[undefined, "3"], ["2026-12-01", "4"]]);
  // The next run, without the day, gives the same again; and a price that the table lost stays.
  assert.deepEqual(keepHistory(dearer(), dated), dated);
  const corrected = keepHistory(dearer(), good(), { correct: ["good"] });
  assert.equal(corrected.models[0].prices.length, 1);
  const filled = good();
  filled.models[0].prices[0].rates.cache_read_mtok = "0.3";
  assert.equal(keepHistory(filled, good()).models[0].prices.length, 1);
});
