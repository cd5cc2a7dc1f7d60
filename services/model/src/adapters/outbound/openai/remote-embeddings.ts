import { ParleyError } from '@parley/kernel';
import type { Embeddings } from '../../../ports/engine.ts';
import { countIn } from './chat-events.ts';
import type { RemoteClient } from './remote-client.ts';
import { isRecord } from './remote-faults.ts';
import type { RemoteSettings } from './remote-settings-schema.ts';
import { estimateText } from './token-estimate.ts';

/** Texts of one request; servers have limits of their own, none below this. */
const batch = 64;
const timeoutMs = 60_000;
/** 64 vectors of 8,192 numbers, each some 22 characters. */
const maxBytes = 16 * 1024 * 1024;

/**
 * Vectors of length 1, whatever length the server gives them.
 * @throws ParleyError `unsupported` where the document does not say that the model makes embeddings.
 */
export async function remoteEmbeddings(
  client: RemoteClient,
  settings: RemoteSettings,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<Embeddings> {
  if (!settings.abilities.embeddings) {
    const message = `${client.title} makes no embeddings; if it does, say so in its document: abilities: { embeddings: true }.`;
    throw new ParleyError('unsupported', message, { param: 'model' });
  }
  const vectors: number[][] = [];
  let inputTokens = 0;
  for (let start = 0; start < texts.length; start += batch) {
    const input = texts.slice(start, start + batch);
    const body = { model: settings.model, input, encoding_format: 'float' };
    const timed = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const answer = await client.ask({ method: 'POST', path: '/embeddings', body, signal: timed }, maxBytes);
    vectors.push(...vectorsIn(answer, input.length, client.title));
    inputTokens += tokensIn(answer) ?? input.reduce((sum, text) => sum + estimateText(text), 0);
  }
  return { vectors, inputTokens };
}

function vectorsIn(answer: unknown, count: number, title: string): number[][] {
  const data = isRecord(answer) && Array.isArray(answer['data']) ? (answer['data'] as unknown[]) : [];
  const vectors: (number[] | undefined)[] = Array.from({ length: count }, () => undefined);
  for (const [place, entry] of data.entries()) {
    if (!isRecord(entry) || !isVector(entry['embedding'])) continue;
    vectors[countIn(entry['index']) ?? place] = ofLengthOne(entry['embedding']);
  }
  const whole = vectors.filter((vector) => vector !== undefined);
  if (whole.length === count && vectors.length === count) return whole;
  throw new ParleyError('engine_failed', `${title} answered ${whole.length} vectors for ${count} texts.`);
}

function isVector(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((number) => Number.isFinite(number));
}

function ofLengthOne(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? [...vector] : vector.map((value) => value / length);
}

function tokensIn(answer: unknown): number | undefined {
  const usage = isRecord(answer) ? answer['usage'] : undefined;
  return isRecord(usage) ? countIn(usage['prompt_tokens'] ?? usage['total_tokens']) : undefined;
}
