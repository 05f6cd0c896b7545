// promptfare/workshop: what a page wants now and then, in a WebAssembly module of its own. Tokens and
// money come from `promptfare`, which is to be started too.
import type {
  ChatRequest, Experiment, InitInput, Json, LedgerRecord, MoneyInterval, Policy, Prompt, Receipt, TelemetrySink, TokenEstimate,
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

// ---------------------------------------------------------------- slimming

/** A change of one text, or a message or tool that goes whole. */
export type SlimEdit =
  | {
      /** JSON Pointer to the text, e.g. "/messages/0/content". */
      path: string;
      /** UTF-16 units of that text, before any change. */
      start: number;
      end: number;
      before: string;
      after: string;
    }
  | {
      /** JSON Pointer to the message or tool. */
      remove: string;
      before: unknown;
    };

export interface SlimProposal {
  /** Depends on what this proposal changes, and on nothing else. */
  id: string;
  kind:
    | "whitespace" | "json" | "table"
    | "filler" | "near_duplicate" | "duplicate" | "tool_result" | "stale_turn" | "unused_tool";
  /** The same JSON values and the same text but for space that says nothing; else the meaning changes. */
  lossless: boolean;
  why: string;
  /** Never overlapping. */
  edits: SlimEdit[];
  /** The whole request, with this proposal alone. */
  tokensBefore: number;
  tokensAfter: number;
  saved: { tokens: number; low: number; high: number; exact: boolean };
  /** At the price of uncached input; null where no price is known. */
  usdSaved: string | null;
  /** What a provider's prompt cache makes of it. */
  warning: string | null;
}

export interface SlimWeight {
  tokens: number;
  low: number;
  high: number;
  exact: boolean;
  /** Of the input, as if nothing were cached; null where no price is known. */
  usd: string | null;
}

export interface Slimming {
  before: SlimWeight;
  /** Only what saves tokens on this model. */
  proposals: SlimProposal[];
  /** With all lossless proposals; with all there are; with the accepted ones. Counted, not added up. */
  lossless: SlimWeight;
  all: SlimWeight;
  accepted: SlimWeight;
  /** After the accepted proposals: unchanged where none was. */
  request: ChatRequest;
}

/** What can be left out of a request, each as a diff with tokens and money counted anew on the whole
 * request. Code, quotations and strings stay as they are; nothing is changed that is not accepted. Any
 * proposals can be accepted together: `accept` takes ids that were given for this very request.
 * `options.model`: by default the request's own.
 * @throws kind "unknown_model"; "invalid_input" for an id that is none of this request's. */
export function slimRequest(request: ChatRequest, options?: { model?: string; accept?: string[] }): Slimming;

// ---------------------------------------------------------------- production

/** Holds estimates against bills: how often the bill was inside what was told before sending, and how
 * far it was from what was expected. `records` are what `client.receipts()` gives, oldest first.
 * @throws kind "invalid_input" */
export function reconcile(records: LedgerRecord[]): Reconciliation;
export interface Reconciliation extends ReconciledQuantities {
  records: number;
  perModel: (ReconciledQuantities & { model: string; records: number })[];
  /** In words. */
  words: string;
}
export interface ReconciledQuantities {
  inputTokens: { last50: Held | null; all: Held | null };
  /** Of whole answers: one that was cut short says little. */
  outputTokens: { last50: Held | null; all: Held | null };
  usd: { last50: Held | null; all: Held | null };
}
export interface Held {
  n: number;
  inside: number;
  /** The share inside, 0..1, with its 95 % interval (Wilson). */
  coverage: number;
  low: number;
  high: number;
  /** The share that was promised. For costs: at least. */
  promised: number;
  /** false where the promise is beyond the interval, and more missed than it allows. */
  kept: boolean;
  /** The mean distance of expected from billed: tokens, or USD. */
  meanError: number;
  /** The median distance, as a share of the bill. */
  medianError: number | null;
  /** All that was expected over all that was billed, less 1. */
  bias: number | null;
  words: string;
}

/** Watches for changes of the requests (length, kind, script) and of each model (billed over counted,
 * answers, latency, refusals, name, price). `records` are what `client.receipts()` gives, oldest first.
 * All tests of a model together raise at most one false alarm in 10,000 quiet requests on average,
 * where requests do not depend on each other (docs/statistics.md).
 * @throws kind "invalid_input" */
export function watchDrift(records: LedgerRecord[]): DriftWatch;
export interface DriftWatch {
  /** One false alarm per so many quiet requests, at most, by so many tests of a model. */
  falseAlarms: { onePer: number; tests: number };
  /** A test's evidence from which it raises an alarm. */
  alarmFrom: number;
  models: { model: string; records: number; alarms: DriftAlarm[]; tests: { what: string; records: number; evidence: number }[] }[];
  /** Those of all models. */
  alarms: DriftAlarm[];
}
export interface DriftAlarm {
  what: "billed_over_counted" | "input_estimate" | "input_length" | "input_kind" | "input_language"
    | "answer_length" | "latency" | "refusals" | "model_name" | "price";
  model: string;
  /** The id of the record at which it was sure. */
  raisedBy: string;
  /** The id of the record from which on it most likely holds, and when that was sent. */
  since: string;
  sinceAt: number;
  /** How many records speak for it. */
  records: number;
  /** Medians, shares, names, or USD as decimal strings. */
  before: number | string | null;
  after: number | string | null;
  /** The kind that became more frequent. */
  kind: string | null;
  /** How many times likelier a change is; null where it is no test. */
  evidence: number | null;
  /** For a price: rates that would explain the bill, USD per million tokens. */
  explained?: {
    bothTimes: string;
    inputAlone: string | null;
    outputAlone: string | null;
    twoBills: { input: string; output: string } | null;
  };
  words: string;
  /** What to do. */
  advice: string;
}

/** Judges an experiment by the receipts of its units. It may be asked after every one: at most one in
 * twenty experiments whose arms are alike ever gets a verdict. Each unit counts once.
 * @throws kind "invalid_input" */
export function judgeExperiment(
  records: LedgerRecord[],
  experiment: Experiment,
  options?: {
    /** Default "completed". */
    metric?: "completed" | "thumb" | "accuracy" | "refused" | "costUsd" | "firstPieceMs" | "totalMs" | "outputTokens";
    /** The difference that is worth to know: of shares (0.05), or a ratio (1.1). Default: as measured. */
    effect?: number;
  },
): ExperimentVerdict;
export interface ExperimentVerdict {
  id: string;
  metric: string;
  /** Of completed, thumb, accuracy and refused the first; of the others the second. */
  estimand: "difference of means" | "ratio of geometric means";
  /** Arithmetic means; for shares with a confidence sequence. */
  arms: { name: string; n: number; value: number | null; low: number | null; high: number | null }[];
  /** Whether the arms have the shares that were planned. */
  ratio: { evidence: number; p: number; stopped: boolean };
  /** Each further arm against the first. */
  comparisons: {
    first: string;
    second: string;
    /** The second less the first, or over it; null while there are too few. */
    low: number | null;
    value: number | null;
    high: number | null;
    evidence: number;
    /** At any time. */
    p: number;
    /** "a" is the first arm, "b" the second. */
    verdict: "b_better" | "a_better" | "no_difference_yet" | "stop_srm";
    /** How many more units, about, for a difference of `neededFor`; null where none would do. */
    needed: number | null;
    neededFor: number | null;
    words: string;
  }[];
  verdict: "b_better" | "a_better" | "no_difference_yet" | "stop_srm";
  words: string;
}

// ---------------------------------------------------------------- policy

/** A change of a policy that the records speak for. */
export interface PolicyProposal {
  /** What is proposed, e.g. "calibration/code_writing", "forbidden/gpt-5", "latencyMs/gpt-5". */
  id: string;
  /** The field of the policy; behind a slash, the name within it. */
  path: string;
  /** null: nothing stands there. */
  before: Json;
  after: Json;
  /** In words. */
  why: string;
  evidence: { [name: string]: number };
}

export interface PolicyProposals {
  proposals: PolicyProposal[];
  /** The policy with the accepted changes, and nothing else changed. */
  policy: Policy;
  /** What there is too little of to say. */
  notes: string[];
}

/** What `client.receipts()` says for another policy: shifts from feedback, models that fail too often,
 * measured times. Nothing is changed but what `accept` names.
 * @throws kind "invalid_input", naming the field, or an accepted id that is not proposed. */
export function proposePolicy(
  records: LedgerRecord[],
  policy?: Policy,
  options?: { accept?: string[] },
): PolicyProposals;

// ---------------------------------------------------------------- hints

export type HintKind = "no_task" | "no_format" | "vague" | "contradiction" | "many_asks" | "long_system";

/** A place in the request: of a prompt that is a string, message 0. */
export interface HintPlace {
  /** Its place in `messages`. */
  message: number;
  /** The part of its content, where that is a list. */
  part: number | null;
  /** In UTF-16 units of that text. */
  start: number;
  end: number;
  /** What stands there. */
  quote: string;
}

export interface Hint {
  kind: HintKind;
  place: HintPlace;
  /** The instruction that is contradicted, the other asks, further repetitions. */
  others: HintPlace[];
  /** Why it is a fault. */
  reason: string;
  /** What to write instead. */
  fix: string;
  /** A change of the text that `place` is in; null where only you can tell what to write. It may change
   * what is meant: show it before you take it. */
  edit: { start: number; end: number; text: string } | null;
  /** The whole request as it is, and with the edit. null without an edit or a model, and after the first
   * eight. */
  tokens: { before: number; after: number } | null;
}

export interface Review {
  /** Of the last ask. Hints are given where it is surely English, German, French or Spanish, or where
   * there is only code (`code` is null then). */
  language: { code: string | null; supported: boolean; sure: boolean };
  /** At most 24, in the order of their places. */
  hints: Hint[];
  /** Why there are none, or not all. */
  notes: string[];
}

/** Says what a careful editor would: nothing is asked, no form is named, a word that cannot be checked, two
 * instructions that exclude each other, several tasks at once, a system message that repeats itself. By
 * rules, on this machine; silent when unsure. With `options.model` each edit's tokens are counted.
 * @throws kind "invalid_input" for a request without a list of messages; "unknown_model". */
export function reviewPrompt(prompt: string | Prompt | ChatRequest, options?: { model?: string }): Review;
