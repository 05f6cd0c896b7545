// How a WebAssembly module of the package is started; the same for both.

/** From bytes where there are bytes (Node, tests), else the way of wasm-bindgen's own `start`. */
export async function begin(source, start, startSync) {
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    // The other way asks whether this is a `Response`, and to name that makes Node load its network.
    const module = await WebAssembly.compile(source);
    try {
      return startSync({ module });
    } catch (error) {
      // Some browsers begin with large modules on the page's own thread only asynchronously.
      if (!(error instanceof RangeError)) throw error;
      source = module;
    }
  }
  return start(source === undefined ? undefined : { module_or_path: source });
}

/** What is thrown where a module is used before it was started. */
export function notStarted(name) {
  const error = new Error(`${name}: found it not started, wanted \`await init()\` of "${name}" first`);
  return Object.assign(error, { name: "PromptfareError", kind: "invalid_input" });
}
