import type { ParleyError } from '@parley/kernel';
import type { CacheScope, CacheTier } from './cache-scope.ts';
import type { LoadOptions } from './load-progress.ts';
import type {
  WantedWeights,
  WeightPrecision,
  WeightFiles,
  GpuMemory,
  GpuSettings,
  ProbeVerdict,
} from './model-files.ts';

/** Who wrote a message. `developer` is read by models as `system`. */
export type ChatRole = 'system' | 'developer' | 'user' | 'assistant' | 'tool';

/** One message as the model reads it. */
export interface ChatMessage {
  readonly role: ChatRole;
  readonly content: string;
  readonly name?: string;
  /** What an assistant asked for in this message, in order. */
  readonly toolCalls?: readonly ToolCall[];
  /** Of a tool's message: the call whose result it is. */
  readonly toolCallId?: string;
}

/** A function that a model asked its client to run. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text, as the model wrote it. */
  readonly arguments: string;
}

/** A function that a client can run. */
export interface FunctionTool {
  readonly name: string;
  readonly description: string;
  /** A JSON Schema of the arguments, as JSON text; '' = it takes none. */
  readonly parameters: string;
}

/** The functions that a model may ask for. */
export interface RequestTools {
  /** At least one. */
  readonly functions: readonly FunctionTool[];
  /** Whether it does: as it sees fit, not at all, once at least, or for the one of that name. */
  readonly choice: 'auto' | 'none' | 'required' | { readonly name: string };
  /** It asks once at most. */
  readonly single: boolean;
}

/** How the next token is chosen; every value is checked and in range. */
export interface SamplingSettings {
  /** 0 = always the most likely token. */
  readonly temperature: number;
  readonly topP?: number;
  /** 0 = all tokens. */
  readonly topK?: number;
  readonly minP?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  /** 1 = none. */
  readonly repeatPenalty?: number;
  /** 32 bits, unsigned. Without one every answer draws its own. */
  readonly seed?: number;
  /** Token id and the bias added to its logit. */
  readonly logitBias?: readonly (readonly [tokenId: number, bias: number])[];
}

/** The form the answer must have. */
export type AnswerForm =
  | { readonly kind: 'text' }
  | { readonly kind: 'json-object' }
  /** `schema` is JSON text. */
  | { readonly kind: 'json-schema'; readonly schema: string }
  /** `grammar` is GBNF text; its rule `root` is the whole answer. */
  | { readonly kind: 'gbnf'; readonly grammar: string };

/** One answer to generate. */
export interface EngineRequest {
  readonly messages: readonly ChatMessage[];
  readonly sampling: SamplingSettings;
  /**
   * Settings that the caller chose himself: an engine that cannot heed one refuses it, and leaves out the others.
   * Absent: all of them.
   */
  readonly asked?: readonly (keyof SamplingSettings)[];
  readonly form: AnswerForm;
  readonly tools?: RequestTools;
  /** 0 = what the context leaves. */
  readonly maxOutputTokens: number;
  /** The answer ends before the first of these. */
  readonly stop: readonly string[];
  /** Higher is served first. */
  readonly priority: number;
  /** On whose behalf: tenants take turns where requests wait. Absent: one for all who say nothing. */
  readonly tenant?: string;
  /** Absent: nothing of it is reused. */
  readonly cache?: CacheScope;
  /** Time for queue and answer together, in milliseconds; without one there is no limit. */
  readonly timeLimitMs?: number;
}

/** Why an answer ended by itself. `tool-calls`: the model waits for the results of what it asked for. */
export type EndReason = 'stop' | 'length' | 'deadline' | 'tool-calls';

/** What a generation says: `started`, chunks, then `finished`. */
export type EngineUpdate =
  /** The prompt is rendered, counted and fits. */
  | { readonly type: 'started'; readonly inputTokens: number }
  /**
   * Whole characters only. Token ids may come with a later chunk than their first characters; earlier only where text
   * that may be markup is held back, and what a model thinks is a chunk without text.
   */
  | { readonly type: 'chunk'; readonly text: string; readonly tokenIds: readonly number[] }
  /** A piece of a call: calls come one after another, and only the first piece of one has an id and a name. */
  | {
      readonly type: 'tool-call';
      /** From 0. */
      readonly index: number;
      readonly id: string;
      readonly name: string;
      /** What the piece adds to the arguments. */
      readonly arguments: string;
      readonly tokenIds: readonly number[];
    }
  | {
      readonly type: 'finished';
      readonly reason: EndReason;
      readonly inputTokens: number;
      /** Tokens of the answer, the end marker not among them. */
      readonly outputTokens: number;
      /** Milliseconds between the engine's acceptance and a free slot. */
      readonly queueMs: number;
      /** Tokens of the prompt that were reused; absent: none. */
      readonly cachedTokens?: number;
      /** Where these were; absent: nobody says. */
      readonly cachedFrom?: CacheTier;
    };

/**
 * How a model writes that it wants a function called:
 * `hermes`: `<tool_call>{"name": …, "arguments": {…}}</tool_call>` (Hermes, Qwen);
 * `llama3`: the answer is `{"name": …, "parameters": {…}}`;
 * `mistral`: `[TOOL_CALLS][{"name": …, "arguments": {…}}]`;
 * `generic`: its template knows no tools: they are described in the system's message, and called as in `hermes`;
 * `none`: it calls none.
 */
export type ToolCallFormat = 'hermes' | 'llama3' | 'mistral' | 'generic' | 'none';

/** What an engine can do with a loaded model. */
export interface EngineAbilities {
  readonly grammar: boolean;
  readonly logitBias: boolean;
  readonly logprobs: boolean;
  readonly images: boolean;
  readonly tools: boolean;
  readonly embeddings: boolean;
  /** Whether another instance can continue a broken answer. */
  readonly continueSupport: 'none' | 'text' | 'exact';
}

/** Bytes a loaded model takes on one device. */
export interface ModelMemory {
  readonly device: string;
  readonly weightsBytes: number;
  readonly kvBytes: number;
  readonly computeBytes: number;
  /** The part on graphics cards, which is not in the numbers above; absent where nothing lies there. */
  readonly gpu?: GpuMemory;
}

/** Limits of those that wait for a slot, beside their number. */
export interface QueueLimits {
  /** Tokens, to read and to make, that they may have together. */
  readonly maxTokens?: number;
  /** Milliseconds; whoever would wait longer is refused. */
  readonly maxWaitMs?: number;
}

/** What to load, and how. */
export interface ModelSpec {
  readonly name: string;
  /** Absolute path of the weights; '' for an engine that needs none. */
  readonly path: string;
  /** The weights' sha256; absent: not known, and then nothing of their work outlives the engine. */
  readonly digest?: string;
  /** What an engine without weights is set to. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** A throw-away process has opened this very file: checks that read all of it need not be repeated. */
  readonly proven: boolean;
  /** Prompt and answer together, per request. */
  readonly contextTokens: number;
  /** Absent: as the engine thinks best. */
  readonly gpu?: GpuSettings;
  /** Whether the weights are to be a mapped file; absent: as the engine thinks best. Only where weights are files. */
  readonly mmap?: boolean;
  /** Requests that run at once. */
  readonly slots: number;
  /** Requests that wait for a slot at most. */
  readonly maxQueued: number;
  /** Of those that wait; absent: no other limit. */
  readonly queue?: QueueLimits;
  /** Prompt tokens read in one step at most, all requests together: bounds how long a running answer can stall. */
  readonly promptTokensPerStep: number;
  /**
   * What the gap between two tokens of a running answer should not exceed, in milliseconds, whatever prompts are read
   * meanwhile; 0 = it does not matter; absent: 100.
   */
  readonly targetGapMs?: number;
  /** A Jinja chat template in place of the model's own. */
  readonly template?: string;
  /** False: the model's template refuses system messages; they go into the first user message. */
  readonly systemRole: boolean;
  /** How the model calls functions; absent: as its template shows. */
  readonly toolCalls?: ToolCallFormat;
  /** `think-tags`: it thinks between `<think>` and `</think>` before it answers, which is no part of the answer. */
  readonly reasoning?: 'think-tags' | 'none';
}

/** Texts and conversations to count. */
export interface CountRequest {
  readonly messages: readonly ChatMessage[];
  /** What the messages' prompt would tell of. */
  readonly tools?: RequestTools;
  readonly texts: readonly string[];
}

export interface CountResult {
  /** Tokens of the rendered messages; 0 when none were given. */
  readonly messageTokens: number;
  readonly textTokens: readonly number[];
}

/** Texts as vectors. */
export interface Embeddings {
  /** One per text, in order, each of length 1. */
  readonly vectors: readonly (readonly number[])[];
  readonly inputTokens: number;
}

/** A model that answers. Disposing ends what runs and gives the memory back. */
export interface LoadedModel extends AsyncDisposable {
  readonly contextTokens: number;
  readonly slots: number;
  readonly abilities: EngineAbilities;
  /** Resolves when the engine has lost the model (its process died, its server went away); never rejects. */
  readonly lost: Promise<ParleyError>;
  /**
   * Generates one answer. The engine never waits for the reader: what is not read yet is kept, bounded by the
   * answer's token limit. Aborting `signal`, or leaving the iteration, frees the slot within one decode step.
   * @throws ParleyError `context_length_exceeded`, `unsupported` and `invalid_request` before `started`;
   * `overloaded` when the queue is full; `deadline_exceeded` when the time is up before the first token;
   * `cancelled` when the signal aborts; `engine_failed` when the engine is lost.
   */
  generate(request: EngineRequest, signal: AbortSignal): AsyncIterable<EngineUpdate>;
  countTokens(request: CountRequest): Promise<CountResult>;
  /** Only where `abilities.embeddings` is true. @throws ParleyError `context_length_exceeded`, `cancelled`. */
  embed?(texts: readonly string[], signal: AbortSignal): Promise<Embeddings>;
  memory(): Promise<ModelMemory>;
}

/** Runs models of one family. Disposing ends its processes. */
export interface Engine extends AsyncDisposable {
  /** As model documents name it. */
  readonly name: string;
  /** Of the code that opens files: another version may judge a file otherwise. */
  readonly version: string;
  /** Whether its models can make embeddings. */
  readonly embeds: boolean;
  /** False: what it runs on is to be installed first; then loads say how. Absent: it came with the service. */
  readonly installed?: boolean;
  /**
   * The files that a document's path means: the one model of a folder, all parts of a split file. Absent: the path is
   * the one file.
   * @throws ParleyError `config_invalid` that says what is missing, doubled or something else, and where.
   */
  findWeights?(wanted: WantedWeights, signal: AbortSignal): Promise<WeightFiles>;
  /** The precision that a kind of quantisation has; undefined for one between those that documents name. */
  precisionOf?(quantization: string): WeightPrecision | undefined;
  /** Free bytes on all graphics cards that its models may lie on; undefined or absent: it uses none of their own memory. */
  freeCardBytes?(): Promise<number | undefined>;
  /**
   * Opens a file in a throw-away process: metadata, tensors, a token. A file may end a process in a way that nothing
   * in it can catch. An engine that runs no native code has no need of it.
   * @throws ParleyError that says what is wrong with a file that cannot be loaded.
   */
  prove?(spec: ModelSpec, signal: AbortSignal): Promise<ProbeVerdict>;
  /**
   * Loads a model and lets it make a token.
   * @throws ParleyError whose message says what is wrong with the file; `retryable` tells whether another try may work.
   */
  load(spec: ModelSpec, options: LoadOptions): Promise<LoadedModel>;
  /** Writes what answers have left and is to outlive the engine, once they have ended; absent: nothing is. */
  keep?(): Promise<void>;
  /** Removes what answers under a cache scope have left, in memory and on disk; absent: nothing is ever left. */
  forget?(own: string): Promise<void>;
}
