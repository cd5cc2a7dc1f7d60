import { ParleyError } from '@parley/kernel';
import type { HubFolder } from './hub-folder.ts';
import type { OnnxRuntime, OnnxSession, OnnxTensor } from './onnx-runtime.ts';
import type { NumberedTokens } from './text-batches.ts';

const knownInputs = ['input_ids', 'attention_mask', 'token_type_ids'];
/** Vectors of whole texts, where the graph makes them; else of each token. */
const textOutput = 'sentence_embedding';
const tokenOutputs = ['last_hidden_state', 'token_embeddings'];

/** A transformer that turns texts into vectors. */
export class EmbeddingGraph {
  readonly #runtime: OnnxRuntime;
  readonly #session: OnnxSession;
  readonly #pooling: HubFolder['pooling'];
  readonly #output: string;
  readonly #inputs: readonly string[];

  /** @throws ParleyError `unsupported` that says what about the graph is different. */
  constructor(runtime: OnnxRuntime, session: OnnxSession, pooling: HubFolder['pooling']) {
    this.#runtime = runtime;
    this.#session = session;
    this.#pooling = pooling;
    this.#inputs = session.inputMetadata.map(({ name }) => name);
    const odd = this.#inputs.find((name) => !knownInputs.includes(name));
    const outputs = session.outputMetadata.map(({ name }) => name);
    const output = [textOutput, ...tokenOutputs].find((name) => outputs.includes(name));
    if (output === undefined || odd !== undefined) {
      const message =
        'The onnx engine runs models with the inputs past_key_values.*, which answer, and models with the output ' +
        `${[textOutput, ...tokenOutputs].join(', ')}, which make embeddings. This one takes ${this.#inputs.join(', ')} ` +
        `and gives ${outputs.join(', ')}.`;
      throw new ParleyError('unsupported', message);
    }
    this.#output = output;
  }

  /** Vectors of length 1, in the order of the texts given; these are filled up to the longest. */
  async run(texts: readonly NumberedTokens[]): Promise<Float32Array[]> {
    const length = texts.reduce((longest, { ids }) => Math.max(longest, ids.length), 0);
    const table = (value: (ids: readonly number[], place: number) => number): OnnxTensor => {
      const values = new BigInt64Array(texts.length * length);
      for (const [row, { ids }] of texts.entries())
        for (let place = 0; place < ids.length; place++)
          values[row * length + place] = BigInt(value(ids, place));
      return this.#runtime.int64s(values, [texts.length, length]);
    };
    const feeds: Record<string, OnnxTensor> = {
      input_ids: table((ids, place) => ids[place] ?? 0),
      attention_mask: table(() => 1),
    };
    if (this.#inputs.includes('token_type_ids')) feeds['token_type_ids'] = table(() => 0);
    const { [this.#output]: output } = await this.#session.run(feeds, [this.#output]);
    const width = output?.dims.at(-1) ?? 0;
    if (!(output?.data instanceof Float32Array) || width === 0)
      throw new Error(`the run gave no ${this.#output} of 32-bit numbers`);
    const { data } = output;
    const rows = this.#output === textOutput ? 1 : length;
    return texts.map(({ ids }, index) => {
      const vectors = data.subarray(index * rows * width, (index + 1) * rows * width);
      return normalised(rows === 1 ? vectors.slice() : this.#pool(vectors, ids.length, width));
    });
  }

  release(): Promise<void> {
    return this.#session.release();
  }

  #pool(vectors: Float32Array, tokens: number, width: number): Float32Array {
    if (this.#pooling === 'first') return vectors.slice(0, width);
    const sum = new Float32Array(width);
    for (let token = 0; token < tokens; token++)
      for (let place = 0; place < width; place++)
        sum[place] = (sum[place] ?? 0) + (vectors[token * width + place] ?? 0);
    return sum;
  }
}

/** @throws Error when the vector has no direction. */
function normalised(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  if (!(length > 0)) throw new Error('the model made a vector without a direction');
  return vector.map((value) => value / length);
}
