import type { MoveProgress } from '../move-progress.ts';
import type { FileContent } from '../pull/model-cache.ts';
import type { Converter, ConvertingOrder } from './converter.ts';

/** Converts nothing, and says what it would have converted. */
export class FakeConverter implements Converter {
  readonly tool = 'fake 1';
  readonly converted: string[] = [];
  fault: Error | undefined;

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  convert({ name }: ConvertingOrder, progress: MoveProgress): Promise<FileContent> {
    progress.signal.throwIfAborted();
    if (this.fault !== undefined) return Promise.reject(this.fault);
    this.converted.push(name);
    return Promise.resolve({ sha256: 'c'.repeat(64), bytes: 1000 });
  }
}
