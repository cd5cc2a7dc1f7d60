import { faultText } from '@parley/config';
import type { DocumentFault } from '@parley/config';
import type { ParleyError } from '@parley/kernel';
import type { Logger, Metrics } from '@parley/telemetry';
import type { ModelMemory } from './ports/engine.ts';
import type { StepFigures } from './ports/load-progress.ts';
import type {
  AnswerEvents,
  AnswerReport,
  LoadedFact,
  ModelEvents,
  ModelIdentity,
  ModelPhase,
  SlotUse,
  SwitchedFact,
} from './ports/model-events.ts';

const phases = ['registered', 'loading', 'ready', 'draining', 'failed', 'unloaded'] as const;

/** Where facts about models are published for others. */
export interface ModelFacts {
  loaded(fact: LoadedFact): void;
  failed(model: ModelIdentity, error: ParleyError): void;
  unloaded(model: ModelIdentity): void;
  switched(fact: SwitchedFact): void;
}

/** What happens in the model service, as log lines, metrics and published events. */
export class ModelServiceEvents implements ModelEvents, AnswerEvents {
  readonly #metrics: Metrics;
  readonly #logger: Logger;
  readonly #facts: ModelFacts;
  /** Where each model was loaded last. */
  readonly #devices = new Map<string, readonly string[]>();

  #toldFaults: ReadonlySet<string> = new Set();

  constructor(metrics: Metrics, logger: Logger, facts: ModelFacts) {
    this.#metrics = metrics;
    this.#logger = logger;
    this.#facts = facts;
  }

  /** The state store had lost control data. */
  controlRebuilt(keys: readonly string[]): void {
    this.#logger.warn({ keys }, 'The state store had lost control data; it was filled again from the topic');
  }

  /** Store and topic of control data could not be brought together. */
  controlFailed(error: unknown): void {
    this.#logger.warn({ error }, 'Control data could not be published or read back; it is tried again');
  }

  /** What a user who was erased has left in models could not be removed yet. */
  erasureFailed(error: unknown): void {
    this.#logger.warn({ error }, 'An erasure could not be carried out; it is tried again');
  }

  phaseChanged(model: string, phase: ModelPhase): void {
    const gauge = this.#metrics.gauge('parley_model_state');
    for (const state of phases) gauge.set({ model, state }, state === phase ? 1 : 0);
  }

  loaded(fact: LoadedFact): void {
    const { model, engine, loadMs, memory } = fact;
    this.#metrics
      .histogram('parley_model_load_duration_seconds')
      .observe({ model: model.name, kind: 'load' }, loadMs / 1000);
    this.memoryTaken(model.name, memory);
    this.#logger.info(
      { model: model.name, digest: model.digest, engine, loadMs: Math.round(loadMs), memory },
      'Model ready',
    );
    this.#facts.loaded(fact);
  }

  memoryTaken(model: string, memory: ModelMemory): void {
    const bytes = this.#metrics.gauge('parley_model_memory_bytes');
    // Without a graphics card there are no numbers of one: absent, not zero.
    const { device: card = '', cards } = memory.gpu ?? {};
    if (cards !== undefined) {
      this.#metrics.gauge('parley_gpu_memory_used_bytes').set({ device: card }, cards.usedBytes);
      this.#metrics.gauge('parley_gpu_memory_total_bytes').set({ device: card }, cards.totalBytes);
    }
    const parts = memory.gpu === undefined ? [memory] : [memory, memory.gpu];
    for (const { device, weightsBytes, kvBytes, computeBytes } of parts) {
      const place = { model, device };
      bytes.set({ ...place, kind: 'weights' }, weightsBytes);
      bytes.set({ ...place, kind: 'kv' }, kvBytes);
      bytes.set({ ...place, kind: 'compute' }, computeBytes);
    }
    this.#devices.set(
      model,
      parts.map(({ device }) => device),
    );
  }

  documentFaults(faults: readonly DocumentFault[]): void {
    const told = faults.map(faultText);
    for (const fault of told)
      if (!this.#toldFaults.has(fault))
        this.#logger.warn({ fault }, 'A model document is at fault; what was in effect before stays');
    if (told.length === 0) this.#logger.info('No model document is at fault any more');
    this.#toldFaults = new Set(told);
  }

  documentsTaken(revision: number, faults: number): void {
    this.#logger.info({ revision, faults }, 'Model documents in effect');
  }

  failed(model: ModelIdentity, error: ParleyError): void {
    const line = { model: model.name, digest: model.digest, code: error.code, reason: error.message, error };
    // One that may still work is tried again by itself; the other waits for somebody to act.
    if (error.retryable) this.#logger.warn(line, 'Model lost or not loaded');
    else this.#logger.error(line, 'Model cannot be loaded');
    this.#facts.failed(model, error);
  }

  warned(model: string, warning: string): void {
    this.#logger.warn({ model, warning }, 'Model ready, with a warning');
  }

  unloaded(model: ModelIdentity): void {
    const bytes = this.#metrics.gauge('parley_model_memory_bytes');
    for (const kind of ['weights', 'kv', 'compute'] as const) {
      for (const device of this.#devices.get(model.name) ?? [])
        bytes.set({ model: model.name, device, kind }, 0);
    }
    this.occupied(model.name, { busy: 0, free: 0, queued: 0 });
    this.#logger.info({ model: model.name, digest: model.digest }, 'Model unloaded');
    this.#facts.unloaded(model);
  }

  switched(fact: SwitchedFact): void {
    const { alias, from, to, switchMs } = fact;
    this.#metrics
      .histogram('parley_model_load_duration_seconds')
      .observe({ model: to.name, kind: 'switch' }, switchMs / 1000);
    this.#logger.info(
      { alias, from: from.name, model: to.name, digest: to.digest, switchMs: Math.round(switchMs) },
      'Alias moved',
    );
    this.#facts.switched(fact);
  }

  followed(alias: string, from: string, { name, digest }: ModelIdentity, generation: number): void {
    this.#logger.info({ alias, from, model: name, digest, generation }, 'Alias followed a move of the fleet');
  }

  fleetUnheard(error: unknown): void {
    this.#logger.warn({ error }, 'The orders of the fleet could not be read or answered; it is tried again');
  }

  fellBack(alias: string, wanted: string, configured: string, reason: string): void {
    this.#logger.error(
      { alias, wanted, configured, reason },
      'An alias means what its document says: the model it was switched to cannot be had',
    );
  }

  unusable(model: string, error: ParleyError): void {
    this.#logger.warn({ model, code: error.code, reason: error.message }, 'Model would not load');
  }

  stepped(_model: string, figures: StepFigures): void {
    this.#metrics.histogram('parley_model_batch_size').observe({}, figures.sequences);
  }

  occupied(model: string, { busy, free, queued }: SlotUse): void {
    const slots = this.#metrics.gauge('parley_model_slots');
    slots.set({ model, state: 'busy' }, busy);
    slots.set({ model, state: 'free' }, free);
    this.#metrics.gauge('parley_model_queue_length').set({ model }, queued);
  }

  ended(report: AnswerReport): void {
    const { model, errorCode, inputTokens, outputTokens, cachedTokens, cachedFrom, firstTokenMs, totalMs } =
      report;
    const labels = { gen_ai_response_model: model };
    const duration = this.#metrics.histogram('gen_ai_server_request_duration_seconds');
    duration.observe({ ...labels, error_type: errorCode }, totalMs / 1000);
    const usage = this.#metrics.histogram('gen_ai_client_token_usage');
    if (inputTokens > 0) usage.observe({ ...labels, gen_ai_token_type: 'input' }, inputTokens);
    const reused = this.#metrics.counter('parley_model_kv_reused_tokens_total');
    if (cachedTokens > 0) reused.inc({ model, tier: cachedFrom }, cachedTokens);
    if (firstTokenMs === undefined) return;
    usage.observe({ ...labels, gen_ai_token_type: 'output' }, outputTokens);
    this.#metrics.histogram('gen_ai_server_time_to_first_token_seconds').observe(labels, firstTokenMs / 1000);
    if (outputTokens < 2) return;
    const perToken = (totalMs - firstTokenMs) / (outputTokens - 1) / 1000;
    this.#metrics.histogram('gen_ai_server_time_per_output_token_seconds').observe(labels, perToken);
  }

  /** What an engine's native code or process has to say. */
  engineSaid(level: 'warn' | 'error', message: string): void {
    this.#logger[level]({ source: 'engine' }, message);
  }

  /** A new engine host takes the place of another. */
  hostRestarted(why: 'died' | 'replaced'): void {
    this.#metrics.counter('parley_model_host_restarts_total').inc({ why });
    if (why === 'replaced')
      this.#logger.warn('The engine host held more memory than its models take; a fresh one does its work');
  }

  publishingFailed(error: unknown): void {
    this.#logger.warn({ error }, 'A model event could not be published; it is tried again');
  }

  eventsDropped(count: number): void {
    this.#metrics.counter('parley_model_events_dropped_total').inc({}, count);
    this.#logger.error({ count }, 'Model events are lost: the event log was away for too long');
  }
}
