import type { ParleyError } from '@parley/kernel';

/** Who wrote a message. `developer` is read by models as `system`. */
export type ChatRole = 'system' | 'developer' | 'user' | 'assistant' | 'tool';

/** One message as the model reads it. */
export interface ChatMessage {
  readonly role: ChatRole;
  readonly content: string;
  readonly name?: string;
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
  | { readonly kind: 'json-schema'; readonly schema: string };

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
  /** 0 = what the context leaves. */
  readonly maxOutputTokens: number;
  /** The answer ends before the first of these. */
  readonly stop: readonly string[];
  /** Higher is served first. */
  readonly priority: number;
  /** Time for queue and answer together, in milliseconds; without one there is no limit. */
  readonly timeLimitMs?: number;
}

/** Why an answer ended by itself. */
export type EndReason = 'stop' | 'length' | 'deadline';

/** What a generation says: `started`, chunks, then `finished`. */
export type EngineUpdate =
  /** The prompt is rendered, counted and fits. */
  | { readonly type: 'started'; readonly inputTokens: number }
  /** Whole characters only. Token ids may come with a later chunk than their first characters, never earlier. */
  | { readonly type: 'chunk'; readonly text: string; readonly tokenIds: readonly number[] }
  | {
      readonly type: 'finished';
      readonly reason: EndReason;
      readonly inputTokens: number;
      /** Tokens of the answer, the end marker not among them. */
      readonly outputTokens: number;
      /** Milliseconds between the engine's acceptance and a free slot. */
      readonly queueMs: number;
    };

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
}

/** What a model file says about itself, read without loading it. */
export interface ModelInspection {
  readonly architecture: string;
  readonly name: string;
  readonly license: string;
  /** The context the model was trained with. */
  readonly trainedContextTokens: number;
  readonly fileBytes: number;
  readonly hasTemplate: boolean;
  /** Keys and values of one token, as far as the file tells; 0 = it does not. */
  readonly kvBytesPerToken: number;
  /** Working memory for one token of a step; 0 = not known. */
  readonly computeBytesPerToken: number;
}

/** What came of opening a file in a process that nobody else needs. */
export type ProbeVerdict =
  | { readonly ok: true; readonly inspection: ModelInspection }
  /** It ended the process; `how` says so in words: "was ended by SIGABRT: …". */
  | { readonly ok: false; readonly how: string };

/** What to load, and how. */
export interface ModelSpec {
  readonly name: string;
  /** Absolute path of the weights; '' for an engine that needs none. */
  readonly path: string;
  /** What an engine without weights is set to. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** A throw-away process has opened this very file: checks that read all of it need not be repeated. */
  readonly proven: boolean;
  /** Prompt and answer together, per request. */
  readonly contextTokens: number;
  /** Requests that run at once. */
  readonly slots: number;
  /** Requests that wait for a slot at most. */
  readonly maxQueued: number;
  /** Prompt tokens read in one step at most, all requests together: bounds how long a running answer can stall. */
  readonly promptTokensPerStep: number;
  /** A Jinja chat template in place of the model's own. */
  readonly template?: string;
  /** False: the model's template refuses system messages; they go into the first user message. */
  readonly systemRole: boolean;
}

/** How far a load has come. */
export interface LoadProgress {
  readonly stage:
    | 'waiting for its turn'
    | 'reading the file'
    | 'trying the file out in a process of its own'
    | 'starting the engine'
    | 'loading weights'
    | 'making the context'
    | 'warming up';
  /** 0 to 1 within the stage. */
  readonly share: number;
}

/** Figures of one decode step, for metrics. */
export interface StepFigures {
  /** Answers that took part. */
  readonly sequences: number;
  /** Tokens decoded, prompt tokens included. */
  readonly tokens: number;
}

export interface LoadOptions {
  /** Ends the load; what was loaded is given back. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Called once per decode step. */
  readonly onStep?: (figures: StepFigures) => void;
}

/** Texts and conversations to count. */
export interface CountRequest {
  readonly messages: readonly ChatMessage[];
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
}
