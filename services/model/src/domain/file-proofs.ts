import { ParleyError } from '@parley/kernel';
import type { Engine, LoadProgress, ModelInspection, ModelSpec } from '../ports/engine.ts';
import type { FileDigest, FileDigests } from '../ports/file-digests.ts';
import type { ProbeVerdicts } from '../ports/probe-verdicts.ts';
import type { ModelDefinition } from './model-definition.ts';
import { modelSpec } from './model-spec.ts';

/** A file that may be loaded. */
export interface FileProof extends FileDigest {
  /** Absent where the engine has no need to look at files. */
  readonly inspection: ModelInspection | undefined;
}

/** While a file is being proven. */
export interface ProofScope {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** Lets no file near the models before it was opened once in a process that nobody else needs. */
export class FileProofs {
  readonly #digests: FileDigests;
  readonly #verdicts: ProbeVerdicts;

  constructor(digests: FileDigests, verdicts: ProbeVerdicts) {
    this.#digests = digests;
    this.#verdicts = verdicts;
  }

  /** @throws ParleyError that says what is wrong with the file and where it lies. */
  async prove(definition: ModelDefinition, engine: Engine, scope: ProofScope): Promise<FileProof> {
    const file = await this.#identify(definition, scope);
    if (engine.prove === undefined || definition.path === '') return { ...file, inspection: undefined };
    const known = await this.#verdicts.get(file.sha256, engine.version);
    if (known !== undefined) return { ...file, inspection: accepted(definition, known) };
    scope.onProgress?.({ stage: 'trying the file out in a process of its own', share: 0 });
    const verdict = await engine.prove(probeSpec(definition), scope.signal);
    await this.#verdicts.put(file.sha256, engine.version, verdict);
    return { ...file, inspection: accepted(definition, verdict) };
  }

  async #identify(definition: ModelDefinition, { signal, onProgress }: ProofScope): Promise<FileDigest> {
    const { name, path, sha256 = '' } = definition;
    if (path === '') return { sha256, bytes: 0 };
    onProgress?.({ stage: 'reading the file', share: 0 });
    const file = await this.#digests.digest(path, signal);
    if (sha256 === '' || sha256 === file.sha256) return file;
    const message =
      `The weights file ${fileName(path)} of model "${name}" has the sha256 ${file.sha256}, not ${sha256}: ` +
      'it is damaged or another one. Pull it again.';
    throw new ParleyError('config_invalid', message);
  }
}

/** As small as a model can be opened: a probe is about the file, not about room for answers. */
function probeSpec(definition: ModelDefinition): ModelSpec {
  const contextTokens = Math.min(definition.contextTokens, 128);
  return { ...modelSpec(definition, 64, false), contextTokens, slots: 1, maxQueued: 0 };
}

function accepted(
  { name, path }: ModelDefinition,
  verdict: NonNullable<Awaited<ReturnType<ProbeVerdicts['get']>>>,
): ModelInspection {
  if (verdict.ok) return verdict.inspection;
  const message =
    `The weights file ${fileName(path)} of model "${name}" ends the process that opens it, so it is not loaded: ` +
    `a process that tried it out ${verdict.how}.`;
  throw new ParleyError('engine_failed', message, { retryable: false });
}

/** Messages may reach clients, who need not know the folders of this machine. */
function fileName(path: string): string {
  return path.slice(path.search(/[^/\\]*$/));
}
