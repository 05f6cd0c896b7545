// promptfare/workshop: what a page wants now and then, in a WebAssembly module of its own. Tokens and
// money come from `promptfare`, which is to be started too.
import type { InitInput, TelemetrySink } from "./promptfare.js";

/** Starts the workshop. Call it once, before anything else here; later calls do nothing. */
export default function init(source?: InitInput): Promise<void>;
/** Starts the workshop from bytes or a compiled module, where waiting is not possible. */
export function initSync(module: { module: BufferSource | WebAssembly.Module }): void;

// ---------------------------------------------------------------- telemetry

export interface TelemetryOptions {
  /** The collector's address, e.g. "https://collector.example" or "/otlp": OTLP/HTTP with JSON, at
   * `/v1/traces` and `/v1/metrics` below it. Nothing else is sent anywhere. */
  endpoint: string;
  /** For the collector, in memory only. */
  headers?: Record<string, string>;
  serviceName: string;
  /** More of the resource, e.g. `{ "deployment.environment.name": "production" }`. */
  attributes?: Record<string, string>;
  /** Which generation of the conventions' names: "operation" (default, what dashboards know today:
   * `gen_ai.client.operation.duration`, ...) or "inference" (what is to follow). */
  conventions?: "operation" | "inference";
  /** Whether prompts, answers and gateways' error messages go too. Default false. The answer to a masked
   * request never does. */
  content?: boolean;
  /** Default "delta"; "cumulative" for engines that want it. */
  temporality?: "delta" | "cumulative";
  /** How often, in milliseconds; 1,000 at least. Default 10,000. */
  everyMs?: number;
}

/** Give it to `Client.create({ telemetry })`. At most 512 spans wait; where the collector is away, they
 * are tried again, and what waits goes out when the page is hidden. */
export interface Telemetry extends TelemetrySink {
  /** Sends what waits; resolves when it is sent, or will be tried again later. */
  flush(): Promise<void>;
  /** Sends what waits, and listens no more. */
  stop(): Promise<void>;
  readonly state: {
    /** Spans. */
    waiting: number;
    sent: number;
    /** By the collector. */
    refused: number;
    /** Because too many waited. */
    dropped: number;
    /** What was in the way last; null: nothing. */
    problem: string | null;
  };
}

/** Spans and metrics of every request, in OpenTelemetry's conventions for generative models.
 * @throws kind "invalid_input", naming the option. */
export function openTelemetry(options: TelemetryOptions): Telemetry;

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
