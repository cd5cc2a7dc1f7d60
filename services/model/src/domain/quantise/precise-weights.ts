import { ParleyError } from '@parley/kernel';
import type { LoadProgress } from '../../ports/load-progress.ts';
import type { WeightPrecision } from '../../ports/model-files.ts';
import type { MadeFile } from '../pull/made-files.ts';
import type { QuantisedFiles } from './quantised-files.ts';
import type { WeightFormat } from './weight-format.ts';

const formats: Readonly<Record<Exclude<WeightPrecision, 'fp32'>, WeightFormat>> = {
  fp16: 'f16',
  bf16: 'bf16',
  int8: 'q8_0',
  int4: 'q4_k_m',
};

/** While weights are being written. */
interface MakingScope {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/**
 * Writes a model's weights in the precision that its document asks for, once: the file stays in the model cache. No
 * quality is measured: the document has decided; `parley models quantize` is the way with a gate.
 */
export class PreciseWeights {
  readonly #files: Pick<QuantisedFiles, 'make'>;

  constructor(files: Pick<QuantisedFiles, 'make'>) {
    this.#files = files;
  }

  /** @throws ParleyError that says why it cannot be done; the signal's reason. */
  make(
    source: { readonly name: string; readonly path: string; readonly sha256: string },
    precision: WeightPrecision,
    { signal, onProgress }: MakingScope,
  ): Promise<MadeFile> {
    if (precision === 'fp32') {
      throw new ParleyError('unsupported', `Weights of fp32 are not made of less exact ones.`);
    }
    const tell = (share: number): void => onProgress?.({ stage: 'writing the weights anew', share });
    const order = { source, format: formats[precision], requantize: false };
    return this.#files.make(order, { signal, stage: () => tell(0), share: tell, note: () => undefined });
  }
}
