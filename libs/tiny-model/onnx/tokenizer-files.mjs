// The files beside an ONNX model, in the form of the hub: configuration, tokenizer, chat template.

/** llama.cpp's pattern of words for tokenizers of this name (`llama-vocab.cpp`). */
const wordPatterns = {
  qwen2:
    "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
};

const controlToken = 3;

/** @param {Awaited<ReturnType<typeof import('./read-gguf.mjs').readLlama>>} model @returns texts by file name */
export function hubFiles(model) {
  const { ggml, chat_template: template } = model.tokenizer;
  const { tokens } = ggml;
  const files = {
    'config.json': {
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      hidden_size: model.width,
      intermediate_size: model.hidden,
      num_hidden_layers: model.layers,
      num_attention_heads: model.heads,
      num_key_value_heads: model.heads,
      head_dim: model.headWidth,
      vocab_size: model.vocabulary,
      max_position_embeddings: model.context,
      rms_norm_eps: model.epsilon,
      rope_theta: model.ropeBase,
      tie_word_embeddings: true,
      bos_token_id: ggml.bos_token_id,
      eos_token_id: ggml.eos_token_id,
      license: model.general.license,
      name: model.general.name,
    },
    // The token that begins a text also ends one.
    'generation_config.json': { eos_token_id: [ggml.eos_token_id, ggml.bos_token_id] },
    'tokenizer_config.json': {
      tokenizer_class: 'PreTrainedTokenizerFast',
      add_bos_token: ggml.add_bos_token === true,
      bos_token: tokens[ggml.bos_token_id],
      eos_token: tokens[ggml.eos_token_id],
      pad_token: tokens[ggml.padding_token_id],
      model_max_length: model.context,
      chat_template: template,
    },
    'tokenizer.json': tokenizerOf(ggml),
  };
  return Object.fromEntries(
    Object.entries(files).map(([name, value]) => [name, `${JSON.stringify(value, null, 1)}\n`]),
  );
}

function tokenizerOf({ model, pre, tokens, token_type: types, merges }) {
  const pattern = wordPatterns[pre];
  if (model !== 'gpt2' || pattern === undefined)
    throw new Error(`the tokenizer ${model}/${pre} is not known here`);
  const control = tokens.flatMap((content, id) => (types[id] === controlToken ? [{ id, content }] : []));
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: control.map(({ id, content }) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((text, id) => [text, id])),
      merges: merges.map((pair) => pair.split(' ')),
    },
  };
}
