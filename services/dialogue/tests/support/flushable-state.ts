import type { Clock } from '@parley/kernel';
import { openSqliteState } from '@parley/state';
import type { StateStore } from '@parley/state/ports';

/** A state store that can lose everything at once, as a Redis does that is flushed. */
export interface FlushableState {
  readonly state: StateStore;
  readonly flush: () => void;
}

export function flushableState(clock: Clock): FlushableState {
  const open = (): StateStore => openSqliteState(':memory:', { clock });
  const opened = [open()];
  /** The role port of the store as it is now, whoever asks for it early. */
  const role = (name: keyof StateStore): unknown =>
    new Proxy(
      {},
      {
        get: (_, method) => {
          const port = opened.at(-1)?.[name] ?? {};
          const value: unknown = Reflect.get(port, method);
          return typeof value === 'function' ? value.bind(port) : value;
        },
      },
    );
  const close = async (): Promise<void> => {
    for (const store of opened) await store[Symbol.asyncDispose]();
  };
  return {
    state: new Proxy({} as StateStore, {
      get: (_, name) => (name === Symbol.asyncDispose ? close : role(name as keyof StateStore)),
      // What spreads a store gets its ports.
      ownKeys: () => Object.keys(opened[0] ?? {}),
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    }),
    flush: () => opened.push(open()),
  };
}
