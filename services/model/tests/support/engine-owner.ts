import { GgufEngine } from '../../src/adapters/outbound/gguf/gguf-engine.ts';
import { engineEnvironment } from '../../src/config.ts';

/** A process with an engine host; tells the host's process id and stays until it is told how to end, or is killed. */
process.on('message', (how) => {
  if (how === 'exit') process.exit(0);
  throw new Error('It ends as a bug would end it.');
});
const engine = new GgufEngine({ threads: 1, environment: engineEnvironment(1), onLog: () => undefined });
await engine.start();
process.send?.({ hostPid: engine.hostPid });
