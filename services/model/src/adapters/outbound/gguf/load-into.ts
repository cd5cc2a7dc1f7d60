import { ParleyError } from '@parley/kernel';
import type { ModelSpec } from '../../../ports/engine.ts';
import type { LoadOptions } from '../../../ports/load-progress.ts';
import { fromHostError } from './host-connection.ts';
import type { HostConnection } from './host-connection.ts';
import type { KeptSettings } from './host-protocol.ts';

/**
 * Has a host load a model under the name `key`.
 * @param kept where its sequences outlive it; absent: nowhere
 * @returns whether the model makes embeddings
 * @throws ParleyError what the host says; `engine_failed` when it dies; the signal's reason.
 */
export async function loadInto(
  host: HostConnection,
  key: string,
  spec: ModelSpec,
  options: LoadOptions,
  kept?: KeptSettings,
): Promise<boolean> {
  const { signal } = options;
  const loaded = Promise.withResolvers<boolean>();
  host.listen(key, (message) => {
    if (message.type === 'loading') options.onProgress?.(message.progress);
    if (message.type === 'loaded') loaded.resolve(message.embeds);
    if (message.type === 'load-failed') loaded.reject(fromHostError(message.error));
  });
  const onAbort = (): void => {
    host.send({ type: 'unload', model: key });
    loaded.reject(signal.reason as Error);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  host.send({ type: 'load', model: key, spec, ...(kept && { kept }) });
  const died = host.process.ended.then((how): never => {
    throw new ParleyError('engine_failed', `The engine host ${how} while it loaded model "${spec.name}".`);
  });
  try {
    return await Promise.race([loaded.promise, died]);
  } catch (error) {
    host.unlisten(key);
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    died.catch(() => undefined);
  }
}
