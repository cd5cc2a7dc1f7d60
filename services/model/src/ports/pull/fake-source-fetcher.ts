import { ParleyError } from '@parley/kernel';
import type { FileSource } from '../../domain/sources/file-source.ts';
import type { FileContent, WantedFile } from './model-cache.ts';
import type { PullProgress } from './pull-progress.ts';
import type { SourceFetcher } from './source-fetcher.ts';

/** Has what a test gives it, by the text of the source; an error is thrown, anything else is not there. */
export class FakeSourceFetcher implements SourceFetcher {
  readonly contents = new Map<string, FileContent | Error>();
  readonly asked: string[] = [];
  tidied = 0;

  fetch({ text }: FileSource, _file: WantedFile, progress: PullProgress): Promise<FileContent> {
    this.asked.push(text);
    const content = this.contents.get(text);
    if (content instanceof Error) return Promise.reject(content);
    if (content === undefined) return Promise.reject(new ParleyError('unavailable', 'it is not there.'));
    progress.bytes(content.bytes / 2, content.bytes);
    return Promise.resolve(content);
  }

  tidy(): Promise<void> {
    this.tidied++;
    return Promise.resolve();
  }
}
