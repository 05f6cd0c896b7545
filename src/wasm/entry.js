// The package's entry: what wasm-bindgen generates, under the names of promptfare.d.ts, and the
// addresses of the package's own files, written so that every bundler finds and ships them.
import { useModule } from "./count.js";
import { forgetPrices } from "./price.js";
import start, { initSync as startSync, loadVocabulary as load } from "./promptfare_core.js";
import { begin } from "./start.js";

export { countTokens } from "./count.js";
export { calculateCost } from "./price.js";

export {
  Answer,
  Client,
  LiveCounter,
  buildRequest,
  cacheAdvice,
  compareModels,
  estimateCost,
  estimateTokens,
  exportPolicy,
  imageAdvice,
  loadCatalog,
  readUsage,
  replayRoute,
  requestSnippet,
  resolveModel,
  route,
} from "./promptfare_core.js";

export { runWorkflow } from "./workflow.js";

function use(exports) {
  useModule(exports);
  forgetPrices();
}

export default async function init(source) {
  use(await begin(source, start, startSync));
}

export function initSync(source) {
  use(startSync(source));
}

const vocabularies = {
  "claude-3": () => new URL("./vocabularies/claude-3.bin", import.meta.url),
  "claude-4.7": () => new URL("./vocabularies/claude-4.7.bin", import.meta.url),
  o200k_base: () => new URL("./vocabularies/o200k_base.bin", import.meta.url),
  cl100k_base: () => new URL("./vocabularies/cl100k_base.bin", import.meta.url),
};

export async function loadVocabulary(name, source) {
  const own = Object.hasOwn(vocabularies, name) ? vocabularies[name] : undefined;
  await load(name, source ?? own?.().href);
}
