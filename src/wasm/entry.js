// The package's entry: what wasm-bindgen generates, under the names of promptfare.d.ts, and the
// addresses of the package's own files, written so that every bundler finds and ships them.
import { useModule } from "./count.js";
import { forgetPrices } from "./price.js";
import start, { initSync as startSync, loadVocabulary as load } from "./promptfare_core.js";

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

export default async function init(source) {
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    // The other way asks whether this is a `Response`, and to name that makes Node load its network.
    const module = await WebAssembly.compile(source);
    try {
      return initSync({ module });
    } catch (error) {
      // Some browsers begin with large modules on the page's own thread only asynchronously.
      if (!(error instanceof RangeError)) throw error;
      source = module;
    }
  }
  useModule(await start(source === undefined ? undefined : { module_or_path: source }));
  forgetPrices();
}

export function initSync(source) {
  useModule(startSync(source));
  forgetPrices();
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
