// promptfare/workshop: what a page wants now and then, in a WebAssembly module of its own. Tokens and
// money come from `promptfare`, which is to be started too.
import type {
  ChatRequest, InitInput, MoneyInterval, Receipt, TelemetrySink, TokenEstimate,
} from "./promptfare.js";

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

// ---------------------------------------------------------------- long context

export interface FitOptions {
  /** The model that is to answer. Default: the first candidate, else the request's own. */
  model?: string;
  /** Other models that could. */
  candidates?: string[];
  /** Tokens to keep free for the answer. Default: the limit that the request sets, else the upper end of
   * the estimated answer, else (no price is known) the model's longest answer, 4,096 at most. */
  answerTokens?: number;
  /** Places of messages that are never dropped and never cut. */
  pinned?: number[];
  /** How many of the latest messages are not dropped; a long text in them may be cut. Default 0: the last
   * user message and the last message stay anyway. */
  keepLast?: number;
  /** Your own limit on question and answer together, where it is smaller than the window. */
  limitTokens?: number;
}

/** Whether a model takes the request with room for its answer. */
export interface FitCandidate {
  model: string;
  tokens: TokenEstimate;
  /** Tokens kept free for the answer. */
  room: number;
  contextWindow: number | null;
  /** The most tokens of input, where that is told apart from the window. */
  maxInput: number | null;
  /** null: cannot be told, because the window is not known or lies within the interval of the count. */
  fits: boolean | null;
  /** Why not, or why it cannot be told. */
  reason: string | null;
  /** By how many tokens it is over at the upper end of the count; null where it fits or no limit is known. */
  overBy: number | null;
  /** What the request costs as it is; null where no price is known. */
  usd: MoneyInterval | null;
}

/** A message that a trim leaves out. */
export interface DroppedMessage {
  /** Its place in the request as it came. */
  message: number;
  role: string;
  /** What it weighs alone; null where it cannot be counted alone. */
  tokens: number | null;
  /** Its beginning, in one line. */
  preview: string;
  reason: string;
}

/** The text of which the middle is left out. */
export interface CutText {
  message: number;
  /** The part of its content, where that is a list. */
  part: number | null;
  /** About how many tokens are left out. */
  tokens: number;
  /** What is left out, in UTF-16 units of the text as it came. */
  start: number;
  end: number;
  /** What stands in its place. */
  mark: string;
  /** The beginning of what is left out, in one line. */
  preview: string;
}

/** What can be done where a request does not fit. */
export type FitOption =
  | { kind: "bigger"; model: string; tokens: TokenEstimate; usd: MoneyInterval | null }
  | {
      kind: "trim";
      model: string;
      /** The messages that stay, each as it was but for the one that is cut. */
      request: ChatRequest;
      tokens: TokenEstimate;
      dropped: DroppedMessage[];
      cut: CutText | null;
      usd: MoneyInterval | null;
    }
  | {
      kind: "summarise";
      /** The model that answers. */
      model: string;
      /** The candidate that writes the summary: on which the whole request costs the least. */
      summariser: string;
      calls: number;
      /** The limit on each call's answer. */
      summaryTokens: number;
      /** How many messages are summarised, beside the middle of a text that is cut. */
      messages: number;
      /** The shorter request, with an empty summary and with one of the full length. */
      tokens: { low: number; high: number };
      /** Both together. */
      usd: MoneyInterval;
      /** All calls of the summariser. */
      summarising: MoneyInterval;
      /** The shorter request then. */
      then: MoneyInterval;
    };

export interface Fit {
  /** The model asked about first, then the others as given. */
  candidates: FitCandidate[];
  /** Empty where the first surely fits. Bigger models first, the cheapest before the others. */
  options: FitOption[];
  /** Where no trimming helps: what cannot be dropped is too much by itself. */
  stuck: {
    tokens: TokenEstimate;
    /** The most that would fit. */
    most: number;
    kept: { message: number; role: string; tokens: number | null; reason: string }[];
    reason: string;
  } | null;
  /** What providers refuse as it stands. A trim drops it first. */
  orphans: { message: number; id: string; what: "result without call" | "call without result" }[];
}

/** Says which models take the request with room for the answer, and where the first does not surely, what
 * can be done and what each way costs. The request that is given is not changed.
 * @throws kind "unknown_model"; "invalid_input" for a pinned place that there is not. */
export function fitRequest(request: ChatRequest, options?: FitOptions): Fit;

// ---------------------------------------------------------------- versions

/** A version of a prompt: plain data that you keep. */
export interface Version {
  label?: string;
  request: ChatRequest;
  /** Of requests that were sent in this version: what was billed stands beside what was estimated. */
  receipts?: Receipt[];
}

/** A stretch of text of either version or of both. */
export interface DiffPiece {
  kind: "same" | "removed" | "added";
  text: string;
}

/** A message, a function or a field. The pieces that are not added are the earlier text, those that are not
 * removed the later one; of anything but the text of a message its JSON. */
export interface VersionField {
  /** "system", "user", "tool get_weather", "temperature", ... */
  name: string;
  /** The message's place in the earlier version, and in the later one. */
  before: number | null;
  after: number | null;
  change: "same" | "changed" | "removed" | "added";
  pieces: DiffPiece[];
}

/** What came of a version's requests, by their receipts. */
export interface VersionBill {
  receipts: number;
  endings: { completed: number; truncated: number; errored: number; aborted: number };
  /** Of how many the usage is known; the tokens of these together. */
  withUsage: number;
  inputTokens: number;
  outputTokens: number;
  /** Of how many the cost is known; the cost of these together, and of one on average. */
  withCost: number;
  usd: string;
  usdEach: string | null;
}

export interface WeighedVersion {
  label: string | null;
  tokens: TokenEstimate;
  /** One request, its input alone, a thousand requests; null where no price is known. */
  usd: MoneyInterval | null;
  input: MoneyInterval | null;
  perThousand: MoneyInterval | null;
  billed: VersionBill | null;
}

export interface VersionComparison {
  model: string;
  before: WeighedVersion;
  after: WeighedVersion;
  fields: VersionField[];
  /** After less before, so below 0 (`"-0.0012"`) where the later one is smaller. Exact where both counts
   * are. The money is that of the input: how long the answers become is told by receipts. */
  difference: {
    tokens: { low: number; expected: number; high: number; exact: boolean };
    input: MoneyInterval | null;
    inputPerThousand: MoneyInterval | null;
  };
}

/** Compares two versions of a prompt, word by word, in tokens and in money. `model`: by default the later
 * request's own.
 * @throws kind "unknown_model"; "invalid_input" for a version of another shape. */
export function compareVersions(
  before: Version | ChatRequest,
  after: Version | ChatRequest,
  options?: { model?: string },
): VersionComparison;
