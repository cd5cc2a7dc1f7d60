import { readFile } from 'node:fs/promises';
import { sourceFault } from './source-fault.ts';

/** How a hub of models is asked. */
export interface HubOptions {
  /** Its address, without a slash at the end. */
  readonly endpoint: string;
  /** '' = no token. */
  readonly token: string;
  /** A file with the token, read anew each time, so that a replaced secret takes effect; absent or '' = none. */
  readonly tokenFile?: string;
}

/** The token as a request carries it; nothing where there is none. @throws ParleyError when its file cannot be read. */
export async function hubAccess({ token, tokenFile = '' }: HubOptions): Promise<{ authorization?: string }> {
  const secret = tokenFile === '' ? token : (await readToken(tokenFile)).trim();
  return secret === '' ? {} : { authorization: `Bearer ${secret}` };
}

/** An address at the hub; each entry of `path` may hold slashes. */
export function hubUrl({ endpoint }: HubOptions, path: readonly string[]): URL {
  const parts = path.flatMap((entry) => entry.split('/'));
  return new URL(`${endpoint}/${parts.map(encodeURIComponent).join('/')}`);
}

/** The sha256 that the hub says a large file has, wherever it sends for it; '' when it says none. */
export function linkedDigest(headers: Headers): string {
  const etag = (headers.get('x-linked-etag') ?? '').replace(/^(?:W\/)?"|"$/g, '');
  return /^[0-9a-f]{64}$/.test(etag) ? etag : '';
}

async function readToken(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw sourceFault(`the file of its token, ${file}, cannot be read.`, { cause: error });
  }
}
