import type { Readable } from 'node:stream';
import { openPromise } from 'yauzl';
import type { ZipFile } from 'yauzl';
import { sourceFault } from './source-fault.ts';

/** A file in a zip file, open for reading. Disposing closes the zip file. */
export interface ZipMember extends Disposable {
  readonly bytes: number;
  read(): Promise<Readable>;
}

/** @throws ParleyError when the zip file is none, or has no such member. */
export async function openZipMember(path: string, member: string): Promise<ZipMember> {
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(path, { lazyEntries: true, autoClose: false });
    const opened = zip;
    for await (const entry of opened.eachEntry()) {
      if (entry.fileName !== member) continue;
      return {
        bytes: entry.uncompressedSize,
        // The reader fails when there are more or fewer bytes than the directory says.
        read: () => opened.openReadStreamPromise(entry),
        [Symbol.dispose]: () => opened.close(),
      };
    }
  } catch (error) {
    zip?.close();
    throw sourceFault('the package is no readable zip file.', { cause: error });
  }
  zip.close();
  throw sourceFault(`the package has no ${member}.`);
}
