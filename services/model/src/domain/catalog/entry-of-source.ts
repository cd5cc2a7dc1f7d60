import { ParleyError } from '@parley/kernel';
import { fileNameOf } from '../sources/file-source.ts';
import type { FileFacts } from '../../ports/pull/model-shelf.ts';
import type { FileSource } from '../sources/file-source.ts';
import type { CatalogEntry } from './catalog-entry.ts';

/** The context of a model that nobody here knows: enough for a conversation, little enough for any machine. */
const assumedTokens = 4096;
const assumedSlots = 4;

/**
 * An entry for a file that no catalogue describes: its name is the file's, its digest is what came, and its terms are
 * its owner's to tell.
 * @throws ParleyError `unsupported` when no engine here opens such a file.
 */
export function entryOfSource(source: FileSource): CatalogEntry {
  const file = fileNameOf(source);
  const name = file
    .replace(/\.gguf$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 63);
  if (!/\.gguf$/i.test(file) || name === '') {
    const message = `"${source.text}" is no GGUF file, the only kind that can be pulled without a catalogue entry.`;
    throw new ParleyError('unsupported', message, { param: 'source' });
  }
  return {
    name,
    title: {},
    description: { en: `Pulled from ${source.text}.` },
    terms: { license: '' },
    languages: [],
    parameters: 0,
    contextTokens: assumedTokens,
    serve: { tokens: assumedTokens, slots: assumedSlots },
    engine: 'gguf',
    profile: { sampling: {}, stop: [], systemRole: true },
    files: [{ name: `${name}.gguf`, sources: [source] }],
  };
}

/** The same entry with what its file says of itself. */
export function withFacts(entry: CatalogEntry, facts: FileFacts | undefined): CatalogEntry {
  if (facts === undefined) return entry;
  const { trainedContextTokens, license } = facts;
  const tokens = Math.min(entry.serve.tokens, trainedContextTokens);
  const serve = { ...entry.serve, tokens };
  return { ...entry, contextTokens: trainedContextTokens, serve, terms: { license } };
}
