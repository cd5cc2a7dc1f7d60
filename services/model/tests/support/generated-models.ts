import { f32, text, u32, vocabularyOf } from '@parley/testing';
import type { GgufFile, GgufTensor, GgufValue } from '@parley/testing';

const width = 256;
const heads = 4;
const keyHeads = 2;
const headLength = 64;
const feedForward = 512;
const vocabulary = 512;
const contextTokens = 8192;

/** Tensors of one kind, all of random weights. */
interface Makers {
  readonly norm: (name: string, length?: number) => GgufTensor;
  readonly matrix: (name: string, ...shape: readonly number[]) => GgufTensor;
}

const makers: Makers = {
  norm: (name, length = width) => ({ name, shape: [length], type: 'f32', fill: { constant: 1 } }),
  matrix: (name, ...shape) => ({
    name,
    shape,
    type: 'f16',
    fill: { deviation: 1 / Math.sqrt(shape[0] ?? 1) },
  }),
};

function head(architecture: string, layers: number): Record<string, GgufValue> {
  return {
    'general.architecture': text(architecture),
    'general.name': text(`random ${architecture}`),
    'general.file_type': u32(1),
    [`${architecture}.context_length`]: u32(contextTokens),
    [`${architecture}.embedding_length`]: u32(width),
    [`${architecture}.block_count`]: u32(layers),
    [`${architecture}.feed_forward_length`]: u32(feedForward),
    [`${architecture}.attention.head_count`]: u32(heads),
    [`${architecture}.attention.head_count_kv`]: u32(keyHeads),
    [`${architecture}.attention.layer_norm_rms_epsilon`]: f32(1e-5),
  };
}

function attention(prefix: string): GgufTensor[] {
  return [
    makers.norm(`${prefix}attn_norm.weight`),
    makers.matrix(`${prefix}attn_q.weight`, width, heads * headLength),
    makers.matrix(`${prefix}attn_k.weight`, width, keyHeads * headLength),
    makers.matrix(`${prefix}attn_v.weight`, width, keyHeads * headLength),
    makers.matrix(`${prefix}attn_output.weight`, heads * headLength, width),
    makers.norm(`${prefix}ffn_norm.weight`),
  ];
}

function around(layers: (layer: number) => GgufTensor[], count: number): GgufTensor[] {
  return [
    makers.matrix('token_embd.weight', width, vocabulary),
    makers.norm('output_norm.weight'),
    ...Array.from({ length: count }, (_, layer) => layers(layer)).flat(),
    makers.matrix('output.weight', width, vocabulary),
  ];
}

/** Eight experts, two of which work on each token, as Mixtral has them: about 40 MB. */
export function mixtureOfExperts(seed: number): GgufFile {
  const layers = 6;
  const experts = 8;
  const layer = (at: number): GgufTensor[] => [
    ...attention(`blk.${at}.`),
    makers.matrix(`blk.${at}.ffn_gate_inp.weight`, width, experts),
    makers.matrix(`blk.${at}.ffn_gate_exps.weight`, width, feedForward, experts),
    makers.matrix(`blk.${at}.ffn_up_exps.weight`, width, feedForward, experts),
    makers.matrix(`blk.${at}.ffn_down_exps.weight`, feedForward, width, experts),
  ];
  const metadata = {
    ...head('llama', layers),
    'llama.expert_count': u32(experts),
    'llama.expert_used_count': u32(2),
    'llama.rope.dimension_count': u32(headLength),
    ...vocabularyOf(vocabulary),
  };
  return { metadata, tensors: around(layer, layers), seed };
}

/** Five layers of six see 512 tokens only, as Gemma 3 has it: about 20 MB. */
export function slidingWindow(seed: number): GgufFile {
  const layers = 12;
  const layer = (at: number): GgufTensor[] => [
    ...attention(`blk.${at}.`),
    makers.norm(`blk.${at}.attn_q_norm.weight`, headLength),
    makers.norm(`blk.${at}.attn_k_norm.weight`, headLength),
    makers.norm(`blk.${at}.post_attention_norm.weight`),
    makers.matrix(`blk.${at}.ffn_gate.weight`, width, feedForward),
    makers.matrix(`blk.${at}.ffn_up.weight`, width, feedForward),
    makers.matrix(`blk.${at}.ffn_down.weight`, feedForward, width),
    makers.norm(`blk.${at}.post_ffw_norm.weight`),
  ];
  const metadata = {
    ...head('gemma3', layers),
    'gemma3.attention.sliding_window': u32(512),
    'gemma3.attention.key_length': u32(headLength),
    'gemma3.attention.value_length': u32(headLength),
    ...vocabularyOf(vocabulary),
  };
  return { metadata, tensors: around(layer, layers), seed };
}

/** A file as any other, but of an architecture that nobody has made. */
export function unknownArchitecture(seed: number): GgufFile {
  const { tensors } = slidingWindow(seed);
  return { metadata: { ...head('martian', 12), ...vocabularyOf(vocabulary) }, tensors, seed };
}
