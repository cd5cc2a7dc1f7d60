import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { ParleyError } from '@parley/kernel';

/** Where things lie in a data folder. All paths are absolute. */
export interface DataFolder {
  readonly dir: string;
  readonly logs: string;
  readonly fleetSecret: string;
  readonly apiKey: string;
  readonly fleetFile: string;
}

/** The paths of a data folder, whether it exists or not. */
export function dataFolderAt(dir: string): DataFolder {
  const root = resolve(dir);
  return {
    dir: root,
    logs: join(root, 'logs'),
    fleetSecret: join(root, 'fleet-secret'),
    apiKey: join(root, 'api-key'),
    fleetFile: join(root, 'fleet.json'),
  };
}

/**
 * Makes the data folder (mode 0700) where it does not exist, and proves that it can be written.
 * @throws ParleyError `config_invalid` that says why not.
 */
export function prepareDataFolder(dir: string): DataFolder {
  const folder = dataFolderAt(dir);
  try {
    mkdirSync(folder.dir, { recursive: true, mode: 0o700 });
    mkdirSync(folder.logs, { recursive: true, mode: 0o700 });
    rmdirSync(mkdtempSync(join(folder.dir, '.probe-')));
  } catch (error) {
    throw unwritable(folder.dir, error);
  }
  return folder;
}

/**
 * Why the data folder cannot be used, without making it; undefined when it can.
 * A folder that does not exist is judged by the nearest one above it that does.
 */
export function dataFolderFault(dir: string): string | undefined {
  try {
    accessSync(nearestExisting(resolve(dir)), constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/**
 * The secret kept in `path`; made by `make` and stored with mode 0600 where there is none yet.
 * @throws ParleyError `config_invalid` when others may read the file.
 */
export function ensureSecret(path: string, make: () => string): string {
  const existing = readSecret(path);
  if (existing !== undefined) return existing;
  const secret = make();
  const part = `${path}.part`;
  writeFileSync(part, `${secret}\n`, { mode: 0o600 });
  renameSync(part, path);
  return secret;
}

/** A new admin key: 256 random bits behind a prefix that secret scanners can recognise. */
export function newApiKey(): string {
  return `sk-parley-${randomBytes(32).toString('base64url')}`;
}

/** A new fleet secret: 256 random bits in hex. */
export function newFleetSecret(): string {
  return randomBytes(32).toString('hex');
}

function readSecret(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if ((stat.mode & 0o077) !== 0) {
    const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
    throw new ParleyError(
      'config_invalid',
      `${path} can be read by others (mode ${mode}). Run: chmod 600 ${path}`,
    );
  }
  const text = readFileSync(path, 'utf8').trim();
  return text === '' ? undefined : text;
}

function nearestExisting(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory() === true) return path;
  if (stat !== undefined) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
  const parent = dirname(path);
  return parent === path ? path : nearestExisting(parent);
}

function unwritable(dir: string, error: unknown): ParleyError {
  const message = `Cannot use ${dir} as the data folder: ${reasonOf(error)}. Choose another with --data or PARLEY_DATA.`;
  return new ParleyError('config_invalid', message, { cause: error });
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'a file of that name is in the way',
  ENOENT: 'it cannot be created there',
  ENOSPC: 'the disk is full',
};

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return reasons[code ?? ''] ?? message;
}
