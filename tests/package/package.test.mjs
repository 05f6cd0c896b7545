// What is in the package, and whether tools and types agree with it.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { publint } from "publint";
import ts from "typescript";
import { downloadOf, parts } from "../../scripts/build.mjs";
import { root } from "../../scripts/setup.mjs";
import { freshProject } from "./project.mjs";

const pkg = path.join(root, "pkg");
const declarations = path.join(pkg, "promptfare.d.ts");
const workshopDeclarations = path.join(pkg, "workshop.d.ts");
let project;
before(() => (project = freshProject({})));
after(() => project?.remove());

/** Node has no fetch for files: it takes bytes. */
async function load(entry, wasm) {
  const module = await import(pathToFileURL(path.join(pkg, entry)).href);
  await module.default(readFileSync(path.join(pkg, wasm)));
  return module;
}

test("the tarball holds what an importer needs and nothing else", () => {
  const names = project.packed.files.map((file) => file.path);
  for (const name of [...parts.core, ...parts.workshop, "promptfare.d.ts", "workshop.d.ts", "catalog.json", "catalog-schema.json",
    "README.md", "LICENSE-MIT", "LICENSE-APACHE", "NOTICE", "CHANGELOG.md", "package.json"]) {
    assert.ok(names.includes(name), `${name} is missing from ${names.join(", ")}`);
  }
  const strays = names.filter((name) => !/^(vocabularies\/[\w.-]+\.bin|[\w-]+(\.(js|d\.ts|wasm|json|md))?)$/.test(name));
  assert.deepEqual(strays, []);
});

test("publint finds nothing", async () => {
  const { messages } = await publint({ pkgDir: pkg, level: "suggestion" });
  assert.deepEqual(messages, []);
});

test("attw finds nothing, for what an ES module can be asked", () => {
  const command = path.join(root, "node_modules/@arethetypeswrong/cli/dist/index.js");
  const tarball = path.join(project.folder, project.packed.filename);
  const run = spawnSync(process.execPath, [command, tarball, "--profile", "esm-only", "--exclude-entrypoints",
    "./promptfare_core_bg.wasm", "./promptfare_workshop_bg.wasm", "./vocabularies/*", "./catalog.json", "./catalog-schema.json"], { encoding: "utf8" });
  assert.equal(run.status, 0, run.stdout + run.stderr);
});

async function namesAgree(name, wasm) {
  const declarations = path.join(pkg, `${name}.d.ts`);
  const module = await load(`${name}.js`, wasm);
  const source = ts.createSourceFile(declarations, readFileSync(declarations, "utf8"), ts.ScriptTarget.Latest, true);
  const declared = new Map();
  let anys = 0;
  const visit = (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) anys += 1;
    ts.forEachChild(node, visit);
  };
  visit(source);
  for (const node of source.statements) {
    const isDefault = node.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword);
    if (ts.isFunctionDeclaration(node)) declared.set(isDefault ? "default" : node.name.text, null);
    if (ts.isClassDeclaration(node)) declared.set(node.name.text, node);
  }
  assert.equal(anys, 0);
  assert.deepEqual([...declared.keys()].sort(), Object.keys(module).sort());
  for (const [name, node] of declared) {
    if (!node) continue;
    for (const member of node.members) {
      if (!member.name || ts.isConstructorDeclaration(member)) continue;
      const key = member.name.getText(source);
      const isStatic = member.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.StaticKeyword);
      const symbol = /^\[Symbol\.(\w+)\]$/.exec(key);
      // Symbol.dispose came after Node 20: where the engine has none, nobody can ask for it.
      if (symbol && !(symbol[1] in Symbol)) continue;
      const owner = isStatic ? module[name] : module[name].prototype;
      assert.ok((symbol ? Symbol[symbol[1]] : key) in owner, `${name}.${key} is declared and missing`);
    }
  }
}

test("the types name exactly what the modules export, and never any", async () => {
  await namesAgree("promptfare", "promptfare_core_bg.wasm");
  await namesAgree("workshop", "promptfare_workshop_bg.wasm");
});

test("a strict TypeScript program compiles against them", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "promptfare-types-"));
  try {
    writeFileSync(path.join(folder, "use.ts"), `
import init, { Client, LiveCounter, cacheAdvice, calculateCost, countTokens, estimateCost, estimateTokens, loadCatalog, readUsage, resolveModel, route } from "promptfare";
import startWorkshop, { initSync as startWorkshopSync } from "promptfare/workshop";
import type { ChatRequest, Cost, CostEstimate, Model, Plan, Receipt, Route, TokenEstimate, Usage } from "promptfare";
await init();
await startWorkshop();
startWorkshopSync({ module: new Uint8Array() });
const model: Model = resolveModel("gpt-5");
const count: TokenEstimate = countTokens("x", model.id);
const request: ChatRequest = { messages: [{ role: "user", content: [{ type: "text", text: "x" }] }], model: "gpt-5" };
const whole: TokenEstimate = estimateTokens(request);
const usage: Usage = readUsage({ usage: {} }, { provider: "openai" });
const cost: Cost = calculateCost({ input_mtok: "3", output_mtok: { base: "15", tiers: [{ start: 1, price: "2" }] } }, usage, { at: new Date() });
const one: CostEstimate = estimateCost(request);
const many: CostEstimate[] = estimateCost(request, { candidates: ["gpt-5"] }).candidates ?? [];
const month: string | undefined = estimateCost(request, { session: { turns: 3 }, runsPerDay: 2, currency: { code: "EUR", perUsd: "0.9", asOf: "2026-11-20" } }).perMonth?.expected;
const marks: number = cacheAdvice(request, { ttl: "1h", set: true }).breakpoints.length;
const region: string | undefined = resolveModel("gpt-5").variant.region;
await loadCatalog({ schema: 1, date: "2026-12-01", models: [] }, { sha256: "00" });
const picked: Route = route(request, { candidates: ["gpt-5"], maxCostUsd: "0.05" });
const counter = new LiveCounter("gpt-5", "x");
const total: number = counter.splice(0, 1, "y") + counter.tokens;
const client = await Client.create({ baseUrl: "/gateway/v1" });
const plan: Plan = client.plan("hello", { maxCostUsd: 0.05 });
const answer = client.send(plan, { signal: new AbortController().signal });
for await (const piece of answer) document.body.append(piece.text ?? "");
const receipt: Receipt = await answer.receipt;
export const all = [month, marks, region, count, whole, cost, one, many, picked, total, receipt];
// @ts-expect-error a model is named by a string
resolveModel(5);
// @ts-expect-error there is no such ending
const wrong: Receipt["ending"] = "finished";
`);
    const program = ts.createProgram([path.join(folder, "use.ts")], {
      strict: true, noEmit: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler, lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
      paths: { promptfare: [declarations], "promptfare/workshop": [workshopDeclarations] }, types: [],
    });
    const problems = ts.getPreEmitDiagnostics(program).map((problem) => ts.flattenDiagnosticMessageText(problem.messageText, "\n"));
    assert.deepEqual(problems, []);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the glue makes no code of strings: policies forbid it", () => {
  for (const name of Object.values(parts).flat().filter((name) => name.endsWith(".js"))) {
    assert.doesNotMatch(readFileSync(path.join(pkg, name), "utf8"), /new Function\b|\beval\(/, name);
  }
});

test("what is called before it was started says so", () => {
  // In a process of its own: here both modules run already.
  const program = `
    import { readFileSync } from "node:fs";
    import init from "./promptfare.js";
    import start, { fitRequest } from "./workshop.js";
    const request = { model: "gpt-5", messages: [{ role: "user", content: "Hello" }] };
    const tell = (run) => {
      try {
        return [typeof run()];
      } catch (error) {
        return [error.name, error.kind, error.message];
      }
    };
    const told = [tell(() => fitRequest(request))];
    await start(readFileSync("promptfare_workshop_bg.wasm"));
    told.push(tell(() => fitRequest(request)));
    await init(readFileSync("promptfare_core_bg.wasm"));
    told.push(tell(() => fitRequest(request)));
    console.log(JSON.stringify(told));`;
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { cwd: pkg, encoding: "utf8" });
  const [noWorkshop, noCore, both] = JSON.parse(output);
  for (const [told, name] of [[noWorkshop, "promptfare/workshop"], [noCore, "promptfare"]]) {
    assert.deepEqual(told.slice(0, 2), ["PromptfareError", "invalid_input"]);
    assert.match(told[2], new RegExp(`^${name}: found it not started, wanted .await init`));
  }
  assert.deepEqual(both, ["object"]);
});

test("wasm and glue grow only on purpose", () => {
  // As served, by brotli. The aim of the first is 200 kB; CONTRIBUTING tells what was tried and what is left.
  for (const [part, most] of [["core", 456_000], ["workshop", 215_000]]) {
    const bytes = downloadOf(part);
    assert.ok(bytes > 5_000 && bytes <= most, `${part}: ${bytes} bytes`);
  }
});

test("the build's own command works alone", () => {
  const output = execFileSync("npm", ["run", "build"], { cwd: root, encoding: "utf8", shell: process.platform === "win32" });
  assert.match(output, /pkg\/ is complete/);
});
