import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { Secret } from './secret.ts';

/** One environment variable: its name, what it means, and how its text becomes a value of type `T`. */
export interface EnvVar<T> {
  readonly kind: 'env';
  readonly variable: string;
  /** In words, for messages and documentation: `an integer from 0 to 65535`. */
  readonly type: string;
  readonly doc: string;
  /** The default as one would write it in the environment; undefined = the variable must be set. */
  readonly defaultText: string | undefined;
  /** Whether its value must never be shown. */
  readonly secret: boolean;
  /** Text to value; the text has no surrounding white space and is not empty unless it is the default. */
  readonly schema: z.ZodType<T>;
}

/** What every kind of variable takes. Without `default` the variable is required. */
export interface EnvOptions<T> {
  readonly default?: T;
  /** One sentence for the generated documentation. */
  readonly doc: string;
}

/** Limits of a number, both included. */
export interface RangeOptions {
  readonly min?: number;
  readonly max?: number;
}

interface Kind<T> {
  readonly type: string;
  readonly schema: z.ZodType<T>;
  readonly defaultText: string | undefined;
  readonly secret?: boolean;
}

function envVar<T>(variable: string, doc: string, kind: Kind<T>): EnvVar<T> {
  return { kind: 'env', variable, doc, secret: false, ...kind };
}

/** Any text. */
export function envString(variable: string, options: EnvOptions<string>): EnvVar<string> {
  return envVar(variable, options.doc, { type: 'text', schema: z.string(), defaultText: options.default });
}

/** A whole number. */
export function envInt(variable: string, options: EnvOptions<number> & RangeOptions): EnvVar<number> {
  const schema = z
    .string()
    .regex(/^[+-]?\d+$/)
    .transform(Number)
    .pipe(z.int().check(...rangeChecks(options)));
  return envVar(variable, options.doc, {
    type: `a whole number${rangeText(options)}`,
    schema,
    defaultText: options.default?.toString(),
  });
}

/** A decimal number. */
export function envNumber(variable: string, options: EnvOptions<number> & RangeOptions): EnvVar<number> {
  const schema = z
    .string()
    .regex(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i)
    .transform(Number)
    .pipe(z.number().check(...rangeChecks(options)));
  return envVar(variable, options.doc, {
    type: `a number${rangeText(options)}`,
    schema,
    defaultText: options.default?.toString(),
  });
}

/** `true`, `1`, `yes`, `on` or their opposites, in any case. */
export function envBool(variable: string, options: EnvOptions<boolean>): EnvVar<boolean> {
  const schema = z.stringbool({ truthy: ['true', '1', 'yes', 'on'], falsy: ['false', '0', 'no', 'off'] });
  return envVar(variable, options.doc, {
    type: 'true or false',
    schema,
    defaultText: options.default?.toString(),
  });
}

/** Entries parted by commas; white space around them and empty ones are dropped. */
export function envList(variable: string, options: EnvOptions<readonly string[]>): EnvVar<readonly string[]> {
  const schema = z.string().transform((text) =>
    text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  );
  return envVar(variable, options.doc, {
    type: 'a list, parted by commas',
    schema,
    defaultText: options.default?.join(','),
  });
}

/** One of a closed list of words. */
export function envEnum<const V extends string>(
  variable: string,
  options: EnvOptions<V> & { readonly values: readonly V[] },
): EnvVar<V> {
  return envVar(variable, options.doc, {
    type: `one of ${options.values.join(', ')}`,
    schema: z.enum(options.values),
    defaultText: options.default,
  });
}

/** Text that must never be shown; required unless the default is `''`. */
export function envSecret(
  variable: string,
  options: { readonly default?: ''; readonly doc: string },
): EnvVar<Secret> {
  return envVar(variable, options.doc, {
    type: 'a secret',
    schema: z.string().transform((text) => new Secret(text)),
    defaultText: options.default,
    secret: true,
  });
}

/** A file or folder, made absolute; relative to the working folder, `~/` is the home folder, `''` stays empty. */
export function envPath(variable: string, options: EnvOptions<string>): EnvVar<string> {
  const schema = z.string().transform((text) => (text === '' ? '' : absolute(text)));
  return envVar(variable, options.doc, { type: 'a path', schema, defaultText: options.default });
}

function absolute(path: string): string {
  if (path === '~' || path.startsWith('~/')) return join(homedir(), path.slice(1));
  return isAbsolute(path) ? path : resolve(path);
}

function rangeChecks(range: RangeOptions): z.core.$ZodCheck<number>[] {
  const checks: z.core.$ZodCheck<number>[] = [];
  if (range.min !== undefined) checks.push(z.gte(range.min));
  if (range.max !== undefined) checks.push(z.lte(range.max));
  return checks;
}

function rangeText(range: RangeOptions): string {
  if (range.min !== undefined && range.max !== undefined) return ` from ${range.min} to ${range.max}`;
  if (range.min !== undefined) return ` of at least ${range.min}`;
  return range.max === undefined ? '' : ` of at most ${range.max}`;
}
