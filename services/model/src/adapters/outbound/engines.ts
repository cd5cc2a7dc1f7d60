import type { Engine } from '../../ports/engine.ts';
import { GgufEngine } from './gguf/gguf-engine.ts';

/** What engines are made of. */
export interface EngineOptions {
  /** Threads that decode; 0 = all cores this process may use but one. */
  readonly threads: number;
  /** The environment of processes that run native code. */
  readonly environment: NodeJS.ProcessEnv;
  readonly onLog: (level: 'warn' | 'error', message: string) => void;
}

/** Every engine there is, by the name that model documents use. An engine is a folder beside this file and a line here. */
const makers: Readonly<Record<string, (options: EngineOptions) => Engine>> = {
  gguf: (options) => new GgufEngine(options),
};

/** The names that documents may use. */
export const engineNames: readonly string[] = Object.keys(makers);

/** Makes all engines; one that no model uses starts nothing. */
export function makeEngines(options: EngineOptions): ReadonlyMap<string, Engine> {
  return new Map(Object.entries(makers).map(([name, make]) => [name, make(options)]));
}
