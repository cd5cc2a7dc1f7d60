// Exports a Llama-type GGUF file (parley-tiny, unless another is named) to a folder in the form of the hub: configuration,
// tokenizer, and its weights in safetensors files with an index. It is what `parley models convert` is tested with.
//   node libs/tiny-model/export-safetensors.mjs [FILE.gguf] --out FOLDER [--shards 2]
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readLlama } from './onnx/read-gguf.mjs';
import { hubFiles } from './onnx/tokenizer-files.mjs';

const { values, positionals } = parseArgs({
  options: { out: { type: 'string' }, shards: { type: 'string', default: '2' } },
  allowPositionals: true,
});
if (values.out === undefined) throw new Error('--out FOLDER is missing');
const folder = path.resolve(values.out);
const model = await readLlama(
  path.resolve(positionals[0] ?? path.join(import.meta.dirname, 'model/parley-tiny.gguf')),
);

/** From neighbouring pairs, as llama.cpp has them, to paired halves within each head. */
function inHalves(rows) {
  const { heads, headWidth, width } = model;
  const out = new Float32Array(rows.length);
  for (let head = 0; head < heads; head++)
    for (let at = 0; at < headWidth; at++) {
      const from = head * headWidth + at;
      const to = head * headWidth + (at % 2) * (headWidth / 2) + Math.floor(at / 2);
      out.set(rows.subarray(from * width, (from + 1) * width), to * width);
    }
  return out;
}

function* tensors() {
  const { vocabulary, width, hidden, layers } = model;
  const matrix = (name, own, shape, change = (rows) => rows) => ({
    name,
    shape,
    dtype: 'F16',
    data: new Float16Array(change(model.tensor(own))),
  });
  const norm = (name, own) => ({ name, shape: [width], dtype: 'F32', data: model.tensor(own) });
  yield matrix('model.embed_tokens.weight', 'token_embd.weight', [vocabulary, width]);
  yield norm('model.norm.weight', 'output_norm.weight');
  for (let layer = 0; layer < layers; layer++) {
    const own = (name) => `blk.${layer}.${name}.weight`;
    const hub = (name) => `model.layers.${layer}.${name}.weight`;
    yield norm(hub('input_layernorm'), own('attn_norm'));
    yield norm(hub('post_attention_layernorm'), own('ffn_norm'));
    yield matrix(hub('self_attn.q_proj'), own('attn_q'), [width, width], inHalves);
    yield matrix(hub('self_attn.k_proj'), own('attn_k'), [width, width], inHalves);
    yield matrix(hub('self_attn.v_proj'), own('attn_v'), [width, width]);
    yield matrix(hub('self_attn.o_proj'), own('attn_output'), [width, width]);
    yield matrix(hub('mlp.gate_proj'), own('ffn_gate'), [hidden, width]);
    yield matrix(hub('mlp.up_proj'), own('ffn_up'), [hidden, width]);
    yield matrix(hub('mlp.down_proj'), own('ffn_down'), [width, hidden]);
  }
}

/** A header of JSON that says where each tensor lies, then the numbers. */
function safetensors(shard) {
  let offset = 0;
  const header = { __metadata__: { format: 'pt' } };
  for (const { name, dtype, shape, data } of shard) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header).replace(/$/, ' '.repeat(7)));
  const head = text.subarray(0, text.length - (text.length % 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  return Buffer.concat([length, head, ...shard.map(({ data }) => Buffer.from(data.buffer))]);
}

const all = [...tensors()];
const count = Number(values.shards);
const size = Math.ceil(all.length / count);
mkdirSync(folder, { recursive: true });
const weightMap = {};
for (let at = 0; at < count; at++) {
  const number = (value) => String(value).padStart(5, '0');
  const name = count === 1 ? 'model.safetensors' : `model-${number(at + 1)}-of-${number(count)}.safetensors`;
  const shard = all.slice(at * size, (at + 1) * size);
  writeFileSync(path.join(folder, name), safetensors(shard));
  for (const tensor of shard) weightMap[tensor.name] = name;
}
if (count > 1) {
  const total = all.reduce((sum, { data }) => sum + data.byteLength, 0);
  const index = { metadata: { total_size: total }, weight_map: weightMap };
  writeFileSync(path.join(folder, 'model.safetensors.index.json'), JSON.stringify(index, null, 1));
}
for (const [name, text] of Object.entries(hubFiles(model))) writeFileSync(path.join(folder, name), text);
console.log(folder);
