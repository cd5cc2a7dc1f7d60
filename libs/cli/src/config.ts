import { Option } from 'commander';
import { envPath, loadConfig, neighbourSection, serviceSection } from '@parley/config';
import type { NeighbourSection } from '@parley/config';

/** What the commands take from the environment beside their options. */
export interface CliEnvironment {
  readonly all: NodeJS.ProcessEnv;
  /** Addresses of services that run elsewhere. */
  readonly neighbours: NeighbourSection;
  /** The folder of pulled models. */
  readonly modelCache: string;
  /** The longest time the services take to finish running work at a stop, in milliseconds. */
  readonly drainTimeoutMs: number;
}

const modelCache = envPath('PARLEY_MODEL_CACHE', {
  default: '~/.cache/parley/models',
  doc: 'The folder of pulled models.',
});

/** @throws ConfigError that lists every variable shared by the services that is not valid. */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): CliEnvironment {
  const spec = { service: serviceSection, neighbours: neighbourSection, modelCache };
  const { service, ...config } = loadConfig(spec, env);
  return {
    all: env,
    neighbours: config.neighbours,
    modelCache: config.modelCache,
    drainTimeoutMs: service.drainTimeoutMs,
  };
}

/** How one option is read. */
export interface OptionReading<T> {
  /** Also an environment variable of this name; the option wins, an empty variable counts as unset. */
  readonly variable: string;
  readonly initial?: T;
  /** How help shows the initial value, where its text would mislead. */
  readonly initialText?: string;
  /** @throws InvalidArgumentError that says what was expected. */
  parse(text: string): T;
}

/** An option that can also be given as an environment variable. */
export function optionWithEnv<T>(flags: string, description: string, reading: OptionReading<T>): Option {
  const read = (text: string, before: T | undefined): T | undefined =>
    text.trim() === '' ? before : reading.parse(text.trim());
  const option = new Option(flags, description).env(reading.variable).argParser(read);
  return reading.initial === undefined ? option : option.default(reading.initial, reading.initialText);
}
