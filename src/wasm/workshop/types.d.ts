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
