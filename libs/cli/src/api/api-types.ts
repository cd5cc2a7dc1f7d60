/** A list as the API answers it. */
export interface ApiList<T> {
  readonly data: readonly T[];
}

/** One model of the fleet. */
export interface ModelEntry {
  readonly name: string;
  readonly digest: string;
  readonly aliases: readonly string[];
  readonly state: string;
  readonly engine: string;
  readonly context_tokens: number;
  readonly slots: number;
  readonly busy_slots: number;
  readonly file_bytes: number;
  /** Why it is not ready; '' otherwise. */
  readonly reason: string;
  readonly license: string;
  /** null = it is as its maker published it. */
  readonly lineage?: ModelLineage | null;
}

/** Of which model's weights these are a smaller form. */
interface ModelLineage {
  readonly source: string;
  readonly format: string;
  /** Whether it passed its quality gate. */
  readonly passed: boolean;
  /** null = it could not be measured. */
  readonly kept: number | null;
}

/** Where an alias points. */
interface AliasEntry {
  readonly alias: string;
  readonly model: string;
  readonly generation: number;
  /** '' = a rollback would move it nowhere. */
  readonly previous_model: string;
}

/** What one model instance says about itself. */
export interface InstanceEntry {
  readonly instance: string;
  readonly models: readonly { readonly name: string; readonly state: string; readonly reason: string }[];
  readonly aliases: readonly {
    readonly alias: string;
    readonly model: string;
    readonly generation: number;
  }[];
}

/** `GET /admin/v1/models` */
export interface ModelList extends ApiList<ModelEntry> {
  readonly aliases: readonly AliasEntry[];
  /** Absent in the answer of an older fleet. */
  readonly instances?: readonly InstanceEntry[];
}

/** A model that can be pulled by its name. */
export interface CatalogEntry {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly license: string;
  readonly terms_url: string;
  /** null = not known. */
  readonly commercial_use?: boolean | null;
  readonly languages: readonly string[];
  readonly parameters: number;
  readonly context_tokens: number;
  readonly file_bytes: number;
  readonly installed: boolean;
  readonly engine: string;
  readonly engine_available: boolean;
}

/** A model that another program keeps on the fleet's machine. */
export interface LocalModelEntry {
  /** What a pull takes. */
  readonly source: string;
  readonly program: string;
  readonly bytes: number;
  readonly license: string;
  /** Why it cannot be used; '' = it can. */
  readonly problem: string;
}

/** The files of one model in the cache of pulled models. */
export interface CachedModelEntry {
  readonly name: string;
  readonly bytes: number;
  /** Unix seconds. */
  readonly used_at: number;
  /** Why it stays; '' = it could go. */
  readonly needed: string;
}

/** `POST /admin/v1/models/prune` */
export interface PruneAnswer {
  readonly dry_run: boolean;
  /** 0 = there is no bound. */
  readonly max_bytes: number;
  readonly removed: readonly CachedModelEntry[];
  readonly kept: readonly CachedModelEntry[];
}

/** Slow work of the fleet. */
export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly state: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  /** What is being done now, for people. */
  readonly stage: string;
  /** 0 to 1. */
  readonly progress: number;
  readonly done_bytes: number;
  readonly total_bytes: number;
  readonly notes: readonly string[];
  readonly error: { readonly code: string; readonly message: string } | null;
  /** Unix seconds, as the other times. */
  readonly created_at: number;
  readonly ended_at?: number | null;
}

/** `GET /v1/assistants` */
export interface AssistantEntry {
  readonly name: string;
  readonly version: string;
  readonly title: Readonly<Record<string, string>>;
  readonly description: Readonly<Record<string, string>>;
  readonly model: string;
}

/** One event of the record. */
export interface EventEntry {
  readonly id: string;
  readonly type: string;
  /** ISO 8601, as the other times of the record. */
  readonly time: string;
  readonly tenant: string;
  readonly key: string;
  readonly subject: string;
  readonly turn_id: string | null;
  readonly cursor: string;
}

/** `GET /admin/v1/events` */
export interface EventPage extends ApiList<EventEntry> {
  readonly next: string | null;
  /** Where to go on when there is no next page. */
  readonly reached: string;
}

/** What could not be recorded. */
export interface DeadLetterEntry {
  readonly id: string;
  readonly reason: string;
  readonly detail: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly type: string;
  readonly received_at: string;
}

/** `GET /admin/v1/events/dead-letters` */
export interface DeadLetterPage extends ApiList<DeadLetterEntry> {
  readonly next: string | null;
}

/** `POST /admin/v1/events/dead-letters/retry` */
export interface RetryOutcome {
  readonly recorded: number;
  readonly refused: readonly DeadLetterEntry[];
}
