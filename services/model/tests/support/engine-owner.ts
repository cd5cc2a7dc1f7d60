import { GgufEngine } from '../../src/adapters/outbound/gguf/gguf-engine.ts';
import { engineEnvironment } from '../../src/config.ts';

/** A process with an engine host; tells the host's process id and stays. */
const engine = new GgufEngine({ threads: 1, environment: engineEnvironment(1), onLog: () => undefined });
await engine.start();
process.send?.({ hostPid: engine.hostPid });
