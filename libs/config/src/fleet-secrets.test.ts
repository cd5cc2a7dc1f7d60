import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, fleetSecretFileOf, readFleetSecrets } from '@parley/config';

const one = 'a'.repeat(43);
const two = 'b'.repeat(43);

describe('the fleet secret file', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'parley-secret-'));
    file = join(folder, 'fleet-secret');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function write(text: string, mode = 0o600): void {
    writeFileSync(file, text);
    chmodSync(file, mode);
  }

  it('holds one secret per line, in order', () => {
    write(`${one}\n\n  ${two}  \n`);
    expect(readFleetSecrets(file).map((secret) => secret.reveal())).toEqual([one, two]);
  });

  it('is refused when others can read it, with the command that corrects it', () => {
    write(one, 0o640);
    expect(() => readFleetSecrets(file)).toThrow(/mode 640.*chmod 600/s);
  });

  it.skipIf(process.geteuid?.() !== 0)(
    'of another user may be readable by its group, as a mounted Secret is, but by nobody else (needs root)',
    () => {
      write(one, 0o440);
      chownSync(file, 1, 1);
      expect(readFleetSecrets(file).map((secret) => secret.reveal())).toEqual([one]);
      chmodSync(file, 0o444);
      expect(() => readFleetSecrets(file)).toThrow(/mode 444/);
    },
  );

  it.each([
    ['no secret', '\n'],
    ['a short secret', `${one}\nshort`],
  ])('is refused with %s, without showing any', (_, text) => {
    write(text);
    expect(() => readFleetSecrets(file)).toThrow(ConfigError);
    expect(() => readFleetSecrets(file)).not.toThrow(one);
  });

  it('is refused when it is missing, naming file and variable', () => {
    expect(() => readFleetSecrets(file)).toThrow(new RegExp(`PARLEY_FLEET_SECRET_FILE: ${file}`));
  });

  it('lies in the data folder unless it is set', () => {
    expect(fleetSecretFileOf({ dataDir: '/data', fleetSecretFile: '' })).toBe('/data/fleet-secret');
    expect(fleetSecretFileOf({ dataDir: '/data', fleetSecretFile: '/run/secret' })).toBe('/run/secret');
  });
});
