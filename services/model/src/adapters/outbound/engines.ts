import type { Engine } from '../../ports/engine.ts';
import { GgufEngine } from './gguf/gguf-engine.ts';
import { SimulatedEngine } from './simulated/simulated-engine.ts';

/** What engines are made of. */
export interface EngineOptions {
  /** Threads that decode; 0 = all cores this process may use but one. */
  readonly threads: number;
  /** The environment of processes that run native code. */
  readonly environment: NodeJS.ProcessEnv;
  readonly onLog: (level: 'warn' | 'error', message: string) => void;
}

/** Every engine there is, by the name that model documents use. An engine is a folder beside this file, a line here, and its member of the document's schema. */
const makers: Readonly<Record<string, (options: EngineOptions) => Engine>> = {
  gguf: (options) => new GgufEngine(options),
  simulated: () => new SimulatedEngine(),
};

/** Makes all engines; one that no model uses starts nothing. */
export function makeEngines(options: EngineOptions): ReadonlyMap<string, Engine> {
  return new Map(Object.entries(makers).map(([name, make]) => [name, make(options)]));
}
