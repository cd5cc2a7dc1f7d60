import type { GgufHeader } from './gguf-header.ts';

/** Which layers see only the tokens just before, as llama.cpp decides where the file does not say. */
interface WindowPattern {
  /** Of so many layers in a row all but one see a window only. */
  readonly every: number;
  /** The one that sees everything is the first of them, not the last. */
  readonly denseFirst?: boolean;
  /** Where the file names no window; absent: then there is none. */
  readonly window?: number;
}

/** From `src/models/*.cpp` of llama.cpp, release v0.5.0: `load_swa_pattern` and `n_swa`. */
const windowPatterns: Readonly<Record<string, WindowPattern>> = {
  afmoe: { every: 4 },
  cohere2: { every: 4 },
  cohere2moe: { every: 4, denseFirst: true },
  exaone4: { every: 4 },
  'exaone-moe': { every: 4, window: 128 },
  gemma2: { every: 2, window: 4096 },
  gemma3: { every: 6 },
  gemma3n: { every: 5 },
  'gpt-oss': { every: 2 },
  llama4: { every: 4, window: 8192 },
  mellum: { every: 4 },
  olmo2: { every: 4 },
  plamo3: { every: 8 },
  smallthinker: { every: 4, denseFirst: true },
};

/** Only these first layers of the model keep keys and values; the others use theirs. */
const keptLayers: Readonly<Record<string, number>> = { gemma3n: 20 };

/** One layer, as far as memory is concerned. */
interface LayerShape {
  /** Numbers that are kept of each token. */
  readonly keysAndValues: number;
  /** It sees the window only. */
  readonly windowed: boolean;
}

/** The measures of a model that decide about its memory. */
export interface ModelShape {
  readonly architecture: string;
  readonly layers: readonly LayerShape[];
  readonly width: number;
  readonly feedForward: number;
  /** Experts that work on a token; 0 = it has none. */
  readonly expertsUsed: number;
  readonly vocabulary: number;
  /** Tokens that a windowed layer sees; 0 = there is none. */
  readonly windowTokens: number;
}

/** Reads a model's measures; what the file leaves open is 0. */
export function modelShape({ values }: Pick<GgufHeader, 'values'>): ModelShape {
  const named = values.get('general.architecture');
  const architecture = typeof named === 'string' ? named : '';
  const number = (key: string, otherwise = 0): number => {
    const value = values.get(`${architecture}.${key}`);
    return typeof value === 'number' && value >= 0 && Number.isFinite(value) ? value : otherwise;
  };
  const numbers = (key: string): readonly number[] | undefined => {
    const value = values.get(`${architecture}.${key}`);
    return typeof value === 'object' ? value.numbers : undefined;
  };
  const tokens = values.get('tokenizer.ggml.tokens');
  const pattern = windowPatterns[architecture];
  const windowTokens = number('attention.sliding_window', pattern?.window ?? 0);
  return {
    architecture,
    layers: layersOf(architecture, windowTokens > 0 ? pattern : undefined, { number, numbers }),
    width: number('embedding_length'),
    feedForward: number('expert_feed_forward_length', number('feed_forward_length')),
    expertsUsed: number('expert_used_count'),
    vocabulary: typeof tokens === 'object' ? tokens.length : number('vocab_size'),
    windowTokens,
  };
}

interface Reader {
  readonly number: (key: string, otherwise?: number) => number;
  readonly numbers: (key: string) => readonly number[] | undefined;
}

/** A file that is damaged may name any number of layers. */
const mostLayers = 10_000;

function layersOf(architecture: string, pattern: WindowPattern | undefined, file: Reader): LayerShape[] {
  const count = Math.min(mostLayers, Math.floor(file.number('block_count')));
  const heads = file.numbers('attention.head_count');
  const headCount = (layer: number): number => heads?.[layer] ?? file.number('attention.head_count');
  const keyHeads = file.numbers('attention.head_count_kv');
  const windowed = windowedLayers(pattern, file);
  const kept = keptLayers[architecture] ?? count - file.number('attention.shared_kv_layers');
  return Array.from({ length: count }, (_, layer) => {
    const isWindowed = windowed(layer);
    const ending = isWindowed ? '_swa' : '';
    const width = headCount(layer) === 0 ? 0 : file.number('embedding_length') / headCount(layer);
    const length = (what: string): number =>
      file.number(`attention.${what}_length${ending}`, file.number(`attention.${what}_length`, width));
    const each = keyHeads?.[layer] ?? file.number('attention.head_count_kv', headCount(layer));
    return {
      keysAndValues: layer < kept ? each * (length('key') + length('value')) : 0,
      windowed: isWindowed,
    };
  });
}

/** A list in the file decides, else a number in it, else what is known of the architecture. */
function windowedLayers(pattern: WindowPattern | undefined, file: Reader): (layer: number) => boolean {
  if (pattern === undefined && file.number('attention.sliding_window') === 0) return () => false;
  const listed = file.numbers('attention.sliding_window_pattern');
  if (listed !== undefined) return (layer) => listed[layer] === 1;
  if (pattern === undefined) return () => false;
  const every = file.number('attention.sliding_window_pattern', pattern.every);
  if (every === 0) return () => true;
  return (layer) => (pattern.denseFirst === true ? layer % every !== 0 : layer % every < every - 1);
}
