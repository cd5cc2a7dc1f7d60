import { readFileSync, statSync } from 'node:fs';
import { ConfigError } from './config-error.ts';
import { Secret } from './secret.ts';

const variable = 'PARLEY_FLEET_SECRET_FILE';

/** Shorter ones can be guessed: 32 characters of base64url or hex hold at least 128 bits. */
const leastLength = 32;

/**
 * The fleet's secrets, one per line: the first signs, all verify, so that a rotation needs no pause. Empty lines are
 * skipped.
 * A file of another user may be readable by its group: that is how a mounted Secret reaches a process without root.
 * @throws ConfigError when the file is missing, readable by others, or holds no usable secret.
 */
export function readFleetSecrets(file: string): Secret[] {
  const lines = readPrivateFile(file)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length === 0)
    throw fault(`${file} holds no secret; write at least ${leastLength} random characters into it.`);
  const short = lines.findIndex((line) => line.length < leastLength);
  if (short >= 0) throw fault(`secret ${short + 1} of ${file} is shorter than ${leastLength} characters.`);
  return lines.map((line) => new Secret(line));
}

function readPrivateFile(file: string): string {
  try {
    const { mode, uid } = statSync(file);
    const forbidden = uid === process.geteuid?.() ? 0o077 : 0o037;
    if (process.platform !== 'win32' && (mode & forbidden) !== 0) {
      throw fault(
        `${file} can be read by others (mode ${(mode & 0o777).toString(8)}); run: chmod 600 ${file}`,
      );
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw fault(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function fault(message: string): ConfigError {
  return new ConfigError([{ variable, message }]);
}
