import { InvalidArgumentError } from 'commander';
import type { CachedModelEntry, LocalModelEntry, PruneAnswer } from '../api/api-types.ts';
import { bytesText, tableText } from '../table.ts';

const units: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** Models that other programs keep on the fleet's machine. */
export function localModelsText(models: readonly LocalModelEntry[]): string {
  if (models.length === 0) return 'No models of Ollama, LM Studio or llama.cpp were found.';
  return tableText<LocalModelEntry>(
    [
      { head: 'SOURCE', text: ({ source }) => source },
      { head: 'SIZE', text: ({ bytes }) => bytesText(bytes), alignRight: true },
      { head: 'LICENCE', text: ({ license }) => license || '–' },
      { head: 'USABLE', text: ({ problem }) => (problem === '' ? 'yes' : `no: ${problem}`) },
    ],
    models,
  );
}

/** What was removed from the cache of pulled models, or would be, and what stays. */
export function pruneText({ dry_run: dryRun, max_bytes: maxBytes, removed, kept }: PruneAnswer): string {
  const rows = [
    ...removed.map((model) => ({ ...model, fate: dryRun ? 'would go' : 'removed' })),
    ...kept.map((model) => ({ ...model, fate: model.needed === '' ? 'stays' : `stays: ${model.needed}` })),
  ];
  const sum = (models: readonly CachedModelEntry[]): string =>
    bytesText(models.reduce((bytes, model) => bytes + model.bytes, 0));
  const bound =
    maxBytes === 0
      ? 'The cache has no bound (PARLEY_MODEL_CACHE_MAX_BYTES, or --max-bytes); nothing is removed.'
      : `Bound ${bytesText(maxBytes)}; ${dryRun ? 'would be removed' : 'removed'} ${sum(removed)}, kept ${sum(kept)}.`;
  if (rows.length === 0) return `The cache of pulled models is empty. ${bound}`;
  const table = tableText<(typeof rows)[number]>(
    [
      { head: 'MODEL', text: ({ name }) => name },
      { head: 'SIZE', text: ({ bytes }) => bytesText(bytes), alignRight: true },
      { head: 'LAST USED', text: (model) => new Date(model.used_at * 1000).toISOString().slice(0, 16) },
      { head: 'WHAT', text: ({ fate }) => fate },
    ],
    rows,
  );
  return `${table}\n${bound}`;
}

/** `20GB`, `500m`, `1000`. @throws InvalidArgumentError */
export function parseBytes(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt])?b?$/i.exec(text) ?? [];
  const bytes = Math.round(Number(number) * (units[unit.toLowerCase()] ?? 1));
  if (number === undefined || bytes < 1) throw new InvalidArgumentError('It is a size, such as 20GB.');
  return bytes;
}
