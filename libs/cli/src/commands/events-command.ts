import { Command, InvalidArgumentError } from 'commander';
import { ApiClient } from '../api/api-client.ts';
import type { DeadLetterPage, RetryOutcome } from '../api/api-types.ts';
import { findFleet } from '../api/fleet-access.ts';
import type { FleetOptions } from '../api/fleet-access.ts';
import { withFleetOptions } from '../api/fleet-options.ts';
import { CommandFailed } from '../cli-context.ts';
import type { CliContext } from '../cli-context.ts';
import { withEventFilter, withTimes } from '../events/event-filter.ts';
import type { EventFilter } from '../events/event-filter.ts';
import { eventLine, lettersText } from '../events/event-text.ts';
import { runExport } from '../events/run-export.ts';
import { tailEvents } from '../events/tail-events.ts';
import { watchStopRequests } from '../stop-requests.ts';

interface Options extends FleetOptions {
  readonly json?: boolean;
}

/** `parley events` */
export function eventsCommand(context: CliContext): Command {
  const events = new Command('events').description('The record of a running fleet.');
  const after = 'goes on after the event of this cursor';
  withFleetOptions(withEventFilter(events.command('tail')))
    .description('Tells of events as they are recorded; Ctrl-C ends it.')
    .option('--after <cursor>', after)
    .option('--json', 'each event as a line of JSON')
    .action((options: Options & EventFilter) => tail(context, options));
  withFleetOptions(withTimes(withEventFilter(events.command('export'))))
    .description('Writes events as lines of JSON; goes on by itself when the connection breaks.')
    .option('--after <cursor>', `${after}; --out then adds to its file`)
    .option('-o, --out <file>', 'a new file; without it the terminal or pipe')
    .option('--json', 'with --out: what was written, as JSON')
    .action((options: Options & EventFilter & { readonly out?: string }) => runExport(context, options));
  const letters = events.command('dlq').description('Dead letters: what could not be recorded.');
  withFleetOptions(letters.command('list'))
    .description('The dead letters, the oldest first.')
    .option('--limit <count>', 'how many at most', parseLimit, 100)
    .option('--after <place>', 'goes on where an earlier list ended')
    .option('--json', 'as JSON')
    .action((options: ListOptions) => list(context, options));
  withFleetOptions(letters.command('retry [ids...]'))
    .description(
      'Tries to record dead letters again, all unless some are named; exit code 1 when one is refused.',
    )
    .option('--json', 'as JSON')
    .action((ids: string[], options: Options) => retry(context, ids, options));
  return events;
}

async function tail({ output }: CliContext, { json, ...options }: Options & EventFilter): Promise<void> {
  const api = new ApiClient(findFleet(options));
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  using _signals = watchStopRequests(process, { stop: leave, force: leave });
  output.readerGone?.addEventListener('abort', leave);
  const sink = {
    event: (event: Parameters<typeof eventLine>[0]) =>
      output.out(json === true ? JSON.stringify(event) : eventLine(event)),
    say: output.err,
  };
  await tailEvents(api, options, sink, leaving.signal);
}

interface ListOptions extends Options {
  readonly limit: number;
  readonly after?: string;
}

async function list({ output }: CliContext, { json, limit, after, ...fleet }: ListOptions): Promise<void> {
  const query = new URLSearchParams({ limit: `${limit}`, ...(after === undefined ? {} : { after }) });
  const path = `/admin/v1/events/dead-letters?${query.toString()}`;
  const page = await new ApiClient(findFleet(fleet)).get<DeadLetterPage>(path);
  output.out(json === true ? JSON.stringify(page) : lettersText(page.data));
  if (json !== true && page.next !== null) output.err(`There are more: --after ${page.next}`);
}

async function retry({ output }: CliContext, ids: string[], { json, ...fleet }: Options): Promise<void> {
  const body = ids.length === 0 ? {} : { ids };
  const path = '/admin/v1/events/dead-letters/retry';
  const outcome = await new ApiClient(findFleet(fleet)).post<RetryOutcome>(path, body);
  const { recorded, refused } = outcome;
  if (json === true) output.out(JSON.stringify(outcome));
  else {
    output.out(`${recorded} recorded, ${refused.length} refused.`);
    if (refused.length > 0) output.out(lettersText(refused));
  }
  const unknown = new Set(ids).size - recorded - refused.length;
  if (unknown > 0) output.err(`${unknown} of those named are not on the list.`);
  if (refused.length > 0) throw new CommandFailed(1);
}

function parseLimit(text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= 1000) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 to 1000.');
}
