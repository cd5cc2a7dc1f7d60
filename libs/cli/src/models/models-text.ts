import type { CatalogEntry, InstanceEntry, ModelEntry, ModelList } from '../api/api-types.ts';
import { bytesText, countText, tableText } from '../table.ts';

/** The models of a fleet, why some are not ready, where its aliases point, and how several instances stand. */
export function modelsText({ data, aliases, instances = [] }: ModelList): string {
  if (data.length === 0) return 'There are no models. Get one with: parley models catalog';
  const table = tableText<ModelEntry>(
    [
      { head: 'MODEL', text: ({ name }) => name },
      { head: 'STATE', text: ({ state }) => state },
      { head: 'ALIASES', text: (model) => model.aliases.join(', ') || '–' },
      { head: 'ENGINE', text: ({ engine }) => engine },
      { head: 'CONTEXT', text: (model) => String(model.context_tokens), alignRight: true },
      { head: 'BUSY', text: (model) => `${model.busy_slots}/${model.slots}`, alignRight: true },
      { head: 'SIZE', text: (model) => bytesText(model.file_bytes), alignRight: true },
      { head: 'LICENCE', text: ({ license }) => license || '–' },
    ],
    data,
  );
  const reasons = data.filter(({ reason }) => reason !== '').map(({ name, reason }) => `${name}: ${reason}`);
  const lineages = data.flatMap(({ name, lineage }) =>
    lineage === undefined || lineage === null ? [] : [lineageText(name, lineage)],
  );
  const previous = aliases
    .filter((alias) => alias.previous_model !== '')
    .map(
      (alias) =>
        `${alias.alias} was ${alias.previous_model} before; back with: parley models rollback ${alias.alias}`,
    );
  return [table, ...reasons, ...lineages, ...previous, ...instancesText(instances)].join('\n');
}

function lineageText(
  name: string,
  { source, format, passed, kept }: NonNullable<ModelEntry['lineage']>,
): string {
  if (source.startsWith('safetensors:')) return `${name} was converted from ${source}, as ${format}`;
  // Never rounded up to what was asked for.
  const quality =
    kept === null ? 'quality not measured' : `${(Math.floor(kept * 1000) / 10).toFixed(1)} % of the quality`;
  return `${name} is ${source} as ${format} (${quality}${passed ? '' : '; its gate was not passed'})`;
}

/** Several instances may stand differently while they follow an order; of one there is nothing more to say. */
function instancesText(instances: readonly InstanceEntry[]): string[] {
  if (instances.length < 2) return [];
  const isThere = (state: string): boolean => state !== 'registered';
  const table = tableText<InstanceEntry>(
    [
      { head: 'INSTANCE', text: ({ instance }) => instance },
      {
        head: 'ALIASES (GENERATION)',
        text: (entry) =>
          entry.aliases
            .map(({ alias, model, generation }) => `${alias} → ${model} (${generation})`)
            .join(', ') || '–',
      },
      {
        head: 'MODELS',
        text: (entry) =>
          entry.models
            .filter(({ state }) => isThere(state))
            .map(({ name, state }) => `${name} ${state}`)
            .join(', ') || '–',
      },
    ],
    instances,
  );
  return ['', table];
}

/** What can be pulled by name. */
export function catalogText(entries: readonly CatalogEntry[]): string {
  if (entries.length === 0) return 'The catalogue is empty.';
  return tableText<CatalogEntry>(
    [
      { head: 'NAME', text: ({ name }) => name },
      { head: 'WHAT', text: ({ title }) => title },
      { head: 'WEIGHTS', text: ({ parameters }) => countText(parameters), alignRight: true },
      { head: 'SIZE', text: (entry) => bytesText(entry.file_bytes), alignRight: true },
      { head: 'LANGUAGES', text: ({ languages }) => languages.join(' ') || '–' },
      { head: 'LICENCE', text: ({ license }) => license || 'not known' },
      { head: 'COMMERCIAL', text: (entry) => yesNo(entry.commercial_use) },
      {
        head: 'ENGINE',
        text: (entry) => (entry.engine_available ? entry.engine : `${entry.engine} (not installed)`),
      },
      { head: 'HERE', text: ({ installed }) => (installed ? 'yes' : '') },
    ],
    entries,
  );
}

/** What a person should know before a model is fetched. */
export function termsText(entry: CatalogEntry): string {
  const commercial = { yes: 'allowed', no: 'not allowed', 'not known': 'not known' }[
    yesNo(entry.commercial_use)
  ];
  return [
    `${entry.name}: ${entry.title} (${countText(entry.parameters)} weights, ${bytesText(entry.file_bytes)})`,
    `  Licence         ${entry.license || 'not known'}`,
    `  Terms           ${entry.terms_url || 'not known'}`,
    `  Commercial use  ${commercial}`,
  ].join('\n');
}

/** The same of a source that is not in the catalogue. */
export function unknownTermsText(source: string): string {
  return `${source} is not in the catalogue: its licence and terms are not known to Parley. Read them where it comes from.`;
}

function yesNo(value: boolean | null | undefined): 'yes' | 'no' | 'not known' {
  if (value === true) return 'yes';
  return value === false ? 'no' : 'not known';
}
