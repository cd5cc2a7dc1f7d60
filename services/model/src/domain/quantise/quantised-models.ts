import { ParleyError, toParleyError } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { MachineMemory } from '../../ports/machine-memory.ts';
import type { MoveProgress } from '../../ports/move-progress.ts';
import type { Evaluations } from '../../ports/quantise/evaluations.ts';
import type { ModelJudge } from '../../ports/quantise/model-judge.ts';
import type { QuantisedRecord, QuantisedRecords } from '../../ports/quantise/quantised-records.ts';
import type { KnownModel } from '../models/known-model.ts';
import type { ModelMoves } from '../switching/model-moves.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import { byteText } from '../pull/byte-text.ts';
import { modelSpec } from '../models/model-spec.ts';
import { defaultLeastKept, floorLeastKept, judgeQuality } from './quality-gate.ts';
import { quantisedDefinition } from './quantised-definition.ts';
import type { MadeFile } from '../pull/made-files.ts';
import type { QuantisedFiles } from './quantised-files.ts';
import { tryBoth } from './try-both.ts';
import { parseWeightFormat, quantisedName } from './weight-format.ts';
import type { WeightFormat } from './weight-format.ts';

/** The kind of job that quantising is. */
export const quantizeKind = 'quantize';

/** What is asked for. */
export interface QuantiseRequest {
  /** A model's name, or an alias of it. */
  readonly model: string;
  /** `q4_k_m`, in upper or lower case. */
  readonly format: string;
  /** Share of the source's quality that must be kept, 0.85 to 1; 0 = 0.95. */
  readonly leastKept: number;
  /** Whether weights that are quantised already may be quantised again. */
  readonly requantize: boolean;
  /** Whether the result takes the source's name and aliases when it passes its gate. */
  readonly replace: boolean;
}

/** A request that can be carried out. */
export interface QuantiseOrder extends QuantiseRequest {
  readonly format: WeightFormat;
  /** The result's name. */
  readonly name: string;
}

/** What quantising takes. */
export interface QuantisedModelsParts {
  readonly registry: ModelRegistry;
  readonly moves: ModelMoves;
  readonly files: QuantisedFiles;
  readonly records: QuantisedRecords;
  readonly judge: ModelJudge;
  readonly memory: MachineMemory;
  readonly evaluations: Evaluations;
  /** The model cache. */
  readonly folder: string;
  readonly promptTokensPerStep: number;
  readonly clock: Clock;
  /** Told once of each model that is in the cache and cannot be offered. */
  readonly onNotRegistered: (name: string, error: unknown) => void;
}

/** Keys, values and logits of the small contexts in which models are tried out. */
const workingBytes = 512 * 1024 * 1024;
/** Of the whole work: writing, then trying both models out. */
const writingShare = 0.3;

/** Models whose weights were written in fewer bits, and the gate before they may answer to their source's name. */
export class QuantisedModels {
  readonly #parts: QuantisedModelsParts;
  readonly #told = new Set<string>();

  constructor(parts: QuantisedModelsParts) {
    this.#parts = parts;
  }

  /** @throws ParleyError of what cannot be quantised: `model_not_found`, `invalid_request`, `unsupported`, `conflict`. */
  check(request: QuantiseRequest): QuantiseOrder {
    const source = this.#parts.registry.model(request.model);
    const format = parseWeightFormat(request.format);
    const leastKept = request.leastKept === 0 ? defaultLeastKept : request.leastKept;
    if (!(leastKept >= floorLeastKept && leastKept <= 1)) {
      const message = `least_kept must be from ${floorLeastKept} to 1: a model that keeps less is another model.`;
      throw new ParleyError('invalid_request', message, { param: 'least_kept' });
    }
    const { engine, path } = source.definition;
    if (engine !== 'gguf' || path === '') {
      const message = `Model "${source.name}" runs on the engine "${engine}"; only weights of the engine "gguf" can be quantised here.`;
      throw new ParleyError('unsupported', message, { param: 'model' });
    }
    const name = quantisedName(source.name, format);
    this.#requireFreeName(name, source);
    return { ...request, model: source.name, format, leastKept, name };
  }

  /**
   * The work of a job: the file, its quality, the model on the shelf, and the source's name for it if that is wanted.
   * @throws ParleyError what is in the way; the result of a gate that was not passed is there all the same.
   */
  async quantise(request: QuantiseRequest, progress: MoveProgress): Promise<void> {
    const order = this.check(request);
    const { registry, files } = this.#parts;
    const source = registry.model(order.model);
    progress.stage('reading the source');
    // A folder or any part of a split file may stand for the weights.
    const { sha256, path } = await registry.prove(source.definition, progress.signal);
    const file = await files.make(
      {
        source: { name: source.name, path, sha256 },
        format: order.format,
        requantize: order.requantize,
      },
      part(progress, 0, writingShare),
    );
    const record = await this.#judged(order, source, sha256, file, progress);
    progress.note(record.verdict.reason);
    if (order.replace) await this.#replace(order, record, progress);
    else progress.note(nextStep(record));
    progress.share(1);
    progress.stage(`${order.name} is registered`);
  }

  /** Offers what was quantised earlier, by whatever process. Never rejects. */
  async refresh(): Promise<void> {
    const records = await this.#parts.records.list().catch(() => []);
    for (const record of records) {
      try {
        this.#register(record);
        this.#told.delete(record.name);
      } catch (error) {
        if (!this.#told.has(record.name)) this.#parts.onNotRegistered(record.name, error);
        this.#told.add(record.name);
      }
    }
  }

  #requireFreeName(name: string, source: KnownModel): void {
    const other = this.#parts.registry.named(name);
    const isOurs = other === undefined || other.definition.lineage?.from === source.name;
    if (isOurs && other?.alive !== true) return;
    const why = isOurs ? 'is loaded; unload it before it is made anew' : 'is another model';
    throw new ParleyError('conflict', `"${name}", which the result would be called, ${why}.`, {
      param: 'model',
    });
  }

  /** A result that could not be judged is kept, and may not take its source's name. */
  async #judged(
    order: QuantiseOrder,
    source: KnownModel,
    sourceSha256: string,
    file: MadeFile,
    progress: MoveProgress,
  ): Promise<QuantisedRecord> {
    const { files, records, clock } = this.#parts;
    const { version, contextTokens, contextAtMost, slots, maxQueued, profile, terms } = source.definition;
    const atMost = contextAtMost === undefined ? {} : { contextAtMost };
    const unjudged: QuantisedRecord = {
      name: order.name,
      file: file.name,
      sha256: file.sha256,
      format: order.format,
      source: { name: source.name, sha256: sourceSha256 },
      tool: files.tool,
      madeAt: new Date(clock.now()).toISOString(),
      verdict: { passed: false, reason: 'Its quality was not measured.' },
      served: { version, contextTokens, ...atMost, slots, maxQueued, profile, terms },
    };
    const keep = async (verdict: QuantisedRecord['verdict']): Promise<QuantisedRecord> => {
      const record = { ...unjudged, verdict };
      await records.put(record);
      this.#register(record);
      return record;
    };
    try {
      return await keep(await this.#verdict(order, source, unjudged, progress));
    } catch (error) {
      progress.signal.throwIfAborted();
      await keep({
        passed: false,
        reason: `Its quality could not be measured: ${toParleyError(error).message}`,
      });
      throw error;
    }
  }

  async #verdict(
    { leastKept }: QuantiseOrder,
    source: KnownModel,
    record: QuantisedRecord,
    progress: MoveProgress,
  ): Promise<QuantisedRecord['verdict']> {
    const { registry, judge, evaluations, folder, promptTokensPerStep } = this.#parts;
    const result = quantisedDefinition(record, folder);
    progress.stage('trying it out in a process of its own');
    const { inspection } = await registry.prove(result, progress.signal);
    const { path, bytes } = await registry.prove(source.definition, progress.signal);
    await this.#requireMemory(source.name, bytes);
    const trained = inspection?.trainedContextTokens ?? result.contextTokens;
    const contextTokens = Math.min(trained, result.contextTokens);
    const specs = {
      source: modelSpec({ ...source.definition, path, contextTokens }, promptTokensPerStep, true),
      result: modelSpec({ ...result, contextTokens }, promptTokensPerStep, true),
    };
    const evaluation = evaluations.of(source.name);
    const trial = await tryBoth(judge, specs, evaluation, part(progress, writingShare, 1));
    const { passed, kept, reason } = judgeQuality(trial, leastKept);
    return { passed, kept, reason };
  }

  /** Trying models out must not take the memory of those that serve. */
  async #requireMemory(name: string, bytes: number): Promise<void> {
    const free = await this.#parts.memory.availableBytes();
    const needed = bytes + workingBytes;
    if (free >= needed) return;
    const message = `Trying "${name}" out needs about ${byteText(needed)} of memory; ${byteText(free)} are free.`;
    throw new ParleyError('overloaded', message, { retryable: false });
  }

  /** @throws ParleyError `conflict` when the gate was not passed; what a switch throws. */
  async #replace(
    { name, model }: QuantiseOrder,
    { verdict }: QuantisedRecord,
    progress: MoveProgress,
  ): Promise<void> {
    const { moves, registry } = this.#parts;
    if (!verdict.passed) {
      const message = `${verdict.reason} So ${name} stays under its own name, and ${model} is what it was.`;
      throw new ParleyError('conflict', message);
    }
    for (const alias of [...registry.aliases.of(model), model]) await moves.switch(alias, name, progress);
  }

  #register(record: QuantisedRecord): void {
    this.#parts.registry.register(quantisedDefinition(record, this.#parts.folder));
  }
}

function nextStep({ name, source, verdict }: QuantisedRecord): string {
  return verdict.passed
    ? `Give it the name of its source with: parley models switch ${source.name} ${name}`
    : `It is ${name} and may not answer to the name ${source.name}.`;
}

/** A part of the whole work. */
function part(progress: MoveProgress, from: number, to: number): MoveProgress {
  return {
    signal: progress.signal,
    stage: (text) => progress.stage(text),
    note: (line) => progress.note(line),
    share: (done) => progress.share(from + done * (to - from)),
  };
}
