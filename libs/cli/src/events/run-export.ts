import { open } from 'node:fs/promises';
import { ParleyError } from '@parley/kernel';
import { findFleet } from '../api/fleet-access.ts';
import type { FleetOptions } from '../api/fleet-access.ts';
import { CommandFailed } from '../cli-context.ts';
import type { CliContext } from '../cli-context.ts';
import { watchStopRequests } from '../stop-requests.ts';
import type { EventFilter } from './event-filter.ts';
import { exportEvents } from './export-events.ts';
import type { ExportPlace } from './export-events.ts';

interface ExportOptions extends FleetOptions, EventFilter {
  readonly out?: string;
  readonly json?: boolean;
}

/**
 * `parley events export`
 * @throws CommandFailed 130 when Ctrl-C ended it, after saying where to go on.
 */
export async function runExport({ output }: CliContext, options: ExportOptions): Promise<void> {
  const { out, json, url: _url, apiKey: _key, data: _data, ...filter } = options;
  const access = findFleet(options);
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  using _signals = watchStopRequests(process, { stop: leave, force: leave });
  output.readerGone?.addEventListener('abort', leave);
  const place: ExportPlace = { events: 0, cursor: filter.after ?? '', job: '' };
  await using target =
    out === undefined ? printed(output.out) : await written(out, filter.after !== undefined);
  const sink = { write: target.write, say: output.err };
  try {
    await exportEvents(access, filter, sink, place, leaving.signal);
  } catch (error) {
    if (place.cursor !== '') output.err(`${place.events} events came. Go on with --after ${place.cursor}`);
    if (leaving.signal.aborted) throw new CommandFailed(130);
    throw error;
  }
  if (out === undefined) return;
  if (json === true) output.out(JSON.stringify({ file: out, ...place }));
  else output.out(`${place.events} events are in ${out}.`);
}

interface Target extends AsyncDisposable {
  readonly write: (lines: readonly string[]) => Promise<void>;
}

function printed(print: (text: string) => void): Target {
  return {
    write: (lines) => {
      print(lines.join('\n'));
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** A new file, so that no export is overwritten; one that is gone on with grows. */
async function written(file: string, goesOn: boolean): Promise<Target> {
  try {
    const handle = await open(file, goesOn ? 'a' : 'wx');
    return {
      write: (lines) => handle.appendFile(`${lines.join('\n')}\n`),
      [Symbol.asyncDispose]: () => handle.close(),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ParleyError(
      'config_invalid',
      `${file} cannot be made: ${why}. Name another file, or go on with --after.`,
    );
  }
}
