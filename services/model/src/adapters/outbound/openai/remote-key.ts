import { readFile } from 'node:fs/promises';
import { Secret } from '@parley/config';
import { ParleyError } from '@parley/kernel';
import type { RemoteSettings } from './remote-settings-schema.ts';

/** Reads the environment; undefined for a variable that is not set. */
export type ReadVariable = (name: string) => string | undefined;

/**
 * The key of a remote model. It is read anew for every request, so that a file that is replaced takes effect at once.
 * @throws ParleyError `unavailable` that says where the key should be.
 */
export async function remoteKey(
  { apiKey }: Pick<RemoteSettings, 'apiKey'>,
  variable: ReadVariable,
): Promise<Secret | undefined> {
  if (apiKey === undefined) return undefined;
  if ('env' in apiKey) return secret(variable(apiKey.env), `The variable ${apiKey.env}`);
  const text = await readFile(apiKey.file, 'utf8').catch(() => undefined);
  return secret(text, `The file ${apiKey.file}`);
}

function secret(text: string | undefined, where: string): Secret {
  const key = text?.trim() ?? '';
  if (key !== '') return new Secret(key);
  throw new ParleyError('unavailable', `${where}, which should hold the model's key, is not there or empty.`);
}
