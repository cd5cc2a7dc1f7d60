// Reads a Llama-type GGUF file in 16 or 32 bits: what it says about itself and its weights as 32-bit numbers.
import { readFileSync } from 'node:fs';
import { readGgufFileInfo } from 'node-llama-cpp';

/** Numbers of ggml's tensor types. */
const ggmlType = { f32: 0, f16: 1 };

/**
 * @param {string} file
 * @throws Error that says what about the file is not supported.
 */
export async function readLlama(file) {
  const info = await readGgufFileInfo(file, { sourceType: 'filesystem', logWarnings: false });
  const { general, tokenizer, llama } = info.metadata;
  if (llama === undefined) throw new Error(`${file}: ${general.architecture} is no Llama`);
  const { head_count: heads, head_count_kv: kvHeads = heads } = llama.attention;
  if (kvHeads !== heads) throw new Error(`${file}: shared keys and values cannot be exported`);
  const bytes = readFileSync(file);
  const tensors = new Map(
    info.tensorInfo.map((tensor) => [tensor.name, tensorOf(file, bytes.buffer, bytes.byteOffset, tensor)]),
  );
  return {
    general,
    tokenizer,
    width: llama.embedding_length,
    layers: llama.block_count,
    heads,
    headWidth: llama.embedding_length / heads,
    hidden: llama.feed_forward_length,
    context: llama.context_length,
    epsilon: llama.attention.layer_norm_rms_epsilon,
    ropeBase: llama.rope.freq_base ?? 10_000,
    vocabulary: tokenizer.ggml.tokens.length,
    /** @param {string} name @returns {Float32Array} row by row, a row for each output */
    tensor(name) {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw new Error(`${file}: there is no tensor ${name}`);
      return tensor();
    },
    has: (name) => tensors.has(name),
  };
}

function tensorOf(file, buffer, from, { name, dimensions, ggmlType: type, fileOffset }) {
  const count = dimensions.reduce((product, length) => product * Number(length), 1);
  const start = from + Number(fileOffset);
  return () => {
    if (type === ggmlType.f32) return new Float32Array(buffer.slice(start, start + 4 * count));
    if (type === ggmlType.f16)
      return Float32Array.from(new Uint16Array(buffer.slice(start, start + 2 * count)), fromHalf);
    throw new Error(`${file}: ${name} is neither f16 nor f32`);
  };
}

/** A 16-bit float (IEEE 754 binary16) as a number; `Float16Array` came with Node 24. */
function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
