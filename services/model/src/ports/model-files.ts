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
  /** Keys and values of one token in layers that see a window only; these keep no more tokens than the window. */
  readonly windowKvBytesPerToken?: number;
  /** Tokens that such a layer sees. */
  readonly windowTokens?: number;
  /** The engine rounds a context up to a multiple of so many tokens. */
  readonly contextGrain?: number;
  /** How most weights are written: `Q4_K_M`, `F16`; '' = not known. */
  readonly quantization?: string;
  /** Numbers that were learned. */
  readonly parameters?: number;
  /** Bytes of each layer, then of what comes after the last one: what moves to a graphics card layer by layer. */
  readonly layerBytes?: readonly number[];
  /** Files that the weights lie in. */
  readonly parts?: number;
}

/** Which weights a document means, beside their place. */
export interface WantedWeights {
  readonly model: string;
  /** A file, the first part of a split one, or a folder. */
  readonly path: string;
  /** Parts that there must be. */
  readonly shards?: number;
  readonly precision?: WeightPrecision;
  /** Where the document says these things, for messages: `models/llama.yaml:5: model.shards`. */
  readonly places?: Readonly<Partial<Record<'path' | 'shards' | 'precision', string>>>;
}

/** How exactly weights are written, in bits. */
export type WeightPrecision = 'fp32' | 'fp16' | 'bf16' | 'int8' | 'int4';

/** The files of a model. */
export interface WeightFiles {
  /** The first part, which stands for all. */
  readonly path: string;
  /** All parts in their order, the first one among them. */
  readonly parts: readonly string[];
  /** What a list of digests beside the files says of each part, by its path. */
  readonly sums: ReadonlyMap<string, string>;
  /** Their precision is not the one asked for: what there is, and how the other comes about, for people. */
  readonly unlike?: string;
}

/** Which part of a model runs on graphics cards, and how it is shared out among several. */
export interface GpuSettings {
  /** Layers there at most, counted from the last; absent: as many as fit. Without a card it means nothing. */
  readonly layers?: number;
  /** `layer`: whole layers on each card; `row`: every matrix is shared out by rows. */
  readonly split?: 'layer' | 'row';
  /** Shares of the cards, in their order, such as 3 and 1; absent: as their free memory. */
  readonly tensorSplit?: readonly number[];
}

/** What came of opening a file in a process that nobody else needs. */
export type ProbeVerdict =
  | { readonly ok: true; readonly inspection: ModelInspection }
  /** It ended the process; `how` says so in words: "was ended by SIGABRT: …". */
  | { readonly ok: false; readonly how: string };

/** What a model takes on graphics cards, and how full these are with all that anybody has there. */
export interface GpuMemory {
  readonly device: string;
  readonly weightsBytes: number;
  readonly kvBytes: number;
  readonly computeBytes: number;
  readonly cards?: { readonly usedBytes: number; readonly totalBytes: number };
}
