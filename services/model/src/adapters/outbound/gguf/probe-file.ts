import { ParleyError } from '@parley/kernel';
import type { ModelSpec } from '../../../ports/engine.ts';
import type { ModelInspection, ProbeVerdict } from '../../../ports/model-files.ts';
import { HostConnection } from './host-connection.ts';
import type { HostConnectionOptions } from './host-connection.ts';
import { loadInto } from './load-into.ts';

const key = 'probe';

/**
 * Opens a file in a host process of its own: reads what it says about itself, checks its tensors, makes some tokens.
 * @returns what the file says, or how it ended the process
 * @throws ParleyError what is wrong with a file that fails in an orderly way, which harms no host; the signal's reason.
 */
export async function probeFile(
  spec: ModelSpec,
  options: HostConnectionOptions,
  signal: AbortSignal,
): Promise<ProbeVerdict> {
  signal.throwIfAborted();
  // What native code has to say about a file is part of the verdict or of no interest. On the processor: the memory of
  // graphics cards is for models that answer.
  const host = new HostConnection({ ...options, gpu: 'cpu', onLog: () => undefined });
  const kill = (): void => host.process.kill();
  signal.addEventListener('abort', kill, { once: true });
  try {
    await host.process.ready;
    const inspection = (await host.ask({ kind: 'inspect', path: spec.path })) as ModelInspection;
    await loadInto(host, key, spec, { signal });
    return { ok: true, inspection };
  } catch (error) {
    signal.throwIfAborted();
    if (host.process.alive) throw error;
    return verdictOn(await host.process.ended, host.process.lastWords);
  } finally {
    signal.removeEventListener('abort', kill);
    // Nothing is in it that is worth a tidy end.
    host.process.kill();
    await host.process.ended;
  }
}

/** @throws ParleyError when its end says nothing about the file: the system, or somebody, has ended it. */
function verdictOn(how: string, lastWords: string): ProbeVerdict {
  const words = lastWords === '' ? '' : `: ${lastLine(lastWords)}`;
  if (/SIGKILL|SIGTERM|could not start/.test(how)) {
    const message = `The process that tried the file out ${how}${words}. Try again.`;
    throw new ParleyError('engine_failed', message);
  }
  return { ok: false, how: `${how}${words}` };
}

/** An assertion's text; what follows it is where in the machine code it stood. */
function lastLine(words: string): string {
  const lines = words.split('\n').map((line) => line.trim());
  const assertion = lines.find((line) => line.includes('ASSERT') || line.includes('error'));
  // The folder is that of the machine on which it was built.
  return (assertion ?? lines.at(-1) ?? '').replace(/^\S*\//, '').slice(0, 300);
}
