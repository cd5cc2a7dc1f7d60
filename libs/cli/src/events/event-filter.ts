import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

/** Which events, as options say it; what is left out means any. */
export interface EventFilter {
  readonly conversation?: string;
  readonly turn?: string;
  readonly type?: readonly string[];
  readonly tenant?: string;
  /** ISO 8601. */
  readonly from?: string;
  readonly to?: string;
  readonly after?: string;
}

/** `--conversation`, `--turn`, `--type`, `--tenant` */
export function withEventFilter(command: Command): Command {
  return command
    .option('--conversation <id>', 'events of a conversation, or of a turn that belongs to none')
    .option('--turn <id>', 'events of one turn')
    .option('--type <type>', 'such as parley.turn.completed.v1; may be given several times', collect)
    .option('--tenant <name>', 'events of one tenant');
}

/** `--from`, `--to` */
export function withTimes(command: Command): Command {
  return command
    .option(
      '--from <time>',
      'events that happened at this time or later, such as 2026-01-31T12:00Z',
      parseTime,
    )
    .option('--to <time>', 'events that happened before this time', parseTime);
}

/** The query of `GET /admin/v1/events`. */
export function queryOf({ conversation, turn, type = [], tenant }: EventFilter, after: string): string {
  const query = new URLSearchParams({ after, limit: '100' });
  for (const [name, value] of Object.entries({ conversation, turn, tenant }))
    if (value !== undefined) query.set(name, value);
  for (const one of type) query.append('type', one);
  return query.toString();
}

/** The body of `POST /admin/v1/export`. */
export function bodyOf({ type, ...filter }: EventFilter, after: string): object {
  return { ...filter, after, ...(type === undefined ? {} : { types: type }) };
}

function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** A day, or a time of it; without a zone it is that of this machine, a day is UTC's. */
const timeShape = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

function parseTime(text: string): string {
  const time = timeShape.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(time)) return new Date(time).toISOString();
  throw new InvalidArgumentError('It must be a time such as 2026-01-31T12:00Z.');
}
