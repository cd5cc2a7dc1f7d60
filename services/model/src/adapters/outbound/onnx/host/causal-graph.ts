import { ParleyError } from '@parley/kernel';
import type { OnnxFeeds, OnnxRuntime, OnnxSession, OnnxTensor, OnnxValue } from './onnx-runtime.ts';

const pastName = /^past_key_values\.(.+)$/;
const plainInputs = ['input_ids', 'attention_mask', 'position_ids'];

/** One tensor of keys or values that a sequence carries from run to run. */
interface Carried {
  readonly input: string;
  readonly output: string;
  readonly heads: number;
  readonly width: number;
}

/** What a sequence has read: its keys and values, by the input that takes them. */
export interface Past {
  readonly tokens: number;
  readonly tensors: OnnxFeeds;
}

/** What came of a run: the past with its tokens, and the logits after the last of them where they were wanted. */
export interface CausalRun {
  readonly past: Past;
  readonly logits: Float32Array | undefined;
}

/** A transformer that reads tokens after a past: the graph of `text-generation-with-past` models. */
export class CausalGraph {
  readonly vocabularySize: number;
  readonly #runtime: OnnxRuntime;
  readonly #session: OnnxSession;
  readonly #carried: readonly Carried[];
  readonly #takesPositions: boolean;

  /** @throws ParleyError `unsupported` that says what about the graph is different. */
  constructor(runtime: OnnxRuntime, session: OnnxSession) {
    this.#runtime = runtime;
    this.#session = session;
    const inputs = session.inputMetadata;
    const odd = inputs.find(({ name }) => !plainInputs.includes(name) && !pastName.test(name));
    if (odd !== undefined) throw unsupported(`it wants the input ${odd.name}`);
    this.#takesPositions = inputs.some(({ name }) => name === 'position_ids');
    const outputs = new Map(session.outputMetadata.map((value) => [value.name, value]));
    this.#carried = inputs.flatMap((value) => carriedOf(value, outputs));
    const logits = outputs.get('logits');
    const size = logits?.shape?.at(-1);
    if (logits?.type !== 'float32' || typeof size !== 'number')
      throw unsupported('it has no output logits of 32-bit numbers and a fixed length');
    this.vocabularySize = size;
  }

  /** Whether a graph is of this kind. */
  static is(session: OnnxSession): boolean {
    return session.inputMetadata.some(({ name }) => pastName.test(name));
  }

  /** Keys and values of one token. */
  get bytesPerToken(): number {
    return this.#carried.reduce(
      (sum, { heads, width }) => sum + heads * width * Float32Array.BYTES_PER_ELEMENT,
      0,
    );
  }

  /** Before the first token. */
  empty(): Past {
    const tensors = this.#carried.map(({ input, heads, width }): [string, OnnxTensor] => [
      input,
      this.#runtime.floats(new Float32Array(0), [1, heads, 0, width]),
    ]);
    return { tokens: 0, tensors: Object.fromEntries(tensors) };
  }

  /** Reads tokens after a past. */
  async run(past: Past, tokens: Uint32Array, wantsLogits: boolean): Promise<CausalRun> {
    const total = past.tokens + tokens.length;
    const feeds: OnnxFeeds = {
      input_ids: this.#row(tokens.length, (index) => tokens[index] ?? 0),
      attention_mask: this.#row(total, () => 1),
      ...(this.#takesPositions && { position_ids: this.#row(tokens.length, (index) => past.tokens + index) }),
      ...past.tensors,
    };
    const outputs = this.#carried.map(({ output }) => output);
    const results = await this.#session.run(feeds, wantsLogits ? [...outputs, 'logits'] : outputs);
    const tensors = this.#carried.map(({ input, output }): [string, OnnxTensor] => {
      const tensor = results[output];
      if (tensor === undefined) throw new Error(`the run gave no ${output}`);
      return [input, tensor];
    });
    const logits = wantsLogits ? this.#lastRow(results['logits'], tokens.length) : undefined;
    return { past: { tokens: total, tensors: Object.fromEntries(tensors) }, logits };
  }

  /** The past as it was after its first `length` tokens. */
  cut(past: Past, length: number): Past {
    if (length === past.tokens) return past;
    const tensors = this.#carried.map(({ input, heads, width }): [string, OnnxTensor] => {
      const data = past.tensors[input]?.data;
      if (!(data instanceof Float32Array)) throw new Error(`there is no ${input}`);
      const kept = new Float32Array(heads * length * width);
      for (let head = 0; head < heads; head++) {
        const from = head * past.tokens * width;
        kept.set(data.subarray(from, from + length * width), head * length * width);
      }
      return [input, this.#runtime.floats(kept, [1, heads, length, width])];
    });
    return { tokens: length, tensors: Object.fromEntries(tensors) };
  }

  release(): Promise<void> {
    return this.#session.release();
  }

  #row(length: number, valueAt: (index: number) => number): OnnxTensor {
    const values = BigInt64Array.from({ length }, (_, index) => BigInt(valueAt(index)));
    return this.#runtime.int64s(values, [1, length]);
  }

  #lastRow(logits: OnnxTensor | undefined, rows: number): Float32Array {
    const size = this.vocabularySize;
    if (!(logits?.data instanceof Float32Array) || logits.data.length < size)
      throw new Error('the run gave no logits');
    // Some graphs give the logits of the last token only.
    const count = Math.min(rows, logits.data.length / size);
    return logits.data.slice((count - 1) * size, count * size);
  }
}

function carriedOf({ name, type, shape }: OnnxValue, outputs: ReadonlyMap<string, OnnxValue>): Carried[] {
  const rest = pastName.exec(name)?.[1];
  if (rest === undefined) return [];
  const output = `present.${rest}`;
  if (!outputs.has(output)) throw unsupported(`it has no output ${output}`);
  const [heads, width] = [shape?.[1], shape?.[3]];
  if (type !== 'float32')
    throw unsupported(`its keys and values are ${String(type)}; this engine keeps float32`);
  if (typeof heads !== 'number' || typeof width !== 'number')
    throw unsupported(`the shape of its input ${name} is not known`);
  return [{ input: name, output, heads, width }];
}

function unsupported(what: string): ParleyError {
  return new ParleyError('unsupported', `The onnx engine cannot run this model: ${what}.`);
}
