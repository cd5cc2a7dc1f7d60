import { dirname } from 'node:path';
import { sleep } from '@parley/kernel';
import type { ParleyError } from '@parley/kernel';
import { requireRoom } from '../../../domain/pull/require-room.ts';
import { CacheFault } from '../../../ports/pull/model-cache.ts';
import type { CacheRoom, FileContent } from '../../../ports/pull/model-cache.ts';
import type { PullProgress } from '../../../ports/pull/pull-progress.ts';
import { announcementOf, checkStatus, validatorOf } from './download-answer.ts';
import { openUrl } from './open-url.ts';
import type { UrlRequest } from './open-url.ts';
import { PartFile } from './part-file.ts';
import { networkFault, sourceFault } from './source-fault.ts';
import { StallWatch } from './stall-watch.ts';

/** Tries in a row without a byte, of a source that answers; of one that never did. */
const maxTries = 5;
const maxFirstTries = 2;
/** A source that cuts after every few bytes is given up at some time. */
const maxTriesInAll = 100;
const maxPauseMs = 30_000;

/** Times of downloads, which tests make shorter. */
export interface DownloadTimes {
  /** Nothing comes for so long: it is tried again. */
  readonly stallMs: number;
  /** After the first failure; it doubles. */
  readonly firstPauseMs: number;
}

/** What is fetched, and where it goes. */
export interface Download extends Omit<UrlRequest, 'allowHttp'> {
  /** The file whose part is written. */
  readonly path: string;
  /** What the part is of: only a fetch of the same goes on with it. */
  readonly source: string;
  /** For messages. */
  readonly name: string;
  readonly bytes?: number | undefined;
  readonly sha256?: string | undefined;
  /** What will be written beside it afterwards. */
  readonly moreBytes?: number | undefined;
}

/** Downloads that go on where they were cut off. */
export class Downloads {
  readonly #room: CacheRoom;
  readonly #allowHttp: boolean;
  readonly #times: DownloadTimes;

  constructor(room: CacheRoom, allowHttp: boolean, times: DownloadTimes) {
    this.#room = room;
    this.#allowHttp = allowHttp;
    this.#times = times;
  }

  /**
   * Fetches into the part of a file. What an earlier process left is gone on with; should the digest be wrong then, the
   * whole is fetched once more, because it may be the beginning that was wrong.
   * @throws ParleyError why the source is of no use; CacheFault; the signal's reason.
   */
  async fetch(download: Download, progress: PullProgress): Promise<FileContent> {
    await using part = await PartFile.open(download.path, download.source, progress.signal);
    const content = await this.#untilWhole(part, download, progress);
    const isRight = download.sha256 === undefined || content.sha256 === download.sha256;
    if (isRight || !part.resumed) return content;
    progress.note(`What was there of ${download.name} does not fit; it is fetched as a whole.`);
    await part.restart();
    return await this.#untilWhole(part, download, progress);
  }

  async #untilWhole(part: PartFile, download: Download, progress: PullProgress): Promise<FileContent> {
    const contact = { made: false };
    let failures = 0;
    for (let tries = 1; ; tries++) {
      const before = part.bytes;
      try {
        if (!part.complete) await this.#attempt(part, download, progress, contact);
        return await part.content();
      } catch (thrown) {
        progress.signal.throwIfAborted();
        const fault = networkFault(thrown);
        failures = part.bytes > before ? 1 : failures + 1;
        const limit = contact.made ? maxTries : maxFirstTries;
        if (fault instanceof CacheFault || !fault.retryable) throw fault;
        if (failures >= limit || tries >= maxTriesInAll) throw givenUp(fault, tries);
        await sleep(this.#pauseMs(failures, fault), progress.signal);
      }
    }
  }

  async #attempt(
    part: PartFile,
    download: Download,
    progress: PullProgress,
    contact: { made: boolean },
  ): Promise<void> {
    using watch = new StallWatch(this.#times.stallMs, progress.signal);
    // Without a validator nothing says that a second piece is of the same file.
    const canGoOn = part.bytes > 0 && part.validator !== '';
    const range = canGoOn ? { range: `bytes=${part.bytes}-`, 'if-range': part.validator } : undefined;
    const headers = { ...download.headers, ...range };
    const request = { ...download, headers, allowHttp: this.#allowHttp };
    const response = await openUrl(request, watch.signal);
    contact.made = true;
    watch.alive();
    const total = await this.#begin(response, part, download, progress);
    for await (const chunk of response.body ?? []) {
      if (total !== undefined && part.bytes + chunk.byteLength > total)
        throw sourceFault(`it sends more than the ${total} bytes that there should be.`);
      await part.write(chunk);
      watch.alive();
      progress.bytes(part.bytes, total ?? 0);
    }
    if (total !== undefined && part.bytes < total)
      throw sourceFault(`it ended after ${part.bytes} of ${total} bytes.`, { retryable: true });
  }

  /** Judges the answer's head; afterwards the part's end is where the body begins. Gives the bytes of the whole. */
  async #begin(
    response: Response,
    part: PartFile,
    download: Download,
    progress: PullProgress,
  ): Promise<number | undefined> {
    await checkStatus(response, part);
    const { from, totalBytes } = announcementOf(response);
    if (download.bytes !== undefined && totalBytes !== undefined && totalBytes !== download.bytes)
      throw sourceFault(`it has ${totalBytes} bytes, not ${download.bytes}.`);
    const validator = validatorOf(response);
    if (from === 0) {
      if (part.bytes > 0 && part.validator !== '')
        progress.note(`${download.name} begins anew: its source does not go on in the middle.`);
      await part.restart({ validator, totalBytes: totalBytes ?? download.bytes });
    } else if (from !== part.bytes || (validator !== '' && validator !== part.validator)) {
      await part.restart();
      throw sourceFault('it went on with another file than it began with.', { retryable: true });
    }
    const total = totalBytes ?? download.bytes;
    await this.#requireRoom(download, (total ?? 0) - part.bytes);
    return total;
  }

  async #requireRoom({ name, path, moreBytes = 0 }: Download, missingBytes: number): Promise<void> {
    const need = { name, bytes: Math.max(0, missingBytes) + moreBytes, folder: dirname(path) };
    requireRoom(need, await this.#room.freeBytes([]));
  }

  #pauseMs(failures: number, { retryAfterMs }: ParleyError): number {
    return Math.min(maxPauseMs, retryAfterMs ?? this.#times.firstPauseMs * 2 ** (failures - 1));
  }
}

function givenUp(fault: ParleyError, tries: number): ParleyError {
  return sourceFault(`${fault.message.replace(/\.$/, '')}, ${tries} times.`, { cause: fault });
}
