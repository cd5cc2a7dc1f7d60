import { CacheFault } from '../../ports/pull/model-cache.ts';
import { byteText } from './byte-text.ts';

/** What stays free on the disk: others write there as well. */
const reserveBytes = 64 * 1024 * 1024;

/** What is to be written, and where. */
export interface RoomNeed {
  /** For the message: a model or a file. */
  readonly name: string;
  readonly bytes: number;
  readonly folder: string;
}

/** @throws CacheFault with the numbers when so much is not free. */
export function requireRoom({ name, bytes, folder }: RoomNeed, freeBytes: number): void {
  if (freeBytes >= bytes + reserveBytes) return;
  const message =
    `The disk of the model cache ${folder} has ${byteText(freeBytes)} free; ${name} needs ${byteText(bytes)}, ` +
    `and ${byteText(reserveBytes)} must stay free. Make room, or set PARLEY_MODEL_CACHE to another disk.`;
  throw new CacheFault(message);
}
