import { ParleyError } from '@parley/kernel';
import { countIn } from './chat-events.ts';
import { dialectOfOwner } from './dialects.ts';
import type { DialectName } from './dialects.ts';
import type { RemoteClient } from './remote-client.ts';
import { isRecord } from './remote-faults.ts';

/** What a server tells of a model. */
export interface Discovered {
  readonly dialect: DialectName;
  /** Undefined where it does not say. */
  readonly contextTokens: number | undefined;
}

const timeoutMs = 10_000;
const maxBytes = 8 * 1024 * 1024;
const mostNames = 20;

/** A server without a list of models is taken at its document's word. */
const noList = [404, 405, 501];

/**
 * Asks a server for its models.
 * @throws ParleyError `unavailable` while it is away, refuses the key or does not have the model: all of that can change.
 */
export async function discover(
  client: RemoteClient,
  model: string,
  signal: AbortSignal,
): Promise<Discovered> {
  const timed = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const response = await client.send({ method: 'GET', path: '/models', signal: timed });
    if (noList.includes(response.statusCode ?? 0)) {
      response.resume();
      return { dialect: 'openai', contextTokens: undefined };
    }
    await client.requireGood(response);
    return entryOf(await client.json(response, maxBytes), client, model);
  } catch (error) {
    signal.throwIfAborted();
    throw away(client, error);
  }
}

function away({ title }: RemoteClient, cause: unknown): ParleyError {
  if (cause instanceof ParleyError) return new ParleyError('unavailable', cause.message, { cause });
  const message = `${title} cannot be reached: no answer to GET /models within ${timeoutMs / 1000} s.`;
  return new ParleyError('unavailable', message, { cause });
}

function entryOf(body: unknown, { title }: RemoteClient, model: string): Discovered {
  const data = isRecord(body) && Array.isArray(body['data']) ? (body['data'] as unknown[]) : [];
  const entries = data.filter(isRecord);
  // Ollama lists the tag that it adds by itself.
  const entry = entries.find(({ id }) => id === model) ?? entries.find(({ id }) => id === `${model}:latest`);
  if (entry === undefined) {
    const names = entries.slice(0, mostNames).map(({ id }) => String(id));
    const more = entries.length > mostNames ? ', …' : '';
    throw new ParleyError(
      'unavailable',
      `${title} is not there; the server has: ${names.join(', ') || 'no models'}${more}.`,
    );
  }
  const { owned_by: owner, meta } = entry;
  const contextTokens =
    entry['max_model_len'] ?? entry['context_tokens'] ?? (isRecord(meta) ? meta['n_ctx'] : undefined);
  return {
    dialect: dialectOfOwner(typeof owner === 'string' ? owner : ''),
    contextTokens: countIn(contextTokens),
  };
}
