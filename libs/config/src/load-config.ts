import { ConfigError } from './config-error.ts';
import type { ConfigFault } from './config-error.ts';
import type { EnvVar } from './env-var.ts';

/** Sections of variables, nested as the configuration is. */
export interface ConfigSpec {
  readonly [key: string]: EnvVar<unknown> | ConfigSpec;
}

/** The typed values of a spec. */
export type ConfigOf<T> = T extends EnvVar<infer V> ? V : { readonly [K in keyof T]: ConfigOf<T[K]> };

/**
 * Reads the variables of `spec` from `env`, frozen all the way down. A variable that is unset, empty or only white
 * space takes its default.
 * @throws ConfigError that lists every fault.
 */
export function loadConfig<const T extends ConfigSpec>(spec: T, env: NodeJS.ProcessEnv): ConfigOf<T> {
  const faults: ConfigFault[] = [];
  const config = loadSection(spec, env, faults);
  if (faults.length > 0) throw new ConfigError(faults);
  return config as ConfigOf<T>;
}

/** One variable as documentation shows it. */
export interface VariableDescription {
  readonly variable: string;
  readonly type: string;
  readonly default?: string;
  readonly doc: string;
}

/** Every variable of `spec`, in its order. */
export function describeConfig(spec: ConfigSpec): VariableDescription[] {
  return Object.values(spec).flatMap((entry) => {
    if (!isEnvVar(entry)) return describeConfig(entry);
    const { variable, type, doc, defaultText } = entry;
    return [{ variable, type, doc, ...(defaultText === undefined ? {} : { default: defaultText }) }];
  });
}

function isEnvVar(entry: EnvVar<unknown> | ConfigSpec): entry is EnvVar<unknown> {
  return entry['kind'] === 'env';
}

function loadSection(
  spec: ConfigSpec,
  env: NodeJS.ProcessEnv,
  faults: ConfigFault[],
): Readonly<Record<string, unknown>> {
  const section: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(spec)) {
    section[key] = isEnvVar(entry) ? loadVariable(entry, env, faults) : loadSection(entry, env, faults);
  }
  return Object.freeze(section);
}

function loadVariable(entry: EnvVar<unknown>, env: NodeJS.ProcessEnv, faults: ConfigFault[]): unknown {
  const written = env[entry.variable]?.trim() ?? '';
  const text = written === '' ? entry.defaultText : written;
  if (text === undefined) {
    faults.push({ variable: entry.variable, message: `is not set; expected ${entry.type}. ${entry.doc}` });
    return undefined;
  }
  const parsed = entry.schema.safeParse(text);
  if (parsed.success) return Array.isArray(parsed.data) ? Object.freeze(parsed.data) : parsed.data;
  const found = entry.secret ? 'its value' : JSON.stringify(text);
  faults.push({ variable: entry.variable, message: `${found} is not ${entry.type}. ${entry.doc}` });
  return undefined;
}
