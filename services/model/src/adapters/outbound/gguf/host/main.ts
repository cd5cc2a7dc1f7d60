import { ParleyError } from '@parley/kernel';
import { LlamaLogLevel } from 'node-llama-cpp';
import type { HostMessage } from '../host-protocol.ts';
import { inspectGguf } from './inspect-gguf.ts';
import { freeCardBytes } from './load/gpu-options.ts';
import { loadGguf } from './load/load-gguf.ts';
import { NativeWords } from './load/native-words.ts';
import { openLlama } from './load/open-llama.ts';
import { ServiceLink } from './service-link.ts';
import { quickHeaders } from './load/quick-headers.ts';
import { skipSimulation } from './load/skip-simulation.ts';

const service = new ServiceLink();
const { settings, threads, send } = service;
const words = new NativeWords();
skipSimulation();
await quickHeaders();
const llama = await openLlama(settings.gpu ?? 'cpu', {
  maxThreads: threads,
  logLevel: LlamaLogLevel.warn,
  logger: (level, message) => {
    const text = message.trim();
    if (text === '') return;
    if (level !== LlamaLogLevel.warn) words.hear(text);
    send({ type: 'log', level: level === LlamaLogLevel.warn ? 'warn' : 'error', message: text });
  },
}).catch((error: unknown) => {
  if (!(error instanceof ParleyError)) throw error;
  const { code, message, retryable } = error;
  // Its end may come no sooner than the word that says why.
  process.send?.({ type: 'unusable', error: { code, message, retryable } } satisfies HostMessage, () =>
    process.exit(1),
  );
  return new Promise<never>(() => {});
});
service.serve(
  {
    inspect: inspectGguf,
    freeCardBytes: () => freeCardBytes(llama),
    load: (spec, options) => loadGguf(llama, spec, { threads, words, ...options }),
  },
  () => llama.dispose(),
);
