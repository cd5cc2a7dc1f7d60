import { DatabaseError } from 'pg';
import { ParleyError } from '@parley/kernel';

/** What SQLSTATEs mean, by their class (two characters) or in full. */
const conditions: ReadonlyMap<string, string> = new Map([
  ['08', 'the connection broke'],
  ['28', 'it refuses the user or the password'],
  ['3D', 'it has no such database'],
  ['42501', 'the user may not do this'],
  ['25006', 'it is read-only'],
  ['53', 'it is short of disk, memory or connections'],
  ['55P03', 'another writer takes too long'],
  ['57014', 'it took too long'],
  ['57P', 'it is starting or going away'],
  ['57', 'it is going away'],
  ['40', 'the work collided with other work'],
  ['58', 'it has a fault of its system'],
  ['XX', 'its data is damaged'],
]);

/** Waiting does not mend these: the login, the database's name, the user's rights. */
const lasting: ReadonlySet<string> = new Set(['28', '3D', '42501']);

/** Content that would be refused again: data, constraints, limits of the program. */
const contentClasses: ReadonlySet<string> = new Set(['22', '23', '54']);

/** What a certificate can be at fault with. */
const certificateFault = /CERT|SIGNATURE|ALTNAME|SSL connections/;

/**
 * A failure of PostgreSQL as ours: `unavailable`, or `invalid_request` for content that it will never take. Neither the
 * message nor the cause carries what the server says of rows: that may be text of users.
 */
export function postgresError(error: unknown): ParleyError {
  if (isContentFault(error)) {
    return new ParleyError('invalid_request', 'The record store takes no such content.', {
      cause: withoutRows(error),
    });
  }
  const message = `The record store cannot serve now: PostgreSQL cannot be used, ${reasonOf(error)}.`;
  return new ParleyError('unavailable', message, { cause: withoutRows(error) });
}

/** Why the store cannot be opened, when trying again would not help; undefined when it may. */
export function lastingFault(error: unknown): ParleyError | undefined {
  const state = stateOf(error);
  const isLasting = [...lasting].some((prefix) => state?.startsWith(prefix) === true);
  if (!isLasting && !isCertificateFault(error)) return undefined;
  const message = `PostgreSQL cannot keep the record: ${reasonOf(error)}. Check PARLEY_POSTGRES_URL and what goes with it.`;
  return new ParleyError('config_invalid', message, { cause: withoutRows(error) });
}

/** Whether somebody else held a lock for longer than one waits. */
export function isLockTimeout(error: unknown): boolean {
  return stateOf(error) === '55P03';
}

function isContentFault(error: unknown): boolean {
  return contentClasses.has(stateOf(error)?.slice(0, 2) ?? '');
}

function isCertificateFault(error: unknown): boolean {
  if (error instanceof DatabaseError || !(error instanceof Error)) return false;
  return certificateFault.test(`${(error as NodeJS.ErrnoException).code ?? ''} ${error.message}`);
}

function reasonOf(error: unknown): string {
  if (isCertificateFault(error)) return 'it does not offer TLS with a certificate that can be trusted';
  const state = stateOf(error);
  if (state === undefined) return isOurFault(error) ? 'by a fault of this program' : 'it does not answer';
  const known = [state, state.slice(0, 3), state.slice(0, 2)].find((prefix) => conditions.has(prefix));
  return `${conditions.get(known ?? '') ?? 'it reports a fault'} (SQLSTATE ${state})`;
}

/** A fault of the program would be there with any server. */
function isOurFault(error: unknown): boolean {
  return [TypeError, RangeError, ReferenceError].some((type) => error instanceof type);
}

function stateOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined;
}

/** What the server says about a fault can quote a row; where it arose cannot. */
function withoutRows(error: unknown): unknown {
  if (!(error instanceof DatabaseError)) return error;
  const { code = '', severity = '', routine = '', table = '', constraint = '' } = error;
  const bare = new Error(`PostgreSQL ${severity} ${code} in ${routine}`);
  return Object.assign(bare, { code, table, constraint });
}
