import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Option } from 'commander';
import { parleyRoot } from '@parley/fleet';
import { optionWithEnv } from './config.ts';

/** `--port`, `PARLEY_PORT` */
export function portOption(): Option {
  const reading = { variable: 'PARLEY_PORT', initial: 8080, parse: parsePort };
  return optionWithEnv('-p, --port <number>', "the gateway's HTTP port; 0 takes a free one", reading);
}

/** `--data`, `PARLEY_DATA` */
export function dataOption(): Option {
  const reading = {
    variable: 'PARLEY_DATA',
    initial: resolve('.parley'),
    initialText: '.parley',
    parse: toPath,
  };
  return optionWithEnv('-d, --data <folder>', 'the folder that holds all data', reading);
}

/** `--config`, `PARLEY_CONFIG` */
export function configOption(): Option {
  const reading = {
    variable: 'PARLEY_CONFIG',
    initial: join(parleyRoot, 'config'),
    initialText: 'the one that comes with Parley',
    parse: toPath,
  };
  return optionWithEnv('-c, --config <folder>', 'the folder of the configuration documents', reading);
}

/** `--api-key`, `PARLEY_API_KEY` */
export function apiKeyOption(description: string): Option {
  return optionWithEnv('-k, --api-key <key>', description, { variable: 'PARLEY_API_KEY', parse: parseKey });
}

function parseKey(text: string): string {
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new InvalidArgumentError(
    'It must consist of printable ASCII characters without spaces, as it travels in a header.',
  );
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
}

function toPath(text: string): string {
  return text === '~' || text.startsWith('~/') ? join(homedir(), text.slice(1)) : resolve(text);
}
