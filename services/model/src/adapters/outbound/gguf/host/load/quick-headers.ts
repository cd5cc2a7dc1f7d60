import { readGgufHeader } from '../../file/gguf-header.ts';
import type { GgufHeader } from '../../file/gguf-header.ts';

/** What node-llama-cpp's parser of headers is made of, as far as it is replaced. */
interface HeaderParser {
  readonly _fileReader: { readonly filePath?: string };
  _readRawHeader: (this: HeaderParser, place: Place) => unknown;
  _readTensorInfo: (this: HeaderParser, count: number, place: Place, alignment: number) => unknown;
}

interface Place {
  moveBy(bytes: number): void;
}

const headers = new WeakMap<HeaderParser, GgufHeader>();

/**
 * Makes node-llama-cpp read the headers of files by our own code. Its own makes an object of every piece of the
 * vocabulary, which nothing here looks at: 0.15 s for the 98,000 texts of SmolLM2, in which no other model of the host
 * says a token. Long lists come as lists of that length without values. Where the library looks otherwise nothing is
 * changed: loads only take longer.
 */
export async function quickHeaders(): Promise<void> {
  const entry = new URL('./gguf/parser/GgufV2Parser.js', import.meta.resolve('node-llama-cpp'));
  const parser = prototypeOf(await import(entry.href).catch(() => undefined));
  if (parser === undefined) return;
  const { _readRawHeader: readRawHeader, _readTensorInfo: readTensorInfo } = parser;
  parser._readRawHeader = function (place): unknown {
    const path = this._fileReader.filePath;
    if (path === undefined) return readRawHeader.call(this, place);
    const header = readGgufHeader(path);
    headers.set(this, header);
    return rawHeader(header, place);
  };
  parser._readTensorInfo = function (count, place, alignment): unknown {
    const header = headers.get(this);
    return header === undefined ? readTensorInfo.call(this, count, place, alignment) : tensorInfo(header);
  };
}

function prototypeOf(module: unknown): HeaderParser | undefined {
  const { GgufV2Parser } = (module ?? {}) as { GgufV2Parser?: { prototype?: HeaderParser } };
  const prototype = GgufV2Parser?.prototype;
  const asExpected = ['_readRawHeader', '_readTensorInfo'].every(
    (name) => typeof Reflect.get(prototype ?? {}, name) === 'function',
  );
  return asExpected ? prototype : undefined;
}

/** `place` stands behind magic and version. */
function rawHeader({ tensors, values, metadata }: GgufHeader, place: Place): unknown {
  const headerSize = metadata.to - magicBytes;
  place.moveBy(headerSize);
  const lists = [...values].map(([key, value]) => {
    if (typeof value !== 'object') return [key, value];
    return [key, value.numbers ?? Array.from({ length: value.length })];
  });
  return { tensorCount: tensors.length, metadata: Object.fromEntries(lists) as unknown, headerSize };
}

/** Magic and version. */
const magicBytes = 8;

function tensorInfo({ tensors, tensorsTo, dataFrom, metadata }: GgufHeader): unknown {
  return {
    tensorInfo: tensors.map(({ name, shape, type, offset }) => ({
      name,
      dimensions: [...shape],
      ggmlType: type,
      offset,
      fileOffset: dataFrom + offset,
      filePart: 1,
    })),
    tensorInfoSize: tensorsTo - metadata.to,
    infoEndOffset: dataFrom,
  };
}
