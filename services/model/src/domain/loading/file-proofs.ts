import { ParleyError } from '@parley/kernel';
import type { Engine, ModelSpec } from '../../ports/engine.ts';
import type { LoadProgress } from '../../ports/load-progress.ts';
import type { ModelInspection, WeightFiles } from '../../ports/model-files.ts';
import type { FileDigest, FileDigests } from '../../ports/file-digests.ts';
import type { ProbeVerdicts } from '../../ports/probe-verdicts.ts';
import { requireExpected } from './expected-weights.ts';
import type { ConvertOnLoad } from '../convert/convert-on-load.ts';
import type { ModelDefinition } from '../models/model-definition.ts';
import type { PreciseWeights } from '../quantise/precise-weights.ts';
import { modelSpec } from '../models/model-spec.ts';

/** A file that may be loaded. */
export interface FileProof extends FileDigest {
  /** The file, of a split one the first part; '' for a model without files. */
  readonly path: string;
  /** Absent where the engine has no need to look at files. */
  readonly inspection: ModelInspection | undefined;
}

/** While a file is being proven. */
export interface ProofScope {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Nothing is written: weights in another precision than asked for are left as they are. */
  readonly onlyLook?: boolean;
}

/** What is made of weights that cannot be loaded as they are; absent: only what is there can be loaded. */
export interface MadeWeights {
  /** Writes weights in another precision. */
  readonly precise?: Pick<PreciseWeights, 'make'>;
  /** Makes a GGUF file of a folder with safetensors. */
  readonly convert?: Pick<ConvertOnLoad, 'path'>;
}

/** Lets no file near the models before it was opened once in a process that nobody else needs. */
export class FileProofs {
  readonly #digests: FileDigests;
  readonly #verdicts: ProbeVerdicts;
  readonly #made: MadeWeights;

  constructor(digests: FileDigests, verdicts: ProbeVerdicts, made: MadeWeights = {}) {
    this.#digests = digests;
    this.#verdicts = verdicts;
    this.#made = made;
  }

  /** @throws ParleyError that says what is wrong with the file and where it lies. */
  async prove(definition: ModelDefinition, engine: Engine, scope: ProofScope): Promise<FileProof> {
    const file = await this.#identify(definition, engine, scope);
    if (engine.prove === undefined || file.path === '') return { ...file, inspection: undefined };
    const known = await this.#verdicts.get(file.sha256, engine.version);
    const wanted = scope.onlyLook === true ? withoutPrecision(definition) : definition;
    if (known !== undefined) return { ...file, inspection: accepted(wanted, known, engine) };
    scope.onProgress?.({ stage: 'trying the file out in a process of its own', share: 0 });
    const verdict = await engine.prove(probeSpec({ ...definition, path: file.path }), scope.signal);
    await this.#verdicts.put(file.sha256, engine.version, verdict);
    return { ...file, inspection: accepted(wanted, verdict, engine) };
  }

  async #identify(
    described: ModelDefinition,
    engine: Engine,
    scope: ProofScope,
  ): Promise<Omit<FileProof, 'inspection'>> {
    const { path, sha256 = '' } = described;
    if (path === '') return { sha256, bytes: 0, path };
    const definition = await this.#converted(described, engine, scope);
    scope.onProgress?.({ stage: 'reading the file', share: 0 });
    const files = await weightFiles(definition, engine, scope.signal);
    const digests: FileDigest[] = [];
    for (const [at, part] of files.parts.entries()) {
      const file = await this.#digests.digest(part, scope.signal);
      const wanted = definition.partSha256?.[at] ?? files.sums.get(part);
      if (wanted !== undefined) requireDigest(definition, part, wanted, file.sha256);
      digests.push(file);
    }
    const [only] = digests;
    const whole = only !== undefined && digests.length === 1 ? only : this.#digests.whole(digests);
    // A catalogue tells the digest of the first part; the whole of a split file has one of its own.
    const first = only?.sha256 ?? '';
    if (sha256 !== '' && sha256 !== whole.sha256) requireDigest(definition, files.path, sha256, first);
    const found = { ...whole, path: files.path };
    if (files.unlike === undefined || scope.onlyLook === true) return found;
    return this.#inPrecision(definition, found, files.unlike, scope);
  }

  /** The definition with a GGUF file for path where a folder of safetensors was. */
  async #converted(definition: ModelDefinition, engine: Engine, scope: ProofScope): Promise<ModelDefinition> {
    const { convert } = this.#made;
    if (convert === undefined || engine.name !== 'gguf' || scope.onlyLook === true) return definition;
    return { ...definition, path: await convert.path(definition, scope) };
  }

  /** @throws ParleyError `config_invalid` with `unlike` where nothing can be made of what is there. */
  async #inPrecision(
    { name, expected }: ModelDefinition,
    { path, sha256 }: Omit<FileProof, 'inspection'>,
    unlike: string,
    scope: ProofScope,
  ): Promise<Omit<FileProof, 'inspection'>> {
    const { precision } = expected ?? {};
    const { precise } = this.#made;
    if (precise === undefined || precision === undefined || precision === 'fp32')
      throw new ParleyError('config_invalid', unlike);
    const made = await precise.make({ name, path, sha256 }, precision, scope);
    return { sha256: made.sha256, bytes: made.bytes, path: made.path };
  }
}

function weightFiles(definition: ModelDefinition, engine: Engine, signal: AbortSignal): Promise<WeightFiles> {
  const { name, path, expected } = definition;
  const alone = { path, parts: [path], sums: new Map<string, string>() };
  return engine.findWeights?.({ model: name, path, ...expected }, signal) ?? Promise.resolve(alone);
}

function requireDigest({ name }: ModelDefinition, path: string, wanted: string, found: string): void {
  if (wanted === found) return;
  const message =
    `The weights file ${fileName(path)} of model "${name}" has the sha256 ${found}, not ${wanted}: ` +
    'it is damaged or another one. Pull it again.';
  throw new ParleyError('config_invalid', message);
}

function withoutPrecision(definition: ModelDefinition): ModelDefinition {
  if (definition.expected === undefined) return definition;
  const { precision: _, ...expected } = definition.expected;
  return { ...definition, expected };
}

/** As small as a model can be opened: a probe is about the file, not about room for answers. */
function probeSpec(definition: ModelDefinition): ModelSpec {
  const contextTokens = Math.min(definition.contextTokens, 128);
  // On the processor: what graphics cards hold for callers stays theirs.
  const gpu = { ...definition.gpu, layers: 0 };
  return { ...modelSpec({ ...definition, gpu }, 64, false), contextTokens, slots: 1, maxQueued: 0 };
}

function accepted(
  definition: ModelDefinition,
  verdict: NonNullable<Awaited<ReturnType<ProbeVerdicts['get']>>>,
  engine: Engine,
): ModelInspection {
  if (verdict.ok) {
    requireExpected(definition, verdict.inspection, (kind) => engine.precisionOf?.(kind));
    return verdict.inspection;
  }
  const { name, path } = definition;
  const message =
    `The weights file ${fileName(path)} of model "${name}" ends the process that opens it, so it is not loaded: ` +
    `a process that tried it out ${verdict.how}.`;
  throw new ParleyError('engine_failed', message, { retryable: false });
}

/** Messages may reach clients, who need not know the folders of this machine. */
function fileName(path: string): string {
  return path.slice(path.search(/[^/\\]*$/));
}
