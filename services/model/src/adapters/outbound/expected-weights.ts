import type { LoadedDocument } from '@parley/config';
import type { ExpectedWeights, ModelDefinition } from '../../domain/models/model-definition.ts';
import type { ModelDocument } from './model-document-schema.ts';

type Source = LoadedDocument<ModelDocument>;
type GgufSpec = Exclude<ModelDocument['spec'], { readonly engine: 'onnx' | 'openai' | 'simulated' }>;
type Part = 'path' | 'shards' | 'precision' | 'family';

const mebibyte = 1024 * 1024;
/** What the parts of a document's long form are called in the short one. */
const bareKeys = { path: 'path', shards: 'shards', precision: 'precision', family: 'type' } as const;

/** What a document says of its weights and of graphics cards, and where it does. */
export function expectedWeights(
  source: Source,
  spec: Partial<Pick<GgufSpec, 'family' | 'shards' | 'precision' | 'gpu'>>,
): Pick<ModelDefinition, 'expected' | 'gpu' | 'contextAtMost'> {
  const { family, shards, precision, gpu } = spec;
  const said = { family, shards, precision };
  const isSaid = Object.values(said).some((value) => value !== undefined);
  const { memoryMb, layers, split, tensorSplit } = gpu ?? {};
  return {
    ...(isSaid ? { expected: { ...defined(said), places: placesOf(source) } satisfies ExpectedWeights } : {}),
    ...(gpu === undefined
      ? {}
      : { gpu: defined({ layers, split, tensorSplit, memoryBytes: memoryMb && memoryMb * mebibyte }) }),
    ...(source.bare === true && !namesContext(source.parsed.value) ? { contextAtMost: true } : {}),
  };
}

function placesOf({ bare, file, parsed }: Source): Record<Part, string> {
  const place = (part: Part): string => {
    const path = bare === true ? ['model', bareKeys[part]] : ['spec', part];
    return `${file}:${parsed.lineOf(path)}: ${path.join('.')}`;
  };
  return {
    path: place('path'),
    shards: place('shards'),
    precision: place('precision'),
    family: place('family'),
  };
}

function namesContext(value: unknown): boolean {
  const { model } = value as { readonly model?: { readonly context?: unknown } };
  return model?.context !== undefined;
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
