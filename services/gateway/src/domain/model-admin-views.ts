import type {
  CachedModel,
  CatalogModel,
  LocalModel,
  ModelOverview,
  PruneReport,
} from '../ports/model-inventory.ts';
import type { Job } from '../ports/model-jobs.ts';
import type { ListedModel, ModelLineage } from '../ports/models.ts';

const seconds = (ms: number): number => Math.floor(ms / 1000);

/** Models and aliases as an administrator sees them; '' = none or not known. */
export function modelOverview({ models, aliases, instances }: ModelOverview) {
  return {
    object: 'list',
    data: models.map(modelView),
    aliases: aliases.map(({ previousModel, ...alias }) => ({ ...alias, previous_model: previousModel })),
    instances,
  } as const;
}

function modelView(model: ListedModel) {
  return {
    name: model.name,
    digest: model.digest,
    aliases: model.aliases,
    state: model.state,
    engine: model.engine,
    context_tokens: model.contextTokens,
    slots: model.slots,
    busy_slots: model.busySlots,
    file_bytes: model.fileBytes,
    reason: model.reason,
    license: model.license,
    terms_url: model.termsUrl,
    commercial_use: model.commercialUse ?? null,
    description: model.description,
    lineage: model.lineage === undefined ? null : lineageView(model.lineage),
  };
}

function lineageView({ source, sourceDigest, format, passed, kept, verdict }: ModelLineage) {
  return { source, source_digest: sourceDigest, format, passed, kept: kept ?? null, verdict };
}

/** What can be pulled by name. */
export function catalogList(entries: readonly CatalogModel[]) {
  return { object: 'list', data: entries.map(catalogView) } as const;
}

function catalogView(entry: CatalogModel) {
  return {
    name: entry.name,
    title: entry.title,
    description: entry.description,
    license: entry.license,
    terms_url: entry.termsUrl,
    commercial_use: entry.commercialUse ?? null,
    languages: entry.languages,
    parameters: entry.parameters,
    context_tokens: entry.contextTokens,
    file_bytes: entry.fileBytes,
    installed: entry.installed,
    engine: entry.engine,
    engine_available: entry.engineAvailable,
  };
}

/** Models that other programs keep. */
export function localModelList(models: readonly LocalModel[]) {
  return { object: 'list', data: models } as const;
}

/** What was removed from the cache of pulled models, or would be; times are Unix seconds. */
export function pruneView({ removed, kept, maxBytes }: PruneReport, dryRun: boolean) {
  return {
    object: 'prune',
    dry_run: dryRun,
    max_bytes: maxBytes,
    removed: removed.map(cachedView),
    kept: kept.map(cachedView),
  } as const;
}

function cachedView({ name, bytes, usedAtMs, needed }: CachedModel) {
  return { name, bytes, used_at: seconds(usedAtMs), needed };
}

/** Jobs, in the order given. */
export function jobList(jobs: readonly Job[]) {
  return { object: 'list', data: jobs.map(jobView) } as const;
}

/** A job and how far it is; times are Unix seconds. */
export function jobView(job: Job) {
  return {
    id: job.id,
    object: 'job',
    kind: job.kind,
    subject: job.subject,
    state: job.state,
    stage: job.stage,
    progress: job.progress,
    done_bytes: job.doneBytes,
    total_bytes: job.totalBytes,
    notes: job.notes,
    error: job.error === undefined ? null : jobError(job.error),
    created_at: seconds(job.createdAtMs),
    ended_at: job.endedAtMs === undefined ? null : seconds(job.endedAtMs),
  } as const;
}

function jobError({ code, message, retryable }: NonNullable<Job['error']>) {
  return { code, message, retryable };
}
