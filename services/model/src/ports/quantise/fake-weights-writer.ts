import type { FileContent } from '../pull/model-cache.ts';
import type { WeightsWriter, WritingOrder, WritingPlan, WritingProgress } from './weights-writer.ts';

/** Writes nothing, and says what it would have written. */
export class FakeWeightsWriter implements WeightsWriter {
  readonly tool = 'fake 1';
  planned: WritingPlan = { bytes: 1000, formats: ['f16'] };
  readonly written: string[] = [];
  fault: Error | undefined;

  plan(): Promise<WritingPlan> {
    return Promise.resolve(this.planned);
  }

  write(order: WritingOrder & { readonly name: string }, progress: WritingProgress): Promise<FileContent> {
    progress.signal.throwIfAborted();
    if (this.fault !== undefined) return Promise.reject(this.fault);
    progress.share(1);
    this.written.push(order.name);
    return Promise.resolve({ sha256: 'f'.repeat(64), bytes: this.planned.bytes });
  }
}
