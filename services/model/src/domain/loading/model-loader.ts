import { ParleyError } from '@parley/kernel';
import type { Engine, LoadedModel } from '../../ports/engine.ts';
import type { LoadOptions } from '../../ports/load-progress.ts';
import type { FileDigest } from '../../ports/file-digests.ts';
import type { FileProof, FileProofs } from './file-proofs.ts';
import { asFound } from '../models/found-model.ts';
import type { MemoryAdmission } from '../memory/memory-admission.ts';
import { machinePart } from '../memory/machine-part.ts';
import { memoryNeed } from '../memory/memory-need.ts';
import type { ModelDefinition } from '../models/model-definition.ts';
import { modelSpec } from '../models/model-spec.ts';
import { Turns } from '../turns.ts';

/** A loaded model and its place in memory; disposing gives both back. */
export interface Residency extends AsyncDisposable {
  readonly model: LoadedModel;
  /** What was set aside for it. */
  readonly bytes: number;
}

export interface LoadScope extends LoadOptions {
  readonly onProgress: NonNullable<LoadOptions['onProgress']>;
  /** Called once it is known which weights they are, before they are loaded. */
  readonly onIdentified: (file: FileDigest) => void;
}

/** What loading needs. */
export interface LoaderParts {
  readonly proofs: FileProofs;
  readonly memory: MemoryAdmission;
  readonly promptTokensPerStep: number;
  /** As `ModelSpec` has it. */
  readonly targetGapMs?: number;
  /** A load that takes longer is given up. */
  readonly loadTimeoutMs: number;
}

/** Loads models, one at a time: what is free for the next one is known when the one before has its memory. */
export class ModelLoader {
  readonly #parts: LoaderParts;
  readonly #turns = new Turns();

  constructor(parts: LoaderParts) {
    this.#parts = parts;
  }

  /** Only opens the file, in a process of its own, unless that was done before. @throws as `load` does. */
  prove(definition: ModelDefinition, engine: Engine, signal: AbortSignal): Promise<FileProof> {
    return this.#parts.proofs.prove(definition, engine, { signal, onlyLook: true });
  }

  /** @throws ParleyError that says what is wrong, where; `retryable` tells whether another try may work. */
  load(definition: ModelDefinition, engine: Engine, scope: LoadScope): Promise<Residency> {
    scope.onProgress({ stage: 'waiting for its turn', share: 0 });
    return this.#turns.run(scope.signal, () => this.#withinTime(definition, engine, scope));
  }

  async #withinTime(definition: ModelDefinition, engine: Engine, scope: LoadScope): Promise<Residency> {
    const { loadTimeoutMs } = this.#parts;
    const timeout = AbortSignal.timeout(loadTimeoutMs);
    const signal = AbortSignal.any([scope.signal, timeout]);
    try {
      return await this.#load(definition, engine, { ...scope, signal });
    } catch (error) {
      if (!timeout.aborted || scope.signal.aborted) throw error;
      const message = `Loading model "${definition.name}" took longer than ${loadTimeoutMs / 1000} s.`;
      throw new ParleyError('engine_failed', message, { cause: error, retryable: false });
    }
  }

  async #load(definition: ModelDefinition, engine: Engine, scope: LoadScope): Promise<Residency> {
    const { proofs, memory, promptTokensPerStep, targetGapMs } = this.#parts;
    const proof = await proofs.prove(definition, engine, scope);
    scope.onIdentified(proof);
    using undo = new DisposableStack();
    const found = asFound(definition, proof, promptTokensPerStep);
    const need = memoryNeed(found, proof.bytes, proof.inspection, promptTokensPerStep);
    const here = machinePart(need, proof.inspection, await engine.freeCardBytes?.(), found);
    const { bytes } = undo.use(await memory.claim(found, here));
    const spec = modelSpec(found, promptTokensPerStep, proof.inspection !== undefined);
    const model = await engine.load(
      {
        ...spec,
        ...(proof.path === '' ? {} : { digest: proof.sha256 }),
        ...(targetGapMs === undefined ? {} : { targetGapMs }),
      },
      scope,
    );
    const place = undo.move();
    return {
      model,
      bytes,
      [Symbol.asyncDispose]: async () => {
        await model[Symbol.asyncDispose]();
        place.dispose();
      },
    };
  }
}
