// promptfare/workshop: what a page wants now and then, in a WebAssembly module of its own. Tokens and
// money come from `promptfare`, which is to be started too.
import type { InitInput } from "./promptfare.js";

/** Starts the workshop. Call it once, before anything else here; later calls do nothing. */
export default function init(source?: InitInput): Promise<void>;
/** Starts the workshop from bytes or a compiled module, where waiting is not possible. */
export function initSync(module: { module: BufferSource | WebAssembly.Module }): void;

// ---------------------------------------------------------------- pictures

export interface ShrunkImage {
  /** As a `data:` URL, to go into `images` or `attachments`. */
  picture: string;
  /** Pixels, as it is to be looked at. */
  width: number;
  height: number;
  bytes: number;
  /** On that model; null where size makes no difference to the price. */
  tokens: number | null;
  before: { width: number; height: number; bytes: number; tokens: number | null };
  tokensSaved: number;
  /** What they cost as input, a decimal string; null where nothing is saved or no price is known. */
  usdSaved: string | null;
  /** Whether the model sees what it saw: the size it scales to anyway, or within one per cent of it. */
  lossless: boolean;
}

/** Scales a picture down in the browser to what `model` looks at: PNG and WebP stay what they are,
 * transparency included, JPEG is written at quality 0.9; a camera's turn becomes part of the pixels.
 * With `options.cheaper` down to the next size that costs less, which loses a little sharpness. What
 * cannot be made smaller comes back as it was; nothing is enlarged. Needs `promptfare` to be started,
 * not the workshop.
 * @throws kind "invalid_input" where the browser cannot read the picture; "unknown_model". */
export function shrinkImage(picture: Blob, model: string, options?: { cheaper?: boolean }): Promise<ShrunkImage>;
