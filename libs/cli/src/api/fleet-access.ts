import { readFileSync } from 'node:fs';
import { dataFolderAt, readFleetFile } from '@parley/fleet';
import { ParleyError } from '@parley/kernel';

/** How a running fleet is reached. */
export interface FleetAccess {
  /** Of the gateway, without a slash at its end. */
  readonly url: string;
  readonly apiKey: string;
  /** The folder of the fleet's data, when the fleet was found there. */
  readonly data?: string;
}

/** What the options and variables say. */
export interface FleetOptions {
  readonly url?: string;
  readonly apiKey?: string;
  readonly data: string;
}

/** No fleet was found, or none answers; the message says what to do. */
export class NoFleetError extends Error {
  override readonly name = 'NoFleetError';
}

const orNameOne = 'or name a running one with PARLEY_URL and PARLEY_API_KEY (--url, --api-key)';

/**
 * The fleet that was named, else the one that runs on the data folder.
 * @throws NoFleetError when there is none, ParleyError `config_invalid` when its key is not known.
 */
export function findFleet({ url, apiKey, data }: FleetOptions): FleetAccess {
  if (url !== undefined) return { url, apiKey: apiKey ?? noKey(`PARLEY_URL names the fleet at ${url}`) };
  const folder = dataFolderAt(data);
  const fleet = readFleetFile(folder.fleetFile);
  if (fleet === undefined) {
    throw new NoFleetError(
      `No fleet runs on the data folder ${folder.dir}. Start one with: parley up, ${orNameOne}.`,
    );
  }
  if (fleet.url === '') {
    throw new NoFleetError(
      `The fleet on the data folder ${folder.dir} has no gateway. Start one that has, ${orNameOne}.`,
    );
  }
  const key = apiKey ?? keptKey(folder.apiKey) ?? noKey(`A fleet runs on ${folder.dir}`);
  return { url: fleet.url, apiKey: key, data: folder.dir };
}

function keptKey(file: string): string | undefined {
  try {
    const key = readFileSync(file, 'utf8').trim();
    return key === '' ? undefined : key;
  } catch {
    return undefined;
  }
}

function noKey(found: string): never {
  throw new ParleyError(
    'config_invalid',
    `${found}, but no key is known. Set PARLEY_API_KEY or --api-key to the fleet's admin key.`,
  );
}
