import type { ModelInspection } from '../../../../ports/model-files.ts';
import { fileTypeName, tensorTypeName } from './file-types.ts';
import { count } from './gguf-header.ts';
import type { GgufHeader, GgufTensorInfo } from './gguf-header.ts';
import { computeBytesPerToken, contextGrain, keptBytes } from './model-memory.ts';
import { modelShape } from './model-shape.ts';

/** What the headers of a model's files, one or all parts of a split one, say about it. */
export function inspectHeaders(first: GgufHeader, others: readonly GgufHeader[] = []): ModelInspection {
  const { values } = first;
  const text = (key: string): string => {
    const value = values.get(key);
    return typeof value === 'string' ? value : '';
  };
  const shape = modelShape(first);
  const trained = values.get(`${shape.architecture}.context_length`);
  const headers = [first, ...others];
  const tensors = headers.flatMap((header) => header.tensors);
  return {
    architecture: shape.architecture,
    name: text('general.name'),
    license: text('general.license'),
    trainedContextTokens: typeof trained === 'number' ? trained : 0,
    fileBytes: headers.reduce((sum, { fileBytes }) => sum + fileBytes, 0),
    hasTemplate: text('tokenizer.chat_template') !== '',
    ...keptBytes(shape),
    contextGrain,
    computeBytesPerToken: computeBytesPerToken(shape),
    quantization: quantizationOf(values.get('general.file_type'), tensors),
    parameters: tensors.reduce((sum, { shape: lengths }) => sum + count(lengths), 0),
    layerBytes: layerBytes(tensors, shape.layers.length),
    parts: headers.length,
  };
}

/** The file's own word, else what most of its bytes are. */
function quantizationOf(fileType: unknown, tensors: readonly GgufTensorInfo[]): string {
  const named = typeof fileType === 'number' ? fileTypeName(fileType) : '';
  if (named !== '') return named;
  const bytes = new Map<number, number>();
  for (const tensor of tensors) bytes.set(tensor.type, (bytes.get(tensor.type) ?? 0) + tensor.bytes);
  const [most] = [...bytes].toSorted(([, one], [, other]) => other - one);
  return most === undefined ? '' : tensorTypeName(most[0]);
}

/** Bytes of each layer, then of what comes after the last one. */
function layerBytes(tensors: readonly GgufTensorInfo[], layers: number): number[] {
  const sums = Array.from({ length: layers + 1 }, () => 0);
  for (const { name, bytes } of tensors) {
    const layer = /^blk\.(\d+)\./.exec(name)?.[1];
    const place = layer === undefined ? layers : Number(layer);
    if (place < layers || name.startsWith('output')) sums[place] = (sums[place] ?? 0) + bytes;
  }
  return sums;
}
