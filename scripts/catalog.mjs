// Writes src/data/catalog.json from a table of models (CSV) and src/data/catalog-extra.json.
//
//   node scripts/catalog.mjs [table.csv]           write the catalogue
//   node scripts/catalog.mjs --check [table.csv]   write nothing; fail if it would change
//   node scripts/catalog.mjs --from 2026-12-01     a price that changed holds from that day on
//   node scripts/catalog.mjs --correct ID          that model's price was wrong, not changed
//   node scripts/catalog.mjs --validate file.json  only look whether a catalogue could be true
//
// A price that is in the catalogue is never overwritten: one that the table states otherwise needs a
// day (--from), and the old one stays before it; or the word that it was wrong (--correct). Without
// the table, --check still validates what is there. Needs Node 20, nothing else.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brotliCompressSync } from "node:zlib";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const CATALOG = here("../src/data/catalog.json");
const EXTRA = here("../src/data/catalog-extra.json");
const RATES = ["input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok", "output_reasoning_mtok",
  "input_audio_mtok", "cache_audio_read_mtok", "output_audio_mtok", "input_image_mtok", "output_image_mtok",
  "requests_kcount", "web_searches_kcount"];
const SERVICES = ["batch", "flex", "priority", "fast", "regional"];
const REASONING = ["none", "yes", "toggle", "effort", "budget_tokens", "adaptive", "always_on"];

class Refused extends Error {}
const refuse = (message) => {
  throw new Refused(message);
};

// --- Reading the table ---------------------------------------------------------------------------

/** RFC 4180: quoted fields may hold commas, quotes (doubled) and line ends. */
export function parseCsv(text) {
  const rows = [];
  let row = [];
  let field = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') field += c;
      else if (text[i + 1] === '"') field += text[++i];
      else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === "," || c === "\n") {
      row.push(field.endsWith("\r") && c === "\n" ? field.slice(0, -1) : field);
      field = "";
      if (c === "\n") {
        rows.push(row);
        row = [];
      }
    } else field += c;
  }
  if (quoted) refuse("table: a quoted field does not end");
  if (field !== "" || row.length > 0) rows.push([...row, field]);
  const [names, ...lines] = rows;
  return lines
    .filter((line) => line.length > 1 || line[0] !== "")
    .map((line, n) => {
      if (line.length !== names.length) refuse(`table, line ${n + 2}: found ${line.length} fields, wanted ${names.length}`);
      return Object.fromEntries(names.map((name, i) => [name, line[i]]));
    });
}

/** "15.0" -> "15". Never a float: prices stay the text that they were. */
export function decimal(text, place) {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (!match) refuse(`${place}: found ${JSON.stringify(text)}, wanted a decimal number`);
  const whole = match[1].replace(/^0+(?=\d)/, "");
  const fraction = (match[2] ?? "").replace(/0+$/, "");
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

const wholeNumber = (text, place) => {
  if (text === "") return undefined;
  if (!/^\d+(\.0)?$/.test(text)) refuse(`${place}: found ${JSON.stringify(text)}, wanted a whole number`);
  return Number.parseInt(text, 10);
};

const flag = (text, place) => {
  if (text === "") return undefined;
  if (text !== "0" && text !== "1") refuse(`${place}: found ${JSON.stringify(text)}, wanted 0 or 1`);
  return text === "1";
};

/** "price: a=(1, 2) b=(3, 4) || context: a=1 b=2" -> { price: [["a", ["1", "2"]], ...], ... } */
export function parseDisagreements(text) {
  const out = {};
  for (const part of text.split(" || ").filter(Boolean)) {
    const colon = part.indexOf(": ");
    out[part.slice(0, colon)] = [...part.slice(colon + 2).matchAll(/(\w+)=(\([^)]*\)|\S+)/g)].map(([, who, what]) => [
      who,
      what.replace(/[()\s]/g, "").split(","),
    ]);
  }
  return out;
}

/** Exact a * b for decimal strings. */
export function multiply(a, b) {
  const scaled = (text) => {
    const [whole, fraction = ""] = text.split(".");
    return [BigInt(whole + fraction), fraction.length];
  };
  const [[x, i], [y, j]] = [scaled(a), scaled(b)];
  const digits = (x * y).toString().padStart(i + j + 1, "0");
  return decimal(i + j === 0 ? digits : `${digits.slice(0, -(i + j))}.${digits.slice(-(i + j))}`, "product");
}

// --- Building ------------------------------------------------------------------------------------

function ratesOf(row, extra) {
  const start = wholeNumber(row.long_ctx_threshold, `${row.id}.long_ctx_threshold`);
  const beyond = { input_mtok: row.long_ctx_input, output_mtok: row.long_ctx_output, ...extra.beyond };
  const columns = {
    input_mtok: "input_price_per_mtok",
    output_mtok: "output_price_per_mtok",
    cache_read_mtok: "cache_read",
    cache_write_mtok: "cache_write_5m",
    cache_write_1h_mtok: "cache_write_1h",
  };
  const rates = {};
  for (const [name, column] of Object.entries(columns)) {
    if (row[column] === "") continue;
    const base = decimal(row[column], `${row.id}.${column}`);
    rates[name] = base;
    if (start === undefined || !beyond[name]) continue;
    // A tier holds for prompts of *more* than `start` tokens; xAI's boundary belongs to the upper side.
    const exceeded = row.provider === "xai" ? start - 1 : start;
    rates[name] = { base, tiers: [{ start: exceeded, price: decimal(beyond[name], `${row.id}.beyond.${name}`) }] };
  }
  return rates;
}

const flat = (rates) => Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, rate.base ?? rate]));

/** What other sources say. Where the maker alone sells, only what is as recent as the table counts. */
function alternativesOf(row, extra, rates, hand) {
  const disagreements = parseDisagreements(row.disagreements);
  const found = new Map();
  const open = hand.openWeights.includes(row.id);
  const add = (who, name, text) => {
    const source = (hand.columns[who] ?? refuse(`${row.id}.disagreements: unknown source ${who}`)).find((s) => row.sources.split(" ").includes(s));
    if (source === undefined || (!open && hand.sources[source] < "2026-09-01")) return;
    const price = decimal(text, `${row.id}.disagreements`);
    if (price === flat(rates)[name]) return;
    found.set(source, { ...found.get(source), [name]: price });
  };
  for (const [who, [input, output]] of disagreements.price ?? []) {
    add(who, "input_mtok", input);
    add(who, "output_mtok", output);
  }
  for (const [who, [price]] of disagreements.cache_read ?? []) add(who, "cache_read_mtok", price);
  return [...[...found].map(([source, rates]) => ({ source, rates })), ...(extra.alternatives ?? [])];
}

function servicesOf(row, extra, rates) {
  const services = { ...extra.services };
  const base = flat(rates);
  if (row.batch_input !== "") {
    const batch = {
      input_mtok: decimal(row.batch_input, `${row.id}.batch_input`),
      output_mtok: decimal(row.batch_output, `${row.id}.batch_output`),
    };
    services.batch ??= batch;
    for (const name of ["input_mtok", "output_mtok"]) {
      const stated = typeof services.batch === "string" ? multiply(base[name], services.batch) : (services.batch[name].base ?? services.batch[name]);
      if (stated !== batch[name]) refuse(`${row.id}.batch.${name}: found ${stated} and ${batch[name]} in two sources`);
    }
  }
  return Object.fromEntries(SERVICES.filter((name) => services[name] !== undefined).map((name) => [name, services[name]]));
}

function pricesOf(row, extra, hand) {
  if (row.input_price_per_mtok === "") return [];
  const rates = ratesOf(row, extra);
  const alternatives = alternativesOf(row, extra, rates, hand);
  // A source that has 0 where another has a price most likely has none: the price is what is shown.
  const stated = alternatives.find((a) => Number(a.rates.input_mtok) > 0 && Number(a.rates.output_mtok) > 0);
  if (Number(flat(rates).input_mtok) === 0 && Number(flat(rates).output_mtok) === 0 && stated) {
    const free = row.sources.split(" ").find((s) => s !== stated.source);
    const others = [{ source: free, rates: { ...rates } }, ...alternatives.filter((a) => a !== stated)];
    return [{ checked: hand.sources[stated.source], source: stated.source, rates: { ...rates, ...stated.rates }, alternatives: others }];
  }
  for (const fee of hand.fees.filter(({ models }) => models.includes(row.id))) Object.assign(rates, fee.rates);
  const services = servicesOf(row, extra, rates);
  const differing = new Set(alternatives.filter((a) => !a.note && a.rates.input_mtok).map((a) => a.source));
  const agreeing = row.sources.split(" ").filter((s) => hand.sources[s] >= "2026-09-01" && !differing.has(s));
  const sources = agreeing.length > 0 ? agreeing : row.sources.split(" ").filter((s) => !differing.has(s));
  const checked = sources.map((s) => hand.sources[s] ?? refuse(`${row.id}.sources: unknown source ${s}`)).sort().at(-1);
  const source = sources.join(" ");
  const more = {
    ...(Object.keys(services).length > 0 && { services }),
    ...(alternatives.length > 0 && { alternatives }),
  };
  const dated = { checked: hand.sources["genai-prices-0.2.3"], source: "genai-prices-0.2.3" };
  const before = extra.before ?? [];
  const since = before.at(-1)?.until;
  const current = { ...(since && { from: since }), checked, source, rates, ...more };
  return [
    ...before.map(({ from, rates }) => ({ ...(from && { from }), ...dated, rates })),
    current,
    ...(extra.flatFrom ? [{ ...current, from: extra.flatFrom, rates: flat(rates) }] : []),
    ...(extra.after ?? []).map(({ from, rates }) => ({ from, ...dated, rates, ...(more.services && { services }) })),
  ];
}

/** In some sources "context" is the most input, in others input and output together. */
function windowOf(row) {
  const stated = wholeNumber(row.context_window, `${row.id}.context_window`);
  const maxOutput = wholeNumber(row.max_output, `${row.id}.max_output`);
  const values = (parseDisagreements(row.disagreements).context ?? []).map(([, [text]]) => Number.parseInt(text, 10));
  const total = Math.max(...values);
  if (values.length > 0 && maxOutput < stated && stated + maxOutput === total) {
    return { contextWindow: total, maxInput: stated, maxOutput };
  }
  return { contextWindow: stated, maxInput: undefined, maxOutput };
}

function statusOf(row, extra, date) {
  if (extra.status) return extra.status;
  if (row.deprecated === "") return undefined;
  refuse(`${row.id}.deprecated: found ${JSON.stringify(row.deprecated)} (as of ${date}), wanted a status in catalog-extra.json`);
}

/**
 * Whether src/catalog/grammar.rs comes from the alias to the id by punctuation, path, region and the
 * like alone; such an alias need not be shipped. (tests/catalog.rs asks for every alias of the table.)
 */
function isDerivable(alias, id) {
  const key = (name) => name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  const name = alias
    .toLowerCase()
    .replace(/^.*\//, "")
    .replace(/[@:].*$/, "")
    .replace(/^(us|eu|apac|au|jp|ca|in|global|us-gov)\./, "")
    .replace(/^(anthropic|openai|amazon|google|meta|mistral|moonshotai|xai|writer)\./, "")
    .replace(/^(databricks|duo-chat|openai|anthropic|zai-org|meta|google)-/, "")
    .replace(/-(fast|thinking|think|free|v1)$/, "");
  return key(name) === key(id);
}

function modelOf(row, hand) {
  const extra = hand.models[row.id] ?? {};
  const seen = new Set([row.id.toLowerCase()]);
  const aliases = row.aliases.split(";").filter((alias) => {
    const key = alias.toLowerCase();
    return alias !== "" && !isDerivable(alias, row.id) && !seen.has(key) && seen.add(key);
  });
  const yes = (column) => flag(row[column], `${row.id}.${column}`);
  return {
    id: row.id,
    lab: row.provider,
    aliases: [...aliases, ...(extra.aliases ?? [])],
    tokenizer: hand.tokenizers[row.tokenizer] ?? row.tokenizer,
    ...windowOf(row),
    cacheMinTokens: wholeNumber(row.cache_min_tokens, `${row.id}.cache_min_tokens`),
    capabilities: {
      vision: yes("vision"),
      pdf: yes("pdf"),
      audio: yes("audio"),
      tools: yes("tools"),
      parallelTools: yes("parallel_tools"),
      ...extra.capabilities,
      jsonSchema: yes("json_schema"),
      reasoning: row.reasoning_kind || undefined,
    },
    prices: pricesOf(row, extra, hand),
    released: row.released || undefined,
    status: statusOf(row, extra, hand.date),
  };
}

export function build(table, hand) {
  for (const id of Object.keys(hand.models)) {
    if (!table.some((row) => row.id === id)) refuse(`catalog-extra.json: found ${id}, which is not in the table`);
  }
  const models = [...table.map((row) => modelOf(row, hand)), ...hand.added];
  return { schema: hand.schema, date: hand.date, models };
}

/**
 * Nothing that is in the catalogue is overwritten. A price of the same first day that differs is
 * either new since `options.from`, and the old one stays before it, or was wrong (`options.correct`).
 */
export function keepHistory(catalog, previous, options = {}) {
  const old = new Map((previous?.models ?? []).map((model) => [model.id, model]));
  // What was unknown may become known: that overwrites nothing.
  const keeps = (was = {}, now = {}) => Object.entries(was).every(([name, value]) => JSON.stringify(value) === JSON.stringify(now[name]));
  const same = (was, now) => keeps(was.rates, now.rates) && keeps(was.services, now.services);
  for (const model of catalog.models) {
    const before = old.get(model.id)?.prices ?? [];
    if (before.length === 0 || options.correct?.includes(model.id)) continue;
    let prices = model.prices;
    for (const was of before) {
      const now = prices.find((price) => price.from === was.from);
      if (now === undefined) prices = [...prices, was];
      else if (!same(was, now)) {
        const newest = before.filter((price) => price.from === undefined || price.from <= catalog.date).at(-1);
        // What an earlier --from wrote stands in the catalogue already.
        const known = before.find((price) => price.from > (was.from ?? "") && same(price, now));
        const from = known?.from ?? (was === newest ? options.from : undefined);
        if (from === undefined) {
          refuse(`${model.id}.prices: found ${JSON.stringify(now.rates)} where the catalogue has ${JSON.stringify(was.rates)}; wanted the day from which it holds (--from YYYY-MM-DD), or that it was wrong (--correct ${model.id})`);
        }
        prices = [...prices.filter((price) => price !== now && price.from !== from), was, Object.assign({ from }, now, { from })];
      }
    }
    model.prices = prices.sort((a, b) => ((a.from ?? "") < (b.from ?? "") ? -1 : 1));
  }
  return catalog;
}

/** One model a line: compact, and a difference shows which model changed. */
export function write(catalog) {
  const lines = catalog.models.map((model) => JSON.stringify(model));
  return `{"schema":${catalog.schema},"date":"${catalog.date}","generator":"scripts/catalog.mjs","models":[\n${lines.join(",\n")}\n]}\n`;
}

// --- Rules that impossible data does not pass ----------------------------------------------------

const isDay = (text) => typeof text === "string" && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);

function validateRate(rate, place) {
  const one = (text) => {
    if (typeof text !== "string" || !/^(0|[1-9]\d*)(\.\d{0,5}[1-9])?$/.test(text)) refuse(`${place}: found ${JSON.stringify(text)}, wanted a decimal string of at most 6 decimals`);
    if (Number(text) > 10_000) refuse(`${place}: found ${text} USD per million tokens, wanted at most 10000`);
  };
  if (typeof rate === "string") return one(rate);
  one(rate.base);
  let last = 0;
  for (const tier of rate.tiers) {
    one(tier.price);
    if (!Number.isSafeInteger(tier.start) || tier.start <= last) refuse(`${place}: tier starts must rise, found ${tier.start} after ${last}`);
    last = tier.start;
  }
  if (last === 0) refuse(`${place}: found no tiers`);
}

function validateRates(rates, place) {
  for (const [name, rate] of Object.entries(rates)) {
    if (!RATES.includes(name)) refuse(`${place}: unknown rate ${name}`);
    validateRate(rate, `${place}.${name}`);
  }
}

function validatePrice(price, place, sources) {
  const lone = typeof price.rates.input_mtok === "undefined" || typeof price.rates.output_mtok === "undefined";
  if (lone) refuse(`${place}: wanted a price of input and one of output`);
  if (price.from !== undefined && !isDay(price.from)) refuse(`${place}.from: found ${price.from}, wanted a day`);
  if (!isDay(price.checked)) refuse(`${place}.checked: found ${price.checked}, wanted a day`);
  if (typeof price.source !== "string" || price.source.trim() === "") refuse(`${place}.source: found ${JSON.stringify(price.source)}, wanted where it was read`);
  for (const source of [...price.source.split(" "), ...(price.alternatives ?? []).map((a) => a.source)]) {
    if (sources && !sources.includes(source)) refuse(`${place}.source: found ${source}, wanted one of ${sources.join(", ")}`);
  }
  validateRates(price.rates, place);
  const base = flat(price.rates);
  if (base.cache_read_mtok && Number(base.cache_read_mtok) > Number(base.input_mtok)) refuse(`${place}: a cache read dearer than input`);
  for (const alternative of price.alternatives ?? []) validateRates(alternative.rates, `${place}.alternatives`);
  for (const [name, service] of Object.entries(price.services ?? {})) {
    if (!SERVICES.includes(name)) refuse(`${place}.services: unknown service ${name}`);
    if (typeof service === "string") {
      validateRate(service, `${place}.services.${name}`);
      for (const rate of Object.values(price.rates)) {
        for (const text of typeof rate === "string" ? [rate] : [rate.base, ...rate.tiers.map((t) => t.price)]) {
          validateRate(multiply(text, service), `${place}.services.${name}`);
        }
      }
    } else validateRates(service, `${place}.services.${name}`);
  }
}

/** Refuses what cannot be. `sources`: the only ones that may be named, where they are known. */
export function validate(catalog, sources) {
  if (catalog.schema !== 1) refuse(`schema: found ${catalog.schema}, wanted 1`);
  if (!isDay(catalog.date)) refuse(`date: found ${catalog.date}, wanted a day`);
  const names = new Map();
  const ids = new Set(catalog.models.map((m) => m.id));
  for (const model of catalog.models) {
    const place = model.id;
    if (typeof place !== "string" || place === "" || place.length > 256) refuse(`id: found ${JSON.stringify(place)}, wanted 1 to 256 letters`);
    if (typeof model.lab !== "string") refuse(`${place}.lab: found ${JSON.stringify(model.lab)}, wanted its maker`);
    for (const name of new Set([model.id, ...model.aliases].map((n) => n.toLowerCase()))) {
      if (names.has(name)) refuse(`${place}: the name ${name} is already ${names.get(name)}`);
      names.set(name, model.id);
    }
    for (const [name, limit] of Object.entries({ contextWindow: model.contextWindow, maxInput: model.maxInput, maxOutput: model.maxOutput, cacheMinTokens: model.cacheMinTokens })) {
      if (limit !== undefined && (!Number.isSafeInteger(limit) || limit <= 0 || limit > 100_000_000)) refuse(`${place}.${name}: found ${limit}, wanted 1 to 100000000`);
    }
    if (model.cacheMinTokens > model.contextWindow) refuse(`${place}: a smallest prefix larger than the window`);
    if (model.maxOutput > model.contextWindow) refuse(`${place}: an answer larger than the window`);
    if (model.maxInput > model.contextWindow) refuse(`${place}: more input than the window`);
    for (const kind of (model.capabilities.reasoning ?? "none").split(/[/+]/)) {
      if (!REASONING.includes(kind)) refuse(`${place}.reasoning: found ${kind}, wanted one of ${REASONING.join(", ")}`);
    }
    if (model.released !== undefined && !isDay(model.released) && !isDay(`${model.released}-01`)) refuse(`${place}.released: found ${model.released}, wanted a day or a month`);
    const starts = model.prices.map((price) => price.from ?? "");
    if (starts.some((from, i) => i > 0 && from <= starts[i - 1])) refuse(`${place}.prices: days must rise, found ${starts.join(", ")}`);
    model.prices.forEach((price, n) => validatePrice(price, `${place}.prices[${n}]`, sources));
    const { state, on, retires, replacement } = model.status ?? { state: "active" };
    if (!["active", "deprecated", "retired"].includes(state)) refuse(`${place}.status: found ${state}`);
    if (state === "retired" && on && on > catalog.date) refuse(`${place}.status: retired on ${on}, after the catalogue's ${catalog.date}`);
    if (state === "deprecated" && retires && retires <= catalog.date) refuse(`${place}.status: retires ${retires}, not after the catalogue's ${catalog.date}`);
    if (replacement) {
      if (!ids.has(replacement) || replacement === model.id) refuse(`${place}.status.replacement: found ${replacement}, wanted another model of the catalogue`);
      if (catalog.models.find((m) => m.id === replacement).status?.state === "retired") refuse(`${place}.status.replacement: ${replacement} is retired itself`);
    }
  }
}

// --- The command ---------------------------------------------------------------------------------

function main(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { check: { type: "boolean" }, from: { type: "string" }, correct: { type: "string", multiple: true }, validate: { type: "string" } },
  });
  const hand = JSON.parse(readFileSync(EXTRA, "utf8"));
  if (values.validate !== undefined) {
    const other = JSON.parse(readFileSync(values.validate, "utf8"));
    validate(other);
    return console.log(`catalog: ${other.models.length} models as of ${other.date}, nothing impossible`);
  }
  if (values.from !== undefined && !isDay(values.from)) refuse(`--from: found ${values.from}, wanted a day, YYYY-MM-DD`);
  const { check } = values;
  const table = positionals[0] ?? here("../../shared/facts/models.csv");
  let text;
  if (existsSync(table)) {
    const previous = existsSync(CATALOG) ? JSON.parse(readFileSync(CATALOG, "utf8")) : undefined;
    text = write(keepHistory(build(parseCsv(readFileSync(table, "utf8")), hand), previous, values));
  } else if (check) {
    console.log(`catalog: no table at ${table}; validating what is there only`);
    text = readFileSync(CATALOG, "utf8");
  } else refuse(`no table at ${table}`);
  const catalog = JSON.parse(text);
  validate(catalog, Object.keys(hand.sources));
  if (!check) writeFileSync(CATALOG, text);
  else if (readFileSync(CATALOG, "utf8") !== text) refuse("src/data/catalog.json differs from what its sources give; run node scripts/catalog.mjs");
  console.log(`catalog: ${catalog.models.length} models as of ${catalog.date}, ${text.length} bytes, ${brotliCompressSync(text).length} with brotli`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    console.error(`catalog: ${error.message}`);
    process.exitCode = 1;
  }
}
