import { eventually } from '../eventually.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { freePorts } from './free-ports.ts';
import type { RunningProgram } from './run-program.ts';
import type { OwnServer } from './server-kind.ts';

/** Where one process lives. */
export interface Place {
  readonly port: number;
  /** More free ports, for what needs them: the bus of a cluster, TLS, a controller. */
  readonly spares: readonly [number, number];
  /** Its data folder. */
  readonly folder: string;
}

/** Starts of a server whose port somebody else took first. */
const attempts = 3;

/**
 * A process on loopback ports with a throw-away data folder. `prepare` makes the folder ready and gives what starts the
 * process there, at first and again after a kill, and resolves when it answers. `lastSignal` ends it on disposal; what has
 * nothing outside its folder needs no better one than SIGKILL.
 */
export async function startOwnServer(
  prepare: (place: Place) => Promise<() => Promise<RunningProgram>>,
  lastSignal: NodeJS.Signals = 'SIGKILL',
): Promise<OwnServer<Place>> {
  for (let attempt = 1; ; attempt++) {
    const folder = await temporaryFolder();
    const [port = 0, first = 0, second = 0] = await freePorts(3);
    const place: Place = { port, spares: [first, second], folder: folder.path };
    try {
      const start = await prepare(place);
      let running = await start();
      return {
        address: place,
        kill: () => running.kill(),
        start: async () => {
          running = await start();
        },
        [Symbol.asyncDispose]: async () => {
          await running.stop(lastSignal);
          await folder[Symbol.asyncDispose]();
        },
      };
    } catch (error) {
      await folder[Symbol.asyncDispose]();
      if (attempt === attempts) throw error;
    }
  }
}

/** How long a start may take on a busy machine. */
export interface ReadyOptions {
  readonly name: string;
  readonly timeoutMs: number;
  readonly everyMs: number;
}

/**
 * Waits until `check` does not throw any more.
 * @throws Error with what the program wrote last, when it ends or the time is over; it does not run any more then.
 */
export async function untilReady(
  running: RunningProgram,
  check: () => Promise<void>,
  { name, ...times }: ReadyOptions,
): Promise<RunningProgram> {
  const ready = async (): Promise<void> => {
    if (!running.ended()) await check();
  };
  try {
    await eventually(ready, times);
  } catch (error) {
    const output = running.output();
    await running.kill();
    throw new Error(`${name} does not answer: ${output}`, { cause: error });
  }
  if (running.ended()) throw new Error(`${name} ended: ${running.output()}`);
  return running;
}
