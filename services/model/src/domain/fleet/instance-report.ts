import type { ModelPhase } from '../../ports/model-events.ts';

/** One model as an instance has it. */
export interface ModelReport {
  readonly name: string;
  /** sha256 of its weights; '' while it is not known. */
  readonly digest: string;
  readonly phase: ModelPhase;
  /** Why it is not ready; '' otherwise. */
  readonly reason: string;
  /** The newest order about it that this instance has carried out or given up; 0 = none. */
  readonly order: number;
  /** Why that order could not be carried out; '' = it was. */
  readonly failure: string;
}

/** Where an alias leads on an instance. */
interface AliasReport {
  readonly alias: string;
  readonly model: string;
  readonly generation: number;
}

/** What an instance says about its models and aliases, for the other instances and for people. */
export interface InstanceReport {
  readonly instance: string;
  readonly models: readonly ModelReport[];
  readonly aliases: readonly AliasReport[];
}

/** A report as another instance announced it; what another version says that cannot be read counts as silence. */
export function reportOf(instance: string, body: string): InstanceReport {
  try {
    const { models, aliases } = JSON.parse(body) as Partial<InstanceReport>;
    return {
      instance,
      models: Array.isArray(models) ? models : [],
      aliases: Array.isArray(aliases) ? aliases : [],
    };
  } catch {
    return { instance, models: [], aliases: [] };
  }
}
