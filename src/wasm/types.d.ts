// promptfare: the fare and the route of a prompt before the ride.
//
// A price is a rate, a cost is money, an estimate is before, usage is after, a count is exact.
// Unknown is null (or absent, where a field is optional), never zero. Money is a decimal string in
// USD without exponent or trailing zeros: "0.00315". Everything except `Client.send`,
// `Client.models` and the loading of files is synchronous and touches no network.

/** What WebAssembly can be had from. In a page leave it out: the module finds its own file. */
export type InitInput =
  | RequestInfo
  | URL
  | Response
  | BufferSource
  | WebAssembly.Module
  | Promise<Response>;

/** Starts the module. Call it once, before anything else; later calls do nothing. */
export default function init(source?: InitInput): Promise<void>;
/** Starts the module from bytes or a compiled module, where waiting is not possible. */
export function initSync(module: { module: BufferSource | WebAssembly.Module }): void;

// ---------------------------------------------------------------- errors

export type ErrorKind =
  | "authentication"
  | "permission"
  | "quota"
  | "rate_limit"
  | "context_overflow"
  | "policy"
  | "unknown_model"
  | "invalid_request"
  | "server"
  | "overloaded"
  | "network"
  | "timeout"
  | "protocol"
  | "aborted"
  | "unsupported"
  | "budget"
  | "storage"
  | "invalid_input";

/** What every function here throws: a real `Error` with these fields. */
export interface PromptfareError extends Error {
  name: "PromptfareError";
  kind: ErrorKind;
  /** HTTP status, where there was one. */
  status?: number;
  /** The gateway's own name of the request, for its support desk. */
  requestId?: string;
  /** How long the gateway asks to wait, in milliseconds. */
  retryAfterMs?: number;
  /** For `unknown_model`: the nearest known names, nearest first. */
  nearest?: string[];
  /** For `budget`: the cap that is in the way, with its numbers. */
  shortage?: Shortage;
}

// ---------------------------------------------------------------- models

/** USD per 1,000,000 tokens, as a decimal string; or by the size of the whole prompt: the tier with
 * the largest `start` that is exceeded holds. */
export type Rate = string | { base: string; tiers: { start: number; price: string }[] };

/** Prices in the field names of the price sources. Other fields are ignored. */
export interface Rates {
  input_mtok?: Rate;
  output_mtok?: Rate;
  cache_read_mtok?: Rate;
  cache_write_mtok?: Rate;
  cache_write_1h_mtok?: Rate;
  output_reasoning_mtok?: Rate;
  input_audio_mtok?: Rate;
  cache_audio_read_mtok?: Rate;
  output_audio_mtok?: Rate;
  input_image_mtok?: Rate;
  output_image_mtok?: Rate;
  /** USD per 1,000 requests, and per 1,000 searches in the web. */
  requests_kcount?: Rate;
  web_searches_kcount?: Rate;
  [other: string]: unknown;
}

/** A price with its source and the day it was checked (`YYYY-MM-DD`). */
export interface Price {
  from: string | null;
  checked: string;
  source: string;
  rates: Rates;
  /** Other services: "batch", "flex", "priority", "fast", "regional"; a factor or rates. */
  services?: Record<string, string | Rates>;
  /** What other sources or hosts say. */
  alternatives?: { source: string; note?: string; rates: Rates }[];
}

export interface Capabilities {
  vision: boolean | null;
  pdf: boolean | null;
  audio: boolean | null;
  tools: boolean | null;
  parallelTools: boolean | null;
  forcedToolChoice: boolean | null;
  jsonSchema: boolean | null;
  /** Whether temperature, top_p and top_k may differ from the default. */
  sampling: boolean | null;
  /** How reasoning is steered: "none", "effort", "budget_tokens", "adaptive", ... */
  reasoning: string | null;
}

export type ModelStatus =
  | { state: "active" }
  | { state: "deprecated"; retires: string | null; replacement: string | null }
  | { state: "retired"; on: string | null; replacement: string | null };

export interface Model {
  id: string;
  /** Who made it; null where only a gateway names it. */
  lab: string | null;
  aliases: string[];
  /** "claude-3", "claude-4.7", "o200k_base", "cl100k_base", or the name of one that is estimated. */
  tokenizer: string;
  contextWindow: number | null;
  maxInput: number | null;
  maxOutput: number | null;
  cacheMinTokens: number | null;
  capabilities: Capabilities;
  prices: Price[];
  released: string | null;
  status: ModelStatus;
}

/** What a name says beside the model, where that changes the price. */
export interface Variant {
  /** Offered without charge (`:free`). */
  free?: boolean;
  service?: "batch" | "flex" | "priority" | "fast";
  /** The region that the endpoint is bound to. */
  region?: string;
  /** The host or cloud that the name states. */
  host?: string;
}

/** Where a price was read, and how old it is. */
export interface PriceSource {
  source: string;
  /** The day it was last compared with its source, `YYYY-MM-DD`. */
  checked: string;
  /** The first day it holds, where that is known. */
  from: string | null;
  /** Days from `checked` to the day asked about. */
  ageDays: number | null;
}

export interface ResolvedModel extends Model {
  /** The name as it was given: what goes on the wire. */
  given: string;
  variant: Variant;
  /** The price in force today, service and region of the name included; null: none is known. */
  price: (PriceSource & { rates: Rates; notes: string[] }) | null;
}

/** Finds a model by its id or by a name that a gateway gives it.
 * @throws kind "unknown_model", with `nearest`. */
export function resolveModel(id: string): ResolvedModel;

/** A catalogue of the shape of this package's `catalog.json` (`catalog-schema.json`). */
export interface CatalogData {
  schema: 1;
  date: string;
  models: unknown[];
}

/** Lays a newer catalogue over the shipped one: its models replace those of the same id, earlier
 * prices stay where the newer ones have a first day. It is held to the same checks as the shipped one;
 * a later call replaces an earlier one. `sha256` (hexadecimal) is compared where it is given.
 * @throws kind "invalid_input", naming the entry; then nothing has changed. */
export function loadCatalog(
  source: CatalogData | URL | string | BufferSource | Response,
  options?: { sha256?: string },
): Promise<{ date: string; models: number }>;

// ---------------------------------------------------------------- tokens

export type VocabularyName = "claude-3" | "claude-4.7" | "o200k_base" | "cl100k_base";

/** Loads a vocabulary, so that counts of its models become exact. Without `source` it is the
 * package's own file. A wrong or cut file is an error, and estimates go on without it. */
export function loadVocabulary(
  name: VocabularyName,
  source?: URL | string | BufferSource | Response,
): Promise<void>;

export interface TokenEstimate {
  tokens: number;
  low: number;
  high: number;
  /** Then `low === tokens && tokens === high`. */
  exact: boolean;
  /** "heuristic", "o200k_base", "claude-3 (reconstruction)", ... */
  method: string;
  /** Where the tokens are, for whole requests; they add up to `tokens`. */
  parts?: Record<string, number>;
}

/** Tokens of bare text, without what a request adds around it. */
export function countTokens(text: string, model: string): TokenEstimate;

/** Tokens of a whole request as it will be billed: roles, system, tools, images.
 * `options.model` counts for another model than `request.model`; `options.provider` says who serves
 * it ("openrouter", "bedrock", "azure"; "openai-responses" where the gateway calls that API), where
 * that changes the count. */
export function estimateTokens(
  request: ChatRequest,
  options?: { model?: string; provider?: string },
): TokenEstimate;

export interface ImageAdvice {
  /** What the picture costs as it is, in tokens: its share of `parts.images`. */
  tokens: number;
  /** The largest size in which the model sees the same pixels: fewer bytes, the same tokens. */
  sameView: { width: number; height: number } | null;
  /** The largest smaller size, same proportions, that costs fewer tokens. */
  cheaper: { width: number; height: number; tokens: number } | null;
  /** What `cheaper` saves, in tokens. */
  saved: number;
  /** Whether `cheaper` is within one per cent of what the model sees now. */
  lossless: boolean;
}

/** What a smaller picture would save. A picture is a data URL, its bytes, or its size in pixels
 * (PNG, JPEG, WebP, GIF and AVIF headers are read here). null where size makes no difference to
 * the price, or the size cannot be read. */
export function imageAdvice(
  picture: string | BufferSource | { width: number; height: number },
  model: string,
): ImageAdvice | null;

/** Counts a text as it is edited. Offsets are UTF-16 code units, as in a `<textarea>`. */
export class LiveCounter {
  constructor(model: string, text?: string);
  /** Replaces `deleteCount` units at `start` by `insert`; returns the new number of tokens. */
  splice(start: number, deleteCount: number, insert: string): number;
  /** The number of tokens now. */
  readonly tokens: number;
  /** Whether that number is exact (the model's vocabulary was loaded at construction). */
  readonly exact: boolean;
  free(): void;
  [Symbol.dispose](): void;
}

// ---------------------------------------------------------------- cost

/** Input includes cache reads and writes; writes include one-hour writes; output includes
 * reasoning. */
export interface Usage {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens?: number;
  cacheWriteTokens?: number;
  cacheWrite1hTokens?: number;
  reasoningTokens?: number;
  /** Audio and images among the tokens above, where they are told apart. */
  inputAudioTokens?: number;
  cacheReadAudioTokens?: number;
  inputImageTokens?: number;
  outputAudioTokens?: number;
  outputImageTokens?: number;
  /** Searches that the provider made in the web. */
  webSearches?: number;
  /** How many requests this is, for models with a fee for each. Default 1. */
  requests?: number;
}

/** Reads the usage out of a provider's response body. */
export function readUsage(body: object, options?: { provider?: string; flavor?: string }): Usage;

export interface Cost {
  usd: string;
  input: string;
  output: string;
  /** What is paid by the piece (requests, searches): `usd` is `input` + `output` + `fees`. */
  fees?: string;
  /** What a reader should know, e.g. that cache reads were priced as input, or what it would be by
   * another source's or host's price. */
  notes?: string[];
  /** With a model's name: which price that was. */
  price?: PriceSource;
}

/** What a usage costs, exactly. With a model id the catalogue's price of `options.at` (default:
 * today) holds. @throws where a price is unknown or the usage is impossible. */
export function calculateCost(
  model: string | Rates,
  usage: Usage,
  options?: { at?: Date },
): Cost;

export interface MoneyInterval {
  low: string;
  expected: string;
  high: string;
}

/** `low <= expected <= high`. */
export interface TokenInterval {
  low: number;
  expected: number;
  high: number;
}

/** What one request will cost on one model, in USD. */
export interface CostEstimate extends MoneyInterval {
  /** The catalogue's id. */
  model: string;
  input: MoneyInterval;
  output: MoneyInterval;
  /** A thousand such requests. */
  perThousand: MoneyInterval;
  inputTokens: TokenInterval;
  /** Reasoning included. */
  outputTokens: TokenInterval;
  /** The share of answers that fell inside `outputTokens` when it was measured, 0..1. */
  coverage: number | null;
  /** How the numbers of tokens came about. */
  method: string;
  /** What would be expected of the answer without `history`, where that has moved it. */
  typicalOutputTokens?: number;
  price: PriceSource;
  notes: string[];
  /** With `options.session`: all its turns. Ends are sums of ends, so wider than for one request. */
  perSession?: MoneyInterval;
  /** With `options.runsPerDay`: thirty days of requests, or of sessions where there is one. */
  perMonth?: MoneyInterval;
  /** With `options.currency`: the same, converted to the last digit. USD stays the truth. */
  display?: MoneyInterval & Currency & {
    perThousand: MoneyInterval;
    perSession?: MoneyInterval;
    perMonth?: MoneyInterval;
  };
  /** With `options.candidates`: one estimate for each. */
  candidates?: CostEstimate[];
}

/** What a request will cost on `request.model` (or the first of `options.candidates`).
 * @throws kind "unknown_model" or "unsupported" where there is no price: never $0. */
export function estimateCost(request: ChatRequest, options?: EstimateOptions): CostEstimate;
export interface EstimateOptions {
  candidates?: string[];
  /** Who serves it ("openrouter", "bedrock", "azure"), where that changes the count. */
  provider?: string;
  at?: Date;
  /** Your own expectation of the answer, in tokens. */
  answerTokens?: number | TokenInterval;
  /** A conversation that begins with the request; each turn sends all that was said before. */
  session?: {
    /** 1 to 1000. */
    turns: number;
    /** Tokens of each later question. Default: as many as the request's last message. */
    userTokens?: number;
    /** Whether `expected` counts on the provider's prompt cache. `low` does, `high` doesn't. */
    cached?: boolean;
  };
  runsPerDay?: number;
  currency?: Currency;
  /** Your own answers, oldest first: what was expected (`typicalOutputTokens`, else
   * `outputTokens.expected`) and what was billed. They shift and narrow the interval. */
  history?: { estimated: number; billed: number }[];
}

export interface Currency {
  /** ISO 4217. */
  code: string;
  /** Units for one US dollar: a decimal string of at most 6 decimals. */
  perUsd: string;
  /** The day of that rate, `YYYY-MM-DD`. */
  asOf: string;
}

/** What the provider's prompt cache would do for a request. Money is for the prefix alone. */
export interface CacheAdvice {
  /** The catalogue's id. */
  model: string;
  /** "explicit": it wants `cache_control` marks; "automatic": it caches by itself. */
  kind: "explicit" | "automatic" | "none";
  /** The shortest prefix that is cached; null: not known. */
  minTokens: number | null;
  /** All that comes again in the next request: up to the newest message. null: nothing does. */
  prefix: {
    tokens: number;
    low: number;
    high: number;
    exact: boolean;
    /** null: not certain. */
    longEnough: boolean | null;
  } | null;
  /** Where marks belong, at most four; empty for other kinds. */
  breakpoints: {
    after: "tools" | "system" | "history";
    /** The message that carries the mark; null: the last tool. */
    message: number | null;
    /** Of the prefix up to there. */
    tokens: number;
    longEnough: boolean | null;
  }[];
  plainUsd: string;
  readUsd: string | null;
  /** For five minutes, or as long as the provider keeps it; null: writing costs as input does. */
  writeUsd: string | null;
  write1hUsd: string | null;
  /** So many reads make good what writing costs more. */
  paysAfterReads: number | null;
  paysAfterReads1h: number | null;
  /** With `options.switchTo`: there the prefix has to be read anew. */
  switching: { model: string; firstUsd: string; insteadOfUsd: string } | null;
  /** With `options.set`: the request with these marks and no others. */
  request?: ChatRequest;
}

/** Where the provider's prompt cache helps this request, and when it pays.
 * @throws kind "unknown_model"; "unsupported" where there is no price. */
export function cacheAdvice(
  request: ChatRequest,
  options?: {
    model?: string;
    provider?: string;
    at?: Date;
    /** For `set`. Default "5m". */
    ttl?: "5m" | "1h";
    set?: boolean;
    switchTo?: string;
  },
): CacheAdvice;

// ---------------------------------------------------------------- requests

export type ContentPart =
  | { type: "text"; text: string; cache_control?: { type: "ephemeral"; ttl?: "5m" | "1h" } }
  | { type: "image_url"; image_url: { url: string; detail?: "auto" | "low" | "high" } }
  | { type: "file"; file: { filename?: string; file_data?: string; file_id?: string } }
  | { type: "input_audio"; input_audio: { data: string; format: string } };

export interface ToolCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
}

export interface ChatMessage {
  role: "system" | "developer" | "user" | "assistant" | "tool";
  content?: string | ContentPart[] | null;
  name?: string;
  tool_calls?: ToolCall[];
  tool_call_id?: string;
}

/** A value of JSON. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export interface Tool {
  type: "function";
  function: {
    name: string;
    description?: string;
    parameters?: { [key: string]: Json };
    strict?: boolean;
  };
}

/** An OpenAI-compatible chat request, in OpenAI's names. Other fields pass through. */
export interface ChatRequest {
  model?: string;
  messages: ChatMessage[];
  tools?: Tool[];
  tool_choice?:
    | "auto"
    | "none"
    | "required"
    | { type: "function"; function: { name: string } };
  parallel_tool_calls?: boolean;
  response_format?: { [key: string]: Json };
  max_tokens?: number;
  max_completion_tokens?: number;
  reasoning_effort?: string;
  temperature?: number;
  top_p?: number;
  stop?: string | string[];
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
  [other: string]: unknown;
}

/** What a person typed, with what belongs to it. */
/** A prompt: a text, or what you tell apart of it. Only `text` or `task` must be there; what is blank
 * is not there. How the parts become messages stands in `docs/prompts.md`. */
export interface Prompt {
  /** What is asked; beside `task`, what the task is done on. */
  text?: string;
  system?: string;
  /** Images as `data:` URLs or addresses. */
  images?: string[];
  /** Earlier turns, oldest first. */
  history?: ChatMessage[];
  /** What is to be done: one ask, or several in order. */
  task?: string | string[];
  /** Who the model is to be: "You are a tax lawyer." */
  role?: string;
  /** How the answer is to look: words, or a JSON Schema, which the model is held to where it is known
   * to take one, and told in words where not. */
  format?: string | { [key: string]: Json };
  /** What the answer must hold to. */
  constraints?: string | string[];
  /** How it is done, shown: a pair of messages each. `weight` (0 to 1,000,000) counts where not all of
   * them fit `examplesTokens`; default: 1 and the words that the input shares with the ask. */
  examples?: { input: string; output: string; weight?: number }[];
  /** What the answer is to rest on; it stands before the ask. */
  context?: string | { title?: string; text: string }[];
  /** What goes with the ask, in this order. `image`: a `data:` URL or an address; `file`: a `data:` URL. */
  attachments?: ({ name: string; text: string } | { name?: string; image: string } | { name?: string; file: string })[];
}

/** Which sentences are added to a prompt. "plain": none. "deep": step by step, justified, alternatives
 * considered. "fast": short and direct, and a complex ask is numbered as steps. */
export type Tier = "plain" | "deep" | "fast";

export interface RequestOptions {
  model?: string;
  /** The most tokens the answer may have; written to the field that the model takes. */
  maxTokens?: number;
  temperature?: number;
  topP?: number;
  stop?: string | string[];
  reasoningEffort?: string;
  responseFormat?: { [key: string]: Json };
  tools?: Tool[];
  toolChoice?: ChatRequest["tool_choice"];
  parallelToolCalls?: boolean;
  /** Ask for a streamed answer, with its usage. */
  stream?: boolean;
  /** Fields of one gateway, passed through. */
  extra?: { [field: string]: Json };
  /** Default "plain": nothing is added that you did not write. */
  tier?: Tier;
  /** The most tokens that the prompt's `examples` may come to on the model: those that weigh most
   * together stay, in their order. Without it all of them do. */
  examplesTokens?: number;
}

/** Builds the OpenAI-compatible request.
 * @throws kind "unsupported" where the chosen model would refuse it. */
export function buildRequest(prompt: string | Prompt, options?: RequestOptions): ChatRequest;

/** The request as text to copy. The key is never in it: it reads the environment. */
export function requestSnippet(
  request: ChatRequest,
  options: { baseUrl: string; language: "curl" | "fetch" | "openai-node" | "openai-python" },
): string;

// ---------------------------------------------------------------- routing

/** A use of the fourteen that the comparison of a deep and a fast tier names. */
export type PresetName =
  | "scientific-research" | "strategy" | "software-design" | "legal-medical" | "creative-writing" | "tutoring"
  | "financial-risk" | "customer-support" | "moderation" | "routine-content" | "developer-productivity"
  | "extraction-summary" | "workflow-automation" | "recommendations";

export type TaskKind =
  | "tool_use" | "code_writing" | "code_reading" | "word_problem" | "mathematics" | "knowledge" | "writing"
  | "extraction" | "general";

/** The five questions: accuracy is non-negotiable; speed and cost are paramount; the text is extremely
 * long; the budget is tight while power is needed; the task is creative, nuanced or abstract. */
export type Question = "accuracy" | "speed" | "long" | "budget" | "creative";

/** Plain data; its schema is `docs/policy.schema.json`. */
export interface Policy {
  /** The models to choose from. */
  candidates?: string[];
  /** Only these, where there are any. */
  allowed?: string[];
  /** Never these. */
  forbidden?: string[];
  /** This one, whatever speaks against it (unless it cannot take the request). */
  override?: string;
  /** The first that fits the last ask settles it, if its model is a candidate that can take it. */
  rules?: SavedRule[];
  /** The most that one request may cost in USD, at worst: the upper end of its tokens at the
   * dearest price that can apply, and the answer as long as its limit (without one: the upper end
   * of what is expected). */
  maxCostUsd?: number | string;
  /** How much hangs on the answer. Default: the preset's, or what the prompt shows, or "ordinary". */
  criticality?: "ordinary" | "important" | "critical";
  /** Retired models may be picked too (gateways may still serve them). Default: only where
   * nothing else is left, or where all candidates are retired. */
  allowRetired?: boolean;
  /** What the requests are for. On a fast use, what a prompt shows of stakes is told and does not
   * raise the criticality. */
  preset?: PresetName;
  /** Your answers to the five questions; without one, it is read from the prompt. */
  switches?: { [question in Question]?: boolean };
  /** Share of calls that shall go to the strongest candidate, 0..1, held to your own traffic. A
   * critical request goes there in any case. */
  dial?: number;
  /** Where the score rests on the base rate alone: take the cheapest, or the strongest. Default: go by
   * the base rate. */
  unsure?: "cheap" | "safe";
  /** What a right answer is worth beside a wrong one, in USD. Default: by criticality the price of a
   * second try on the strongest, 1, or 1000. */
  worthUsd?: number | string;
  /** Which model holds the conversation so far in its prompt cache, and how many tokens. */
  session?: { model: string; prefixTokens: number };
  /** Milliseconds until an answer is there, as you measured them. */
  latencyMs?: { [model: string]: number };
  /** What a second of waiting is worth. Default 0; 0.01 where `switches.speed` is on. */
  secondUsd?: number | string;
  /** Your own levels of models, 0 (weakest) to 9, above those of the makers' product lines. */
  levels?: { [model: string]: number };
  /** What your own feedback says of kinds of task: a shift of the score in log-odds, within 1.5, and how
   * many judged answers it stands on. `learn` of a client and `proposePolicy` make it; leave it out to
   * undo it. */
  calibration?: { [kind in TaskKind]?: { logOdds: number; outcomes: number } };
  /** `need` of your past prompts, oldest first, and how many of them went to the strongest. A `Client`
   * keeps its own. */
  traffic?: { needs: number[]; strong?: number | null };
}

export interface SavedRule {
  /** The last ask contains this, whatever the case. */
  contains?: string;
  kind?: TaskKind;
  stakes?: "legal" | "medical" | "financial" | "scientific";
  model: string;
}

export interface Reason {
  /** A stable name, e.g. "cheaper", "context", "vision". */
  code: string;
  /** For, or against, the pick; or "note". */
  speaks: "for" | "against" | "note";
  /** In words. */
  text: string;
}

export interface Counterfactual {
  /** What would have to be different, in words. */
  change: string;
  /** The model that would be picked then. */
  model: string;
  /** The change as data: fields of the policy (null takes one away), another `need`, or what would not
   * stand in the way. */
  flip: { policy: { [field: string]: Json } } | { need: number } | { without: "capability" | "context" };
}

export interface Alternative {
  model: string;
  /** Whether it could take the request. */
  possible: boolean;
  /** Why not, or what it would mean. */
  text: string;
  /** Its expected cost, where known. */
  expectedUsd: string | null;
}

export interface Route {
  model: string;
  /** 0..1: the probability that the stronger of the candidates succeeds where the cheapest fails. */
  need: number;
  /** 0..1: how sure the pick is. */
  confidence: number;
  reasons: Reason[];
  counterfactuals: Counterfactual[];
  alternatives: Alternative[];
  /** What the pick may lose against the stronger candidate. */
  mayLose: string[];
  strongest: string;
  cheapest: string;
  /** What `need` is made of. */
  score: RouteScore;
  /** The five questions, as found or as answered by you. */
  signals: Signal[];
  criticality: "ordinary" | "important" | "critical";
  /** The share of your own prompts (until there are any, of those in training) that would go to the
   * strongest candidate, at the prices of this one. */
  expectedShare: number;
  receipt: RouteReceipt;
}

export interface RouteScore {
  category: TaskKind;
  /** `need` in log-odds: the contributions' sum, exactly. */
  logOdds: number;
  /** Name and log-odds: the base rate ("category"), what weighs most, "others". */
  contributions: [string, number][];
  /** 0..1: how far it rests on outcomes of prompts like this one. */
  confidence: number;
}

export interface Signal {
  question: Question;
  found: boolean;
  on: boolean;
  /** Whether your policy has answered it. */
  stated: boolean;
  evidence: string[];
}

/** Hashes (SHA-256) of what a decision was made from, its policy, and the figures it rests on. */
export interface RouteReceipt {
  schema: 1;
  model: string;
  request: string;
  policy: string;
  settings: Policy;
  catalogue: string;
  weights: string;
  candidates: {
    model: string;
    tokens: number;
    low: number;
    high: number;
    cost: { expected: string; high: string; outputTokens: number } | null;
    /** The most that it can cost, where the policy has a limit. */
    most: string | null;
    cached: string | null;
  }[];
}

/** Picks a model. Needs no vocabulary and no network. @throws where no candidate can take it. */
export function route(request: ChatRequest, policy?: Policy): Route;

/** Makes a decision again from its receipt, by the receipt's figures: on any day, with or without
 * vocabularies. `differs` names what is not what it was. */
export function replayRoute(
  receipt: RouteReceipt,
  request: ChatRequest,
): { same: boolean; model: string; differs: ("request" | "policy" | "catalogue" | "weights" | "pick")[] };

/** What is known of a model in one dimension; null where no source tells. */
export type Dimension<T> = { value: T; source: string; checked: string } | null;

export interface ModelDimensions {
  model: string;
  dimensions: {
    reasoningDepth: Dimension<string>;
    taskComplexity: Dimension<string>;
    /** Milliseconds, of your own measure. */
    latency: Dimension<number>;
    cost: Dimension<Rates>;
    contextWindow: Dimension<number>;
    code: Dimension<string>;
    vision: Dimension<boolean>;
    bestFor: Dimension<string>;
    primaryAdvantage: Dimension<string>;
  };
}

/** Models side by side in the nine dimensions. @throws kind "unknown_model". */
export function compareModels(
  models: string[],
  options?: { at?: Date; latencyMs?: { [model: string]: number } },
): ModelDimensions[];

/** The policy for another router, as far as it can be told: a LiteLLM proxy's `config.yaml` (JSON is
 * YAML), fields of an OpenRouter request, a Portkey configuration. `notes` say what was left out. */
export function exportPolicy(
  policy: Policy,
  target: "litellm" | "openrouter" | "portkey",
): { config: { [field: string]: Json }; notes: string[] };

// ---------------------------------------------------------------- sending

/** Before sending: plain data, to look at, store or send. */
export interface Plan {
  id: string;
  /** The picked model, in the name that the caller (or the policy) gave it. */
  model: string;
  /** What will be sent. */
  request: ChatRequest;
  /** What the model or the gateway makes of it otherwise than it was asked, in words. */
  notes: string[];
  /** For the picked model. */
  tokens: TokenEstimate;
  /** For the picked model; null where its price is not known. */
  cost: CostEstimate | null;
  candidates: PlannedCandidate[];
  route: Route;
  /** How it stands with the caps, as last known; null where there are none. */
  budget: PlanBudget | null;
  /** What was found that should not leave in clear; null where nobody looked (both are "off"). */
  privacy: PlanPrivacy | null;
  /** How the prompt was put for the picked model; null where it stands as it was written. */
  prompt: PlanPrompt | null;
  /** As `PlanOptions.task`. */
  task?: string;
  /** The arm that the unit is in, and what stands for the unit in the ledger: a hash that is another in
   * each experiment. */
  experiment?: { id: string; arm: string; unit: string };
}

export interface PlanPrompt {
  tier: Tier;
  /** Every sentence in `request` that you did not write. */
  added: string[];
  /** Into how many numbered steps the ask was split; 0: it was not. */
  steps: number;
  /** The language of the sentences; null: the prompt's is none that there are sentences in. */
  language: "en" | "de" | "fr" | "es" | "pt" | "it" | null;
  /** With `examplesTokens`: which examples stayed, by their places. */
  examples: { chosen: number[]; leftOut: number[]; tokens: number; exact: boolean } | null;
}

export interface PlannedCandidate {
  /** In the name that the caller gave it. */
  model: string;
  tokens: TokenEstimate;
  /** null: the price is not known; `note` says why. */
  cost: CostEstimate | null;
  note: string | null;
}

export interface PlanOptions extends Omit<RequestOptions, "tier"> {
  /** "auto": as suits the picked model, by its level among the candidates. The route is decided on the
   * prompt with nothing added; `prompt` and `notes` of the plan say what was. Plans of workflows add
   * nothing. */
  tier?: Tier | "auto";
  /** The most that this request may cost at worst: `budget.requestUsd` for this plan alone (the
   * smaller of the two holds). */
  maxCostUsd?: number | string;
  policy?: Policy;
  answerTokens?: EstimateOptions["answerTokens"];
  session?: EstimateOptions["session"];
  runsPerDay?: number;
  currency?: Currency;
  /** Beside the client's own receipts of each model, which count always. */
  history?: EstimateOptions["history"];
  /** Instead of the client's. */
  privacy?: PrivacyOptions;
  /** Who or what stays in one arm of an experiment: a person, a session. Without it there is none. */
  unit?: string;
  /** Which of the client's `experiments`. Default: the first. */
  experiment?: string;
  /** What the request is for, in your own word: the key figures tell tasks apart by it. Default: the
   * router's kind of task. */
  task?: string;
}

/** What is done about secrets and personal data in all texts of a request. They are found in the page;
 * nothing is asked of a server. "warn": told in `plan.privacy` and `plan.notes`, sent as it stands.
 * "mask": placeholders are sent, counted and priced, and the answer has the values again. "refuse":
 * planning throws kind "policy". Images, files and audio are not looked into, and neither names nor
 * postal addresses are found. */
export interface PrivacyOptions {
  /** Keys, tokens, passwords, private keys. Default "warn". */
  secrets?: "off" | "warn" | "mask" | "refuse";
  /** Addresses of mail and networks, numbers of telephones, cards, bank accounts. Default "off". */
  personal?: "off" | "warn" | "mask" | "refuse";
  /** Values that may stand, exactly as written; "@acme.com" stands for all mail addresses there. */
  allow?: string[];
}

export type SecretKind =
  | "openai" | "anthropic" | "openrouter" | "github" | "gitlab" | "slack" | "aws-key-id" | "aws-secret"
  | "google" | "stripe" | "twilio" | "sendgrid" | "npm" | "pypi" | "huggingface" | "azure" | "api-key"
  | "jwt" | "private-key" | "url-password" | "bearer" | "assigned";
export type PersonalKind = "email" | "phone" | "card" | "iban" | "ip" | "mac" | "us-ssn";

/** No value stands in it; the client that made the plan has them, in memory only. */
export interface PlanPrivacy {
  /** Each value once, in the order found, the first 200. */
  found: {
    kind: SecretKind | PersonalKind;
    secret: boolean;
    /** Whether its form alone decides (a checksum, a maker's beginning), not the words around it. */
    sure: boolean;
    /** How often it stands there. */
    count: number;
    /** The first 20 places, in UTF-16 units of the text; `message` null: outside of the messages. */
    places: { message: number | null; part: number | null; start: number; end: number }[];
    masked: boolean;
    /** What is sent instead, such as "[EMAIL1]"; null where it is not masked. */
    placeholder: string | null;
  }[];
  /** How many different values of each kind. */
  counts: { [kind in SecretKind | PersonalKind]?: number };
  /** How many different values are masked. */
  masked: number;
}

export interface Piece {
  text?: string;
  reasoning?: string;
  /** Why the model declines, where it says so apart from the text. */
  refusal?: string;
  toolCalls?: { index: number; id?: string; name?: string; arguments?: string }[];
}

export interface Attempt {
  model: string;
  /** The base address. */
  endpoint: string;
  /** Not tried: it failed lately and cools down; `error.message` says for how long. */
  skipped?: true;
  /** Milliseconds from the start of the first attempt. */
  startedMs: number;
  durationMs: number;
  /** Tries of its own that the gateway reports, beyond its first. */
  gatewayRetries?: number;
  error?: { kind: ErrorKind; message: string; status?: number };
}

/** What one request cost, in USD. Where the gateway named only the sum, there is no split. */
export interface Bill {
  usd: string;
  input?: string;
  output?: string;
  notes?: string[];
}

export interface Receipt {
  id: string;
  planId: string;
  ending: "completed" | "truncated" | "errored" | "aborted";
  /** For a truncated answer: why, in words. */
  reason?: string;
  /** Why it ended so, in the gateway's word, where it gave one. */
  finishReason: string | null;
  /** The model that was asked, in the plan's name. */
  model: string;
  /** The model that the gateway says answered. */
  answeredBy: string | null;
  /** The provider behind the gateway, where it says so. */
  provider?: string;
  /** The gateway's name for the answer. */
  answerId?: string;
  text: string;
  reasoning: string | null;
  /** Why the model declined, where it did so apart from the text. */
  refusal?: string;
  toolCalls: ToolCall[];
  /** null where the gateway said nothing and nothing could be estimated. */
  usage: Usage | null;
  /** "cache": the answer was kept from an earlier request, nothing was used. */
  usageSource: "gateway" | "cache" | "estimated" | "none";
  /** The answer was kept from an earlier request: nothing was sent, and it cost $0. */
  cached?: true;
  cost: Bill | null;
  /** "charged": the gateway's own figure; "header": read from a header; "usage": price times
   * usage; "estimated": from the estimate. */
  costSource: "charged" | "header" | "cache" | "usage" | "estimated" | "none";
  /** What the known price makes of the usage, where the gateway stated its own figure. */
  listed?: Bill;
  /** As in the plan. */
  experiment?: Plan["experiment"];
  timing: {
    /** Before sending, in the queue of `concurrency`. */
    queuedMs: number;
    /** When it was sent, milliseconds since 1970. */
    sentAt: number;
    firstPieceMs: number | null;
    lastPieceMs: number | null;
    /** How many pieces came. */
    pieces: number;
    totalMs: number;
  };
  attempts: Attempt[];
  /** The estimate against the bill; null where there is no bill. */
  comparison: {
    /** As told in the plan's cost: estimated counts move with the client's own bills. */
    inputTokens: { estimated: number; low: number; high: number; billed: number; inside: boolean };
    outputTokens: {
      estimated: number;
      low: number;
      high: number;
      billed: number;
      inside: boolean;
      /** What was expected before the client's own receipts moved it. */
      typical?: number;
    };
    usd: { low: string; expected: string; high: string; billed: string; inside: boolean } | null;
  } | null;
  error?: { kind: ErrorKind; message: string; status?: number; requestId?: string };
  /** Where a cap is set: what was reserved, and what became of it. */
  budget?: ReceiptBudget;
  /** Where values were masked: whether they stand in this receipt and its pieces again. */
  privacy?: { masked: number; restored: boolean; note: string | null };
  /** With `telemetry`: by what it is found there. */
  trace?: { traceId: string; spanId: string };
  /** Where `ClientOptions.ledger` is on: the receipt resolves when it is on the disk, or could not be
   * written there; then it is in memory alone. */
  ledger?: LedgerState;
}

export type LedgerState = { stored: true } | { stored: false; reason: string };

/** While it comes: pieces, then exactly one ending. Leaving the loop aborts the request. */
export class Answer implements AsyncIterable<Piece> {
  private constructor();
  [Symbol.asyncIterator](): AsyncIterator<Piece, undefined>;
  /** Always resolves, also where nobody iterates. */
  readonly receipt: Promise<Receipt>;
  free(): void;
  [Symbol.dispose](): void;
}

// ---------------------------------------------------------------- budget

/** Caps in USD. Before a request leaves, the most that it can cost is reserved; its true cost takes
 * the reservation's place. What does not fit is not sent: the answer fails with kind "budget". */
export interface BudgetOptions {
  /** One request, at worst. */
  requestUsd?: number | string;
  /** All requests of this client. */
  sessionUsd?: number | string;
  /** All requests of all tabs of this origin, on one day of the page's local time. Kept in
   * IndexedDB; where the browser refuses that, in this client alone, and `shared` is false. */
  dayUsd?: number | string;
  /** Budgets of different names have days of their own. Default "default". */
  name?: string;
  /** Models without a known price: "refuse" (default), or "allow", uncounted until a bill comes. */
  unknownCost?: "refuse" | "allow";
}

/** `leftUsd` is `usd` less the three others. */
export interface BudgetCap {
  cap: "request" | "session" | "day";
  usd: string;
  spentUsd: string;
  /** For requests under way. */
  reservedUsd: string;
  /** For requests whose bill will not be known (a tab that died, a connection that was lost): the
   * money may have been spent. */
  unsettledUsd: string;
  leftUsd: string;
}

export interface BudgetState {
  caps: BudgetCap[];
  /** Whether all tabs share the day; null where no cap of a day is set. */
  shared: boolean | null;
  /** `YYYY-MM-DD`, the page's local day. */
  day: string;
  name: string;
}

export interface PlanBudget {
  /** The most that the plan can cost; null where the price is not known. */
  worstUsd: string | null;
  /** The most tokens of the answer that this stands for: the request's own limit, or the one that
   * the budget set (`notes` says so). */
  maxTokens: number | null;
  /** Whether it fits what is left, as last known. Sending asks again. */
  fits: boolean;
  shared: boolean | null;
  caps: BudgetCap[];
  /** What would fit, where this does not: a smaller answer, another model, a shorter context. */
  options: BudgetOption[];
  notes: string[];
  /** The size of the request that this stands for, in bytes of JSON. */
  bytes: number;
}

export interface BudgetOption {
  change: "answer" | "model" | "context";
  model: string;
  maxTokens: number | null;
  /** The most that it can cost. */
  usd: string;
  /** For "context": how many tokens must go, and how many of the oldest messages that is. */
  dropTokens?: number;
  dropMessages?: number;
}

export interface Shortage {
  cap: BudgetCap["cap"];
  capUsd: string;
  spentUsd: string;
  reservedUsd: string;
  unsettledUsd: string;
  wantedUsd: string;
  leftUsd: string;
}

export interface Settlement {
  /** null: nothing was. */
  reservedUsd: string | null;
  /** null: no bill came and none will; the reservation stays. */
  settledUsd: string | null;
  /** "bill": the gateway's figure, or price times its usage; "estimate": no bill came, but text
   * did; "unused": nothing was charged; "unsettled": it may have been. */
  settledBy: "bill" | "estimate" | "unused" | "unsettled";
  /** Why it could not be written down. */
  note?: string | null;
  /** Why it was not sent. */
  refused?: Shortage | null;
}

export interface ReceiptBudget extends Settlement {
  /** Of attempts before, oldest first. */
  earlier?: Settlement[];
  /** How the caps stand after it. */
  caps: BudgetCap[];
  shared: boolean | null;
}

export interface ClientOptions {
  /** e.g. "/gateway/v1" (a same-origin proxy) or "https://openrouter.ai/api/v1". May be left out
   * where there are `endpoints`. */
  baseUrl?: string;
  /** More places with the same models, by weight. One that fails cools down, each model for itself;
   * another takes the request before the first content, also where the account of the first has no
   * quota left. */
  endpoints?: Endpoint[];
  /** Asked before each request. A string is a long-lived key in a page: it needs
   * `allowKeyInPage: true`. It is kept in memory only. */
  apiKey?: string | (() => string | Promise<string>);
  allowKeyInPage?: boolean;
  /** The candidates; more than one allows failover among them before the first content. */
  models?: string[];
  policy?: Policy;
  budget?: BudgetOptions;
  /** For every plan; a plan's own `privacy` takes its place. */
  privacy?: PrivacyOptions;
  /** Name of a gateway profile, or a profile of your own. Default: by the host of `baseUrl`. */
  profile?: string | GatewayProfile;
  timeouts?: Timeouts;
  /** Time for retries and failover together, in milliseconds. Default 30,000. 0: no retries. */
  retryBudgetMs?: number;
  /** Whether other models and endpoints may take a request that fails. Default true. */
  failover?: boolean;
  /** The most requests on the wire at once; the others wait in turn. Default: no limit. */
  concurrency?: number;
  /** Keep answers for the very same request, in this browser (IndexedDB; in memory where there is
   * none). Default: no. `true` for the defaults. */
  cache?: boolean | CacheOptions;
  /** Whether feedback and the judge's scores move the router per kind of task, within bounds; every route
   * that they touch says so (`reasons`, code "feedback"). Where the policy has a `calibration`, that holds
   * instead. Default false. */
  learn?: boolean;
  /** Who is told of every receipt; `openTelemetry` of "promptfare/workshop" makes one. Default: nobody. */
  telemetry?: TelemetrySink;
  /** Keep receipts over reloads, for all tabs of this origin (IndexedDB). Default: no, the session's
   * are in memory. `true` for the defaults. Where the browser refuses it they stay in memory, and
   * `receipt.ledger` says so. */
  ledger?: boolean | LedgerOptions;
  /** Asked about every answer that came, after its receipt: how right it is, 0 to 1, or yes or no.
   * Anything else, and what it throws, is no judgement. */
  judge?: (receipt: Receipt) => JudgeVerdict | Promise<JudgeVerdict>;
  /** Compared on live requests: plans that name a `unit` take the model, policy and instructions of its
   * arm; `judgeExperiment` of "promptfare/workshop" judges them. */
  experiments?: Experiment[];
}

/** Arms that are compared on live requests, the present way first. */
export interface Experiment {
  id: string;
  arms: {
    name: string;
    /** How many units, beside the other arms' weights. Default 1. A changed weight moves only the units
     * that it must. */
    weight?: number;
    /** These three stand over what the request or the client says. */
    model?: string;
    policy?: Policy;
    /** Instructions above those of the request. */
    system?: string;
  }[];
  /** Default: the id. A unit is in the same arm of two experiments with the same salt and names. */
  salt?: string;
}

/** Takes receipts. What it throws is not heeded. */
export interface TelemetrySink {
  /** Before a request leaves: 32 and 16 hexadecimal digits. They stand in `receipt.trace`, and go as
   * `traceparent` to a gateway of the page's own origin, or whose profile says `traceContext`. */
  begin?(): { traceId: string; spanId: string };
  /** After it ended, with the request as it was planned. */
  record(receipt: Receipt, request: ChatRequest): void;
}

export type JudgeVerdict = number | boolean | null | void;

export interface LedgerOptions {
  /** Ledgers of different names are apart: an application, a user. Default "default". */
  name?: string;
  /** The oldest go where there are more; they stay in the key figures. Default 10,000, at most
   * 1,000,000. */
  maxReceipts?: number;
  /** Older ones go when a client is made; they stay in the key figures. Default: no limit. */
  maxDays?: number;
  /** Keep the messages that were sent and the answers too. Default false. */
  keepText?: boolean;
}

export interface Endpoint {
  baseUrl: string;
  /** Its share of the requests. Default 1. */
  weight?: number;
  /** As `ClientOptions.apiKey`. */
  apiKey?: ClientOptions["apiKey"];
  profile?: ClientOptions["profile"];
}

/** Never kept: errors, answers cut short, refusals, tool calls. A hit costs $0 and says so
 * (`receipt.cached`). The keys are hashes; the answers are plain text that every script of this
 * origin can read. */
export interface CacheOptions {
  /** How long an answer holds, in milliseconds. Default 86,400,000: a day. */
  ttlMs?: number;
  /** Default 1,000. */
  maxEntries?: number;
  /** Of all answers together. Default 10,000,000. */
  maxBytes?: number;
  /** Whose answers: a user, a tenant. Those of another scope, or other addresses, are never given. */
  scope?: string;
  /** Also where temperature is above 0 or not named (providers take 1 then): the kept answer is one
   * of many that the model could give. Default false. */
  allowSampling?: boolean;
}

/** What a list of prompts will cost. */
export interface Precomputed {
  /** One for each prompt; sent, they fill the cache. */
  plans: Plan[];
  /** Together; what is kept already costs nothing. null where a price is not known. */
  cost: MoneyInterval | null;
}

/** Milliseconds; 0 switches one off. */
export interface Timeouts {
  /** Until the response's headers. Default 60,000. */
  firstByteMs?: number;
  /** Between two reads of the stream. Default 60,000. */
  idleMs?: number;
  /** All in all, one attempt. Default 600,000. */
  totalMs?: number;
}

/** What is particular to a gateway. */
export interface GatewayProfile {
  id?: string;
  name: string;
  /** Headers beside Content-Type and the key's: each can break a strict gateway's preflight. */
  headers?: Record<string, string>;
  /** Default `{ name: "Authorization", prefix: "Bearer " }`. */
  keyHeader?: { name: string; prefix: string };
  /** Fields of the request that it calls otherwise: ours to theirs. */
  rename?: Record<string, string>;
  /** Fields that it refuses, with the reason: planning a request with one throws. */
  refused?: Record<string, string>;
  /** Fields that it takes and does not heed: told in `plan.notes`. */
  ignored?: string[];
  /** Fields of its own. */
  extras?: string[];
  /** Fields that are added where the request has none of that name. */
  defaults?: { [field: string]: Json };
  /** Whether a stream is asked for its usage. Default true. */
  streamUsage?: boolean;
  /** Whether a stream that ends cleanly without a `finish_reason` is whole. Default false. */
  mayEndWithoutFinishReason?: boolean;
  /** Whether it takes the header `traceparent` (W3C Trace Context) of a page of another origin. Default
   * false: a strict gateway's preflight fails by it. */
  traceContext?: boolean;
  /** Where cost and usage stand in its answers: JSON pointers, first found wins; and headers with
   * the cost. */
  places?: { cost?: string[]; usage?: string[]; costHeaders?: string[] };
  baseUrl?: string;
  hosts?: string[];
  /** Where this was read, and on which day (`YYYY-MM-DD`). */
  source?: string;
  checked?: string;
}

export interface Feedback {
  thumb?: "up" | "down";
  /** 1..5 */
  score?: number;
  /** Whether the answer was right. Stands over what the judge says. */
  correct?: boolean;
  /** Whether it did what it was for. Without it, whether it ended whole. */
  completed?: boolean;
  tags?: string[];
  words?: string;
}

/** A figure with its interval of 95 %, or null where there is too little data for one. */
export type Kpi<T = number> =
  | { value: T; low: T; high: T; n: number; since: number; method: string }
  | { value: null; low: null; high: null; n: number; since: number | null; note: string };

export interface KpiFigures {
  /** How many requests the figures stand on. */
  requests: number;
  /** When the first and the last of them were sent, milliseconds since 1970. */
  since: number | null;
  until: number | null;
  endings: Record<Receipt["ending"], number>;
  /** Answers that were kept from earlier requests; they are left out of the latency. */
  cached: number;
  /** Requests with more than one attempt. */
  retried: number;
  /** What was charged or computed from usage, all together. */
  costUsd: string;
  /** Requests whose cost is not known. */
  costUnknown: number;
  /** How right the answers were, 0..1, by feedback and the judge; `byPersons`: how many by feedback. */
  accuracy: Kpi & { byPersons: number };
  /** The share that did what it was for. */
  completion: Kpi;
  /** The share of thumbs up; the mean score, 1..5; how many of each score. */
  satisfaction: { thumbs: Kpi; score: Kpi; scores: [number, number, number, number, number] };
  /** From sending to the first piece, between pieces, and to the end, in milliseconds. */
  latency: { [part in "firstPieceMs" | "perPieceMs" | "totalMs"]: { median: Kpi; p90: Kpi } };
  /** The mean, USD. */
  costPerInteraction: Kpi<string>;
  /** Against sending each of the same requests to its strongest candidate, by the estimates at that
   * time: `n` requests where estimate and bill are known. It does not say that the answers were as
   * good. Signed decimal strings; null where `n` is 0. */
  savings: {
    usd: string | null;
    low: string | null;
    high: string | null;
    /** What was paid for them. */
    billUsd: string;
    n: number;
    unknown: number;
    since: number | null;
    method: string;
  };
}

export interface Kpis extends KpiFigures {
  perModel: Record<string, ModelKpis>;
  /** With `KpiOptions.by`: the figures of each; an arm is called "experiment/arm". */
  groups?: (KpiFigures & { key: string })[];
  /** Stored entries that could not be read, as far as they were met; they are left where they are. */
  damaged: number;
  /** Where `ClientOptions.ledger` is on. */
  ledger?: LedgerState;
}

export interface ModelKpis extends KpiFigures {
  completed: number;
  firstPieceMs: { median: number; p90: number } | null;
  totalMs: { median: number; p90: number } | null;
  feedback: { up: number; down: number };
}

export interface KpiOptions {
  /** Whole days, UTC, ends included. */
  since?: Date | number;
  until?: Date | number;
  model?: string;
  task?: string;
  by?: "model" | "task" | "day" | "arm";
}

/** What a ledger keeps of a receipt: no texts, unless `LedgerOptions.keepText`. What is not known is
 * not there. */
export interface LedgerRecord {
  v: 1;
  id: string;
  ending: Receipt["ending"];
  model: string;
  /** Where it is another than `model`. */
  answeredBy?: string;
  provider?: string;
  finishReason?: string;
  /** Without the message, which may quote the prompt. */
  error?: { kind: ErrorKind; status?: number };
  cached?: true;
  task?: string;
  experiment?: { id: string; arm?: string; unit?: string };
  /** The script of the last question. */
  language?: string;
  /** The model declined. */
  declined?: true;
  /** The decision. */
  route?: {
    need?: number;
    confidence?: number;
    category?: TaskKind;
    criticality?: Route["criticality"];
    strongest?: string;
    cheapest?: string;
  };
  /** Before sending. `strongestUsd`: what the same request was estimated at on the strongest
   * candidate; `candidates`: each one's expected cost. */
  estimate?: {
    /** As counted; `learned`: as the client's own bills have moved it. */
    inputTokens?: Partial<TokenInterval> & { learned?: Partial<TokenInterval> };
    outputTokens?: Partial<TokenInterval> & { typical?: number };
    usd?: Partial<MoneyInterval>;
    strongestUsd?: Partial<MoneyInterval>;
    candidates?: Record<string, string>;
  };
  usage?: Usage;
  usageSource?: Receipt["usageSource"];
  /** `listedUsd`: what the known price makes of the usage, where the gateway stated its own figure. */
  cost?: { usd?: string; listedUsd?: string; listedInputUsd?: string };
  costSource?: Receipt["costSource"];
  timing: {
    sentAt: number;
    queuedMs?: number;
    firstPieceMs?: number;
    lastPieceMs?: number;
    totalMs?: number;
    pieces?: number;
  };
  attempts?: {
    model: string;
    endpoint: string;
    skipped?: true;
    durationMs: number;
    error?: { kind: ErrorKind };
  }[];
  /** What the judge said, 0..1. */
  score?: number;
  feedback?: Feedback;
  /** With `keepText`: the messages, as JSON. */
  prompt?: string;
  /** With `keepText`. */
  text?: string;
}

export interface ReceiptQuery {
  /** To the millisecond, ends included. */
  since?: Date | number;
  until?: Date | number;
  model?: string;
  task?: string;
  experiment?: string;
  /** At most so many, the latest. */
  limit?: number;
}

/** Receipts without their texts. */
export interface LedgerExport {
  schema: 1;
  receipts: LedgerRecord[];
  /** Stands in the receipts too. */
  feedback: { receiptId: string; feedback: Feedback }[];
}

export interface Imported {
  /** New here. */
  added: number;
  /** Here already: left as they are. */
  known: number;
  /** Older than what this ledger had to let go: they may be in its figures already. */
  tooOld: number;
}

export class Client {
  private constructor();
  static create(options: ClientOptions): Promise<Client>;
  /** Tokens, cost and pick. Nothing leaves the page. */
  plan(prompt: string | Prompt | ChatRequest, options?: PlanOptions): Plan;
  /** Plans many prompts and sums their cost, before anything is sent. Send the plans to have their
   * answers ready in the cache: `for (const plan of ahead.plans) client.send(plan)`. */
  precompute(prompts: (string | Prompt | ChatRequest)[], options?: PlanOptions): Precomputed;
  /** Forgets the kept answers of this client's scope; resolves to how many there were. */
  purgeCache(): Promise<number>;
  /** A workflow, planned whole: stages as data, and their total as an interval. Nothing leaves the
   * page. `runWorkflow` runs it. */
  planWorkflow(
    prompt: string | Prompt | ChatRequest,
    shape: WorkflowShape,
    options?: PlanOptions,
  ): WorkflowPlan;
  /** Sends a plan. Failures come out of the iteration and stand in the receipt. */
  send(plan: Plan, options?: { signal?: AbortSignal }): Answer;
  /** How the caps stand now; null where there are none. */
  budget(): Promise<BudgetState | null>;
  /** The gateway's live list, each by its catalogue entry where it is known, with the prices and
   * limits that the list states. With `merge` this client plans and prices by them from now on. */
  models(options?: { merge?: boolean }): Promise<GatewayModel[]>;
  /** Says something of an answer: of this session, or of any that the ledger keeps. In memory it
   * holds at once, stored when the promise resolves. @throws kind "invalid_input". */
  feedback(receiptId: string, feedback: Feedback): Promise<void>;
  /** The key figures of this session, or of all that the ledger keeps. */
  kpis(options?: KpiOptions): Kpis;
  /** The receipts of this session, or of all that the ledger keeps, oldest first; as JSON (an export)
   * or as a table (RFC 4180) in one text. */
  receipts(query?: ReceiptQuery): Promise<LedgerRecord[]>;
  receipts(query: ReceiptQuery & { format: "json" | "csv" }): Promise<string>;
  /** The receipts of this session. */
  export(): LedgerExport;
  /** Takes an export over, also as JSON text or as a table: all of it or nothing, and nothing twice.
   * Without `ClientOptions.ledger` it is there at once. @throws kind "invalid_input", naming the
   * receipt and the field. */
  import(data: LedgerExport | string): Promise<Imported>;
  /** Forgets all receipts, figures and feedback of this ledger, in all tabs. */
  clear(): Promise<void>;
  free(): void;
  [Symbol.dispose](): void;
}

/** A model that the gateway lists, with the catalogue's entry. Where the catalogue does not know it,
 * `known` is false, `id` is the gateway's name, and there is no price. */
export interface GatewayModel extends ResolvedModel {
  /** The gateway's own name, to be used in requests. */
  gatewayId: string;
  known: boolean;
}

// ---------------------------------------------------------------- workflows

/** Several calls that answer one request together.
 * - "tiered": a fast model first, a deep one where its answer does not pass.
 * - "content": a deep outline, fast sections side by side, supplements.
 * - "code": a deep design, fast functions and tests, deep debugging where the tests do not pass. */
export interface WorkflowShape {
  kind: "tiered" | "content" | "code";
  /** The model of the quick stages. Default: the cheapest candidate for this prompt. */
  fast?: string;
  /** The model of the hard stages. Default: the dearest candidate. */
  deep?: string;
  /** 0..1: how likely the fast answer (tiered) or the tests (code) do not pass. Default: the score
   * behind `Route.need`. */
  escalation?: number;
  /** content: how many, or their titles; 1 to 20. Default 3. */
  sections?: number | string[];
  /** content: what is written beside the sections, in words. Default: a summary. */
  supplements?: string[];
  /** code: how many, or their names; 1 to 20. Default 3. */
  functions?: number | string[];
  /** Most attempts of a stage, 1 to 5; then it is a person's turn. Default 2. */
  loops?: number;
  /** Checks of every answer. Default: all of these. */
  checks?: ("refusal" | "hedging" | "truncation")[];
  /** tiered: a JSON Schema of the answer. Checked: type, properties, required, enum, const, items,
   * minimum, maximum, additionalProperties: false; other words are named in the receipt's notes. */
  schema?: { [key: string]: Json };
  /** Your own expectation of answers, by role. */
  answerTokens?: { [role in StageRole]?: number | TokenInterval };
  /** A stage that may cost more than what is left of it is not begun. */
  maxCostUsd?: number | string;
}

export type StageRole =
  | "answer" | "outline" | "section" | "supplement" | "design" | "function" | "tests" | "debug";

export interface WorkflowStage {
  id: string;
  role: StageRole;
  tier: "fast" | "deep";
  model: string;
  /** Stages that must be done before. */
  after: string[];
  /** The stage in whose place it answers; it is run only where that did not pass. */
  rescues: string | null;
  /** 0..1: how likely it is run at all. */
  runs: number;
  /** 0..1: how likely each further attempt is. */
  again: number;
  /** Most attempts. */
  attempts: number;
  /** What is asked: names in braces are filled with the prompt and with what flows in. */
  template: string;
  /** What flows in: a name of the template, and the stages whose answers stand there. */
  inputs: { [name: string]: string[] };
  checks: string[];
  /** Where it is run: of all its attempts. */
  inputTokens: TokenInterval;
  outputTokens: TokenInterval;
  usd: MoneyInterval | null;
  [other: string]: unknown;
}

/** Before the first call: plain data, to look at, store and run. */
export interface WorkflowPlan {
  schema: 1;
  id: string;
  kind: WorkflowShape["kind"];
  models: { fast: string; deep: string };
  escalation: number;
  request: ChatRequest;
  stages: WorkflowStage[];
  /** Nine in ten totals lie between low and high, escalation and repeats included; `usd` is null
   * where a price is not known. */
  total: { inputTokens: TokenInterval; outputTokens: TokenInterval; usd: MoneyInterval | null };
  answerSchema: { [key: string]: Json } | null;
  maxCostUsd: string | null;
  notes: string[];
  [other: string]: unknown;
}

/** How far a run is: plain data without a key. */
export interface WorkflowState {
  schema: 1;
  plan: WorkflowPlan;
  stages: {
    [id: string]: {
      status: "waiting" | "running" | "done" | "failed" | "skipped";
      text: string;
      findings: string[];
      [other: string]: unknown;
    };
  };
  [other: string]: unknown;
}

export interface StageTask {
  stage: string;
  role: StageRole;
  model: string;
  attempt: number;
}

export type WorkflowEvent =
  | ({ type: "started"; plan: Plan } & StageTask)
  | ({ type: "piece"; stage: string } & Piece)
  | ({ type: "finished"; findings: string[]; receipt: Receipt } & StageTask);

export interface WorkflowReceipt {
  id: string;
  workflowId: string;
  kind: WorkflowShape["kind"];
  /** "handed": a stage did not pass in all its attempts, and it is a person's turn. The last three
   * can be gone on with from the state. */
  ending: "completed" | "handed" | "stopped" | "budget" | "errored";
  reason: string | null;
  text: string;
  /** null where what an attempt cost is not known. */
  usd: string | null;
  knownUsd: string;
  unknownCosts: number;
  inputTokens: number;
  outputTokens: number;
  /** The estimate of the plan against the bill. */
  comparison: (MoneyInterval & { billed: string; inside: boolean }) | null;
  /** Every attempt. */
  stages: {
    stage: string;
    model: string;
    receiptId: string;
    ending: Receipt["ending"];
    usage: Usage | null;
    usd: string | null;
    costSource: Receipt["costSource"];
    /** What spoke against the answer; absent where there was none. */
    findings?: string[];
  }[];
  /** For a person: what did not pass, why, and how it began. */
  handed: { stage: string; findings: string[]; tried: string }[];
  notes: string[];
}

export interface WorkflowRun extends AsyncIterable<WorkflowEvent> {
  /** Always resolves once the run is under way, also where nobody iterates. */
  readonly receipt: Promise<WorkflowReceipt>;
  /** How far it is now; store it, and give it to `runWorkflow` again. */
  readonly state: WorkflowState;
}

/** Runs a planned workflow, or goes on with a stored state. Stages that do not need each other run
 * side by side. Leaving the loop stops it. */
export function runWorkflow(
  client: Client,
  plan: WorkflowPlan | WorkflowState,
  options?: {
    signal?: AbortSignal;
    /** Your own check of an answer, or a person's: false or words where it does not pass. */
    check?: (
      receipt: Receipt,
      task: StageTask,
    ) => boolean | string | void | Promise<boolean | string | void>;
    /** Another limit than the plan's. */
    maxCostUsd?: number | string;
  },
): WorkflowRun;
