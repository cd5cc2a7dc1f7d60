import { readFileSync } from 'node:fs';
import { ConfigError } from './config-error.ts';
import type { ConfigFault } from './config-error.ts';
import { envPath, envSecret, envString } from './env-var.ts';
import type { ConfigOf } from './load-config.ts';

/** Where the fleet's PostgreSQL is; no URL = the embedded record in the data folder. */
export const postgresSection = {
  url: envSecret('PARLEY_POSTGRES_URL', {
    default: '',
    doc: 'The database of the record, as postgres://user:password@host:5432/database; with ?sslmode=verify-full the connection is encrypted.',
  }),
  username: envString('PARLEY_POSTGRES_USERNAME', {
    default: '',
    doc: 'The user; empty = the one of the URL.',
  }),
  password: envSecret('PARLEY_POSTGRES_PASSWORD', {
    default: '',
    doc: 'The password of that user; empty = the one of the URL.',
  }),
  tlsCaFile: envPath('PARLEY_POSTGRES_TLS_CA', {
    default: '',
    doc: "The file of the authority that signed PostgreSQL's certificate; given, the connection is encrypted.",
  }),
} as const;

/** The values of `postgresSection`. */
export type PostgresSection = ConfigOf<typeof postgresSection>;

/** How to reach the PostgreSQL that a section names. */
export interface PostgresTarget {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password?: string;
  /** Present = encrypted, the certificate checked for the host's name; without `ca` by what the machine trusts. */
  readonly tls?: { readonly ca?: string };
}

const defaultPort = 5432;
const urlShape = 'is not a URL such as postgres://user:password@host:5432/database';

/**
 * What a section says, checked as a whole; undefined where it names no PostgreSQL. Reads the file of the authority.
 * @throws ConfigError that lists every fault.
 */
export function postgresTargetOf(section: PostgresSection): PostgresTarget | undefined {
  if (section.url.reveal() === '') return undefined;
  const faults: ConfigFault[] = [];
  const place = placeOf(section, faults);
  const tls = tlsOf(section, place.sslmode, faults);
  if (faults.length > 0) throw new ConfigError(faults);
  const { host, port, database, user, password } = place;
  return {
    host,
    port,
    database,
    user,
    ...(password === '' ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
  };
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly sslmode: string;
}

function placeOf({ url, username, password }: PostgresSection, faults: ConfigFault[]): Place {
  const parsed = URL.parse(url.reveal());
  const text = (encoded = ''): string => decoded(encoded, faults);
  const place = {
    host: (parsed?.hostname ?? '').replace(/^\[|\]$/g, ''),
    port: Number(parsed?.port === '' ? defaultPort : parsed?.port),
    database: text(parsed?.pathname.slice(1)),
    user: username === '' ? text(parsed?.username) : username,
    password: password.reveal() === '' ? text(parsed?.password) : password.reveal(),
    sslmode: parsed?.searchParams.get('sslmode') ?? '',
  };
  const isSound =
    /^postgres(ql)?:$/.test(parsed?.protocol ?? '') && place.host !== '' && place.database !== '';
  if (!isSound) fault(faults, `${urlShape}.`);
  else if (place.user === '') fault(faults, 'names no user: add it, or set PARLEY_POSTGRES_USERNAME.');
  const unknown = [...(parsed?.searchParams.keys() ?? [])].filter((name) => name !== 'sslmode');
  if (unknown.length > 0) fault(faults, `has parameters that are not known: ${unknown.join(', ')}.`);
  return place;
}

/** An encryption that accepts any certificate protects from nobody, so there is none. */
function tlsOf(
  { tlsCaFile }: PostgresSection,
  sslmode: string,
  faults: ConfigFault[],
): PostgresTarget['tls'] | undefined {
  if (!['', 'disable', 'verify-full'].includes(sslmode))
    fault(faults, 'has an sslmode that is not known: it can be disable or verify-full.');
  if (tlsCaFile === '') return sslmode === 'verify-full' ? {} : undefined;
  if (sslmode === 'disable') {
    const variable = 'PARLEY_POSTGRES_URL, PARLEY_POSTGRES_TLS_CA';
    faults.push({ variable, message: 'contradict each other: sslmode=disable, and an authority is given.' });
  }
  return { ca: textOf(tlsCaFile, faults) };
}

function textOf(file: string, faults: ConfigFault[]): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    faults.push({ variable: 'PARLEY_POSTGRES_TLS_CA', message: `cannot be read: ${why}` });
    return '';
  }
}

function decoded(text: string, faults: ConfigFault[]): string {
  try {
    return decodeURIComponent(text);
  } catch {
    fault(faults, 'has a % that begins no encoded character: write it as %25.');
    return text;
  }
}

/** Never shows the URL: it carries the password. */
function fault(faults: ConfigFault[], message: string): void {
  faults.push({ variable: 'PARLEY_POSTGRES_URL', message });
}
