import type { LlamaInternals, NativeContext, NativeSampler } from '../../gguf/host/load/llama-internals.ts';

/** What a model thought at one place of a text. */
export interface ReadPlace {
  /** Natural logarithm of how likely it held the token that is there. */
  readonly logLikelihood: number;
  /** The token it held most likely. */
  readonly likeliest: number;
}

/**
 * The native way to look into the logits of a place: the token of a greedy sampler, nothing, nothing, logits of the tokens
 * asked for as [token, logit, …], and the sum of e^(logit - highest) over the vocabulary. Nothing is sorted, and only two
 * numbers leave native code.
 */
type Measure = (
  index: number,
  sampler: NativeSampler,
  probabilities: false,
  confidence: false,
  logits: [tokens: number[], highest: false, lowest: false, selected: true, top: 0],
  totalWeight: true,
) => Promise<[likeliest: number, unknown, unknown, logits: number[], totalWeight: number]>;

/** Reads tokens one text at a time and tells how likely the model held each of them. */
export class TokenReader {
  /** Logits of a place take four bytes for each token of the vocabulary: 64 places of a large one take 64 MB. */
  static readonly batchTokens = 64;
  readonly #context: NativeContext;
  readonly #measure: Measure;
  readonly #greedy: NativeSampler;

  constructor(internals: LlamaInternals) {
    const { context } = internals;
    this.#context = context;
    this.#measure = (context.sampleToken as unknown as Measure).bind(context);
    this.#greedy = internals.newSampler();
    this.#greedy.applyConfig({ temperature: 0, seed: 0 });
  }

  /** @param from the first token that is predicted; at least 1 */
  async read(tokens: Uint32Array, from: number): Promise<ReadPlace[]> {
    const places: ReadPlace[] = [];
    this.#context.removeTokenCellsFromSequence(0, 0, -1);
    // The last token predicts nothing that is there.
    for (let at = 0; at < tokens.length - 1; at += TokenReader.batchTokens) {
      const slice = tokens.subarray(at, Math.min(at + TokenReader.batchTokens, tokens.length - 1));
      const wanted = Array.from(slice.keys()).filter((place) => at + place + 1 >= from);
      this.#context.initBatch(slice.length);
      const indexes = this.#context.addToBatch(0, at, slice, Uint32Array.from(wanted));
      await this.#context.decodeBatch();
      for (const [nth, place] of wanted.entries())
        places.push(await this.#place(indexes[nth] ?? 0, tokens[at + place + 1] ?? 0));
    }
    return places;
  }

  async #place(index: number, token: number): Promise<ReadPlace> {
    const which: Parameters<Measure>[4] = [[token], false, false, true, 0];
    const [likeliest, , , logits, weight] = await this.#measure(
      index,
      this.#greedy,
      false,
      false,
      which,
      true,
    );
    const logitOf = (wanted: number): number => {
      const at = logits.findIndex((value, place) => place % 2 === 0 && value === wanted);
      return logits[at + 1] ?? Number.NaN;
    };
    return { likeliest, logLikelihood: logitOf(token) - logitOf(likeliest) - Math.log(weight) };
  }
}
