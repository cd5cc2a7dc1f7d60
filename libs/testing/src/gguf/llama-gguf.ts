import { f32, flag, i32, list, text, u32 } from './gguf-values.ts';
import type { GgufValue } from './gguf-values.ts';
import type { GgufFile, GgufTensor } from './write-gguf.ts';

/** The measures of a transformer of the llama family. */
export interface LlamaShape {
  readonly name: string;
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly keyHeads: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  readonly contextTokens: number;
  readonly type: 'f16' | 'f32';
}

/** A model of the llama family with random weights: it speaks gibberish, and costs what a real one of its shape costs. */
export function llamaGguf(shape: LlamaShape, seed: number): GgufFile {
  return {
    metadata: { ...headOf(shape), ...vocabularyOf(shape.vocabulary) },
    tensors: tensorsOf(shape),
    seed,
  };
}

function headOf(shape: LlamaShape): Record<string, GgufValue> {
  return {
    'general.architecture': text('llama'),
    'general.name': text(shape.name),
    'general.license': text('mit'),
    'general.file_type': u32(shape.type === 'f16' ? 1 : 0),
    'llama.context_length': u32(shape.contextTokens),
    'llama.embedding_length': u32(shape.width),
    'llama.block_count': u32(shape.layers),
    'llama.feed_forward_length': u32(shape.feedForward),
    'llama.attention.head_count': u32(shape.heads),
    'llama.attention.head_count_kv': u32(shape.keyHeads),
    'llama.attention.layer_norm_rms_epsilon': f32(1e-5),
    'llama.rope.dimension_count': u32(shape.width / shape.heads),
    'llama.rope.freq_base': f32(10_000),
    'llama.vocab_size': u32(shape.vocabulary),
  };
}

/** Control tokens, one token for each byte, then words that nobody writes: every text has tokens. */
export function vocabularyOf(size: number): Record<string, GgufValue> {
  const bytes = Array.from(
    { length: 256 },
    (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
  );
  // The first of them is a space alone, as this kind of vocabulary spells it.
  const words = Array.from({ length: size - 259 }, (_, at) => (at === 0 ? '▁' : `▁w${at}`));
  const tokens = ['<unk>', '<s>', '</s>', ...bytes, ...words];
  const kinds = tokens.map((_, at) => (at === 0 ? 2 : at < 3 ? 3 : at < 259 ? 6 : 1));
  return {
    'tokenizer.ggml.model': text('llama'),
    'tokenizer.ggml.tokens': list(tokens.map(text)),
    'tokenizer.ggml.scores': list(tokens.map((_, at) => f32(at < 259 ? 0 : -at))),
    'tokenizer.ggml.token_type': list(kinds.map(i32)),
    'tokenizer.ggml.bos_token_id': u32(1),
    'tokenizer.ggml.eos_token_id': u32(2),
    'tokenizer.ggml.unknown_token_id': u32(0),
    'tokenizer.ggml.add_bos_token': flag(true),
    'tokenizer.chat_template': text(
      "{% for message in messages %}{{ message['role'] + ': ' + message['content'] + '\\n' }}{% endfor %}" +
        "{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}",
    ),
  };
}

function tensorsOf(shape: LlamaShape): GgufTensor[] {
  const { type, width, vocabulary, layers } = shape;
  const norm = (name: string): GgufTensor => ({ name, shape: [width], type: 'f32', fill: { constant: 1 } });
  const matrix = (name: string, columns: number, rows: number): GgufTensor => ({
    name,
    shape: [columns, rows],
    type,
    fill: { deviation: 1 / Math.sqrt(columns) },
  });
  const tensors = [matrix('token_embd.weight', width, vocabulary), norm('output_norm.weight')];
  for (let layer = 0; layer < layers; layer++)
    tensors.push(...layerOf(`blk.${layer}.`, shape, { norm, matrix }));
  tensors.push(matrix('output.weight', width, vocabulary));
  return tensors;
}

interface TensorMakers {
  readonly norm: (name: string) => GgufTensor;
  readonly matrix: (name: string, columns: number, rows: number) => GgufTensor;
}

function layerOf(prefix: string, shape: LlamaShape, { norm, matrix }: TensorMakers): GgufTensor[] {
  const { width, heads, keyHeads, feedForward } = shape;
  const keys = (width / heads) * keyHeads;
  return [
    norm(`${prefix}attn_norm.weight`),
    matrix(`${prefix}attn_q.weight`, width, width),
    matrix(`${prefix}attn_k.weight`, width, keys),
    matrix(`${prefix}attn_v.weight`, width, keys),
    matrix(`${prefix}attn_output.weight`, width, width),
    norm(`${prefix}ffn_norm.weight`),
    matrix(`${prefix}ffn_gate.weight`, width, feedForward),
    matrix(`${prefix}ffn_up.weight`, width, feedForward),
    matrix(`${prefix}ffn_down.weight`, feedForward, width),
  ];
}
