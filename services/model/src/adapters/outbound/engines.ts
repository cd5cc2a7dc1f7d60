import type { Engine } from '../../ports/engine.ts';
import { GgufEngine } from './gguf/gguf-engine.ts';
import type { GpuChoice, KeptSettings } from './gguf/host-protocol.ts';
import { OnnxEngine } from './onnx/onnx-engine.ts';
import { OpenaiEngine } from './openai/openai-engine.ts';
import type { ReadVariable } from './openai/remote-key.ts';
import { SimulatedEngine } from './simulated/simulated-engine.ts';

/** What engines are made of. */
export interface EngineOptions {
  /** Threads that decode; 0 = all cores this process may use but one. */
  readonly threads: number;
  /** What models of the gguf engine run on. */
  readonly gpu: GpuChoice;
  /** The environment of processes that run native code. */
  readonly environment: NodeJS.ProcessEnv;
  /** Reads a variable that a document names. */
  readonly variable: ReadVariable;
  readonly onLog: (level: 'warn' | 'error', message: string) => void;
  /** A new process runs native code in place of one that died, or that held too much memory. */
  readonly onRestart: (why: 'died' | 'replaced') => void;
  /** Whether one that holds far more memory than its models take is replaced. */
  readonly replaceHosts: boolean;
  /** Where what sequences of the gguf engine hold outlives its hosts. */
  readonly kept: KeptSettings;
}

/** Every engine there is, by the name that model documents use. An engine is a folder beside this file, a line here, and its member of the document's schema. */
const makers: Readonly<Record<string, (options: EngineOptions) => Engine>> = {
  gguf: (options) => new GgufEngine(options),
  onnx: (options) => new OnnxEngine(options),
  openai: (options) => new OpenaiEngine(options),
  simulated: () => new SimulatedEngine(),
};

/** Makes all engines; one that no model uses starts nothing. */
export function makeEngines(options: EngineOptions): ReadonlyMap<string, Engine> {
  return new Map(Object.entries(makers).map(([name, make]) => [name, make(options)]));
}
