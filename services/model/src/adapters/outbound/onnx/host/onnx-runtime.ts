import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Numbers in a shape; `data` is undefined for none that this engine reads. */
export interface OnnxTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

/** What a graph takes or gives; a length that varies has a name. */
export interface OnnxValue {
  readonly name: string;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}

export type OnnxFeeds = Readonly<Record<string, OnnxTensor>>;

export interface OnnxSession {
  readonly inputMetadata: readonly OnnxValue[];
  readonly outputMetadata: readonly OnnxValue[];
  /** @param outputs only these are wanted */
  run(feeds: OnnxFeeds, outputs: readonly string[]): Promise<OnnxFeeds>;
  release(): Promise<void>;
}

type TensorMaker = new (
  type: string,
  data: BigInt64Array | Float32Array,
  dims: readonly number[],
) => OnnxTensor;

/** What is used of onnxruntime-node. */
interface RuntimeModule {
  readonly InferenceSession: {
    create(path: string, options: Readonly<Record<string, unknown>>): Promise<OnnxSession>;
  };
  readonly Tensor: TensorMaker;
}

/** What is used of @huggingface/tokenizers. */
export interface HubTokenizer {
  encode(
    text: string,
    options: { readonly add_special_tokens: boolean },
  ): { readonly ids: readonly number[] };
  id_to_token(id: number): string | undefined;
  token_to_id(token: string): number | undefined;
}

interface TokenizersModule {
  readonly Tokenizer: new (tokenizer: unknown, config: unknown) => HubTokenizer;
}

/** The packages of this engine, as far as it uses them. */
export interface OnnxRuntime {
  open(path: string, threads: number): Promise<OnnxSession>;
  int64s(values: BigInt64Array, dims: readonly number[]): OnnxTensor;
  floats(values: Float32Array, dims: readonly number[]): OnnxTensor;
  tokenizer(definition: unknown, config: unknown): HubTokenizer;
}

/** Only errors are said: a model's warnings are for who made it. */
const errorsOnly = 3;

/** Loads the native code from the folder that `npm run engine:onnx` fills. @throws Error of Node when it is not whole. */
export function openRuntime(installation: string): OnnxRuntime {
  const installed = createRequire(join(installation, 'package.json'));
  const { InferenceSession, Tensor } = installed('onnxruntime-node') as RuntimeModule;
  const { Tokenizer } = installed('@huggingface/tokenizers') as TokenizersModule;
  return {
    open: (path, threads) =>
      InferenceSession.create(path, {
        executionProviders: ['cpu'],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        logSeverityLevel: errorsOnly,
        // Threads that wait for the next run would keep the cores of everybody else busy.
        extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
      }),
    int64s: (values, dims) => new Tensor('int64', values, dims),
    floats: (values, dims) => new Tensor('float32', values, dims),
    tokenizer: (definition, config) => new Tokenizer(definition, config),
  };
}
