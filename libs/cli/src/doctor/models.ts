import { readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DocumentError } from '@parley/config';
import { documentFiles, readDocuments } from '../documents.ts';
import type { Finding } from './finding.ts';

/** The part of a model document that says where its file lies; the model service knows the whole of it. */
interface ModelDocument {
  readonly kind?: unknown;
  readonly metadata?: { readonly name?: unknown };
  readonly spec?: { readonly path?: unknown };
  /** The short form, which is a whole document. */
  readonly model?: { readonly path?: unknown };
}

/** Which models the config folder knows, and whether their files are there. */
export function modelFindings(configDir: string, modelCache: string): Finding[] {
  try {
    const findings = documentFiles(configDir).flatMap((file) => modelFinding(file, modelCache));
    if (findings.length > 0) return findings;
    return [problem('Models', `none in ${join(configDir, 'models')}`, 'Put a document of kind Model there.')];
  } catch (error) {
    return [problem('Models', error instanceof Error ? error.message : String(error))];
  }
}

function modelFinding(file: string, modelCache: string): Finding[] {
  const models = readModels(file);
  if (typeof models === 'string') return [problem('Models', models, 'parley config check tells more.')];
  return models.flatMap(({ kind, metadata, spec, model }) => {
    const written = kind === 'Model' ? spec?.path : model?.path;
    if (typeof written !== 'string') return [];
    const name = `Model ${typeof metadata?.name === 'string' ? metadata.name : file}`;
    const path = fileOf(written, file, modelCache);
    const size = sizeOf(path);
    if (size === undefined) return [problem(name, `${path} is missing`, `${file} names it.`)];
    return [{ name, ok: true, required: true, detail: `${path} (${(size / 1024 ** 2).toFixed(0)} MiB)` }];
  });
}

/** Bytes of a file, or of the weights in a folder; undefined when there is neither. */
function sizeOf(path: string): number | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true) return found?.size;
  const weights = readdirSync(path).filter((name) => name.endsWith('.gguf'));
  return weights.reduce((sum, name) => sum + (sizeOf(join(path, name)) ?? 0), 0);
}

/** The documents of a file, or why it cannot be read. */
function readModels(file: string): ModelDocument[] | string {
  try {
    return readDocuments(file).map(({ value }) => (typeof value === 'object' && value !== null ? value : {}));
  } catch (error) {
    if (error instanceof DocumentError) return error.message;
    throw error;
  }
}

/** Relative paths start at the document; `cache:` at the folder of downloaded models. */
function fileOf(path: string, document: string, modelCache: string): string {
  return path.startsWith('cache:')
    ? join(modelCache, path.slice('cache:'.length))
    : resolve(dirname(document), path);
}

function problem(name: string, detail: string, hint?: string): Finding {
  return { name, ok: false, required: true, detail, ...(hint === undefined ? {} : { hint }) };
}
