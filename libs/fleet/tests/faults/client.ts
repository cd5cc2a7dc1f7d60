import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { responseEvents } from '../support/sse.ts';
import type { StreamEvent } from '../support/sse.ts';
import type { Offer } from './acceptance.ts';
import type { SeenEvent, SeenTurn } from './checker.ts';

/** Where a client finds the fleet. It knows every gateway, as a load balancer does. */
export interface Gateways {
  readonly urls: readonly string[];
  readonly apiKey: string;
}

/** A turn whose id the client received, and what it has seen of it. */
interface OpenTurn {
  readonly id: string;
  readonly events: SeenEvent[];
}

/** What became of an offer: `cut` when the connection broke without an answer. */
type Answer = TakenTurn | { readonly refused: string } | 'cut';

interface TakenTurn {
  readonly turn: OpenTurn;
  /** Resolves when the stream that came with the answer is over. */
  readonly rest: Promise<void>;
}

/** A gateway that answers nothing to an offer for this long has refused it; its own limit is 30 s. */
const answerLimitMs = 35_000;
/** A stream that says nothing for this long is cut and attached to at another gateway. */
const silenceLimitMs = 15_000;
/** The longest a turn is followed: far above what it needs when its owner dies. */
const followLimitMs = 90_000;
const againMs = 150;

/** Offers one turn and follows it to its end; undefined when it was refused. Bounded by the limits above. */
export async function takeTurn(
  gateways: Gateways,
  onOffer: (offer: Offer) => void,
): Promise<Omit<SeenTurn, 'final'> | undefined> {
  const atMs = performance.now();
  const key = randomUUID();
  const begin = randomInt(gateways.urls.length);
  let answer = await offer(gateways, begin, key);
  const repeated = answer === 'cut';
  if (repeated) answer = await offer(gateways, begin + 1, key);
  const taken = answer !== 'cut' && 'turn' in answer ? answer : undefined;
  const reason = answer === 'cut' ? 'cut twice' : 'refused' in answer ? answer.refused : '';
  onOffer({ atMs, answeredAtMs: performance.now(), accepted: taken !== undefined, reason, repeated });
  if (taken === undefined) return undefined;
  await taken.rest;
  await follow(gateways, taken.turn, performance.now() + followLimitMs);
  return taken.turn;
}

/** Sends the request to the gateways in turn until one takes the connection. */
async function offer({ urls, apiKey }: Gateways, begin: number, key: string): Promise<Answer> {
  for (let n = 0; n < urls.length; n++) {
    const cut = new AbortController();
    const timer = setTimeout(() => cut.abort(), answerLimitMs);
    try {
      const response = await fetch(`${urls[(begin + n) % urls.length]}/v1/responses`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${apiKey}`,
          'content-type': 'application/json',
          'idempotency-key': key,
        },
        body: JSON.stringify({ model: 'default', input: `Tell me a story about ${key}.`, stream: true }),
        signal: cut.signal,
      });
      if (response.status !== 200) return { refused: await reasonOf(response) };
      return await accepted(response, cut);
    } catch (error) {
      if (cut.signal.aborted) return { refused: 'no answer' };
      if (!isRefusedConnection(error)) return 'cut';
    } finally {
      clearTimeout(timer);
    }
  }
  return { refused: 'no gateway' };
}

/** Resolves when the turn's id has come; the rest of its stream is read on. */
async function accepted(response: Response, cut: AbortController): Promise<Answer> {
  const events = responseEvents(response);
  const first = await events.next();
  if (first.done === true) return 'cut';
  const id = first.value.response?.id ?? '';
  const turn: OpenTurn = { id, events: [seen(first.value)] };
  return { turn, rest: readOn(events, turn, cut) };
}

/** Attaches after the last event seen, at any gateway, until the end was seen. */
async function follow({ urls, apiKey }: Gateways, turn: OpenTurn, untilMs: number): Promise<void> {
  for (let attempt = 0; turn.events.at(-1)?.status === undefined && performance.now() < untilMs; attempt++) {
    await sleep(againMs);
    const after = turn.events.length === 0 ? undefined : turn.events.at(-1)?.sequence;
    const url = new URL(`${urls[randomInt(urls.length)]}/v1/responses/${turn.id}?stream=true`);
    const headers = new Headers({ authorization: `Bearer ${apiKey}` });
    // Both ways to say it.
    if (after !== undefined && attempt % 2 === 0) headers.set('last-event-id', String(after));
    else if (after !== undefined) url.searchParams.set('starting_after', String(after));
    const cut = new AbortController();
    const timer = setTimeout(() => cut.abort(), silenceLimitMs);
    try {
      const response = await fetch(url, { headers, signal: cut.signal });
      if (response.status === 200) await readOn(responseEvents(response), turn, cut);
      else await response.body?.cancel();
    } catch {
      // The gateway is away or was cut off; another may be there.
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Takes what comes until the stream ends, breaks, or is silent for too long. @throws Error for a wrong `id:` */
async function readOn(
  events: AsyncIterable<StreamEvent>,
  turn: OpenTurn,
  cut: AbortController,
): Promise<void> {
  let timer = setTimeout(() => cut.abort(), silenceLimitMs);
  try {
    for await (const event of events) {
      turn.events.push(seen(event));
      clearTimeout(timer);
      timer = setTimeout(() => cut.abort(), silenceLimitMs);
    }
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('SSE id')) throw error;
  } finally {
    clearTimeout(timer);
  }
}

interface Retrieved {
  readonly status: string;
  readonly output: readonly { readonly content: readonly { readonly text: string }[] }[];
}

/** What the API tells of a turn once it has ended; undefined when it does not know it, or not before `untilMs`. */
export async function finalOf(
  { urls, apiKey }: Gateways,
  id: string,
  untilMs: number,
): Promise<SeenTurn['final']> {
  const headers = { authorization: `Bearer ${apiKey}` };
  while (performance.now() < untilMs) {
    const signal = AbortSignal.timeout(10_000);
    const url = `${urls[randomInt(urls.length)]}/v1/responses/${id}`;
    const response = await fetch(url, { headers, signal }).catch(() => undefined);
    if (response?.status === 404) return undefined;
    const found = response?.status === 200 ? ((await response.json()) as Retrieved) : undefined;
    if (found !== undefined && found.status !== 'in_progress') {
      const text = found.output.flatMap(({ content }) => content.map((part) => part.text)).join('');
      return { status: found.status, text };
    }
    await sleep(againMs);
  }
  return undefined;
}

function seen({ type, sequence_number: sequence, delta, response }: StreamEvent): SeenEvent {
  const ended = /^response\.(completed|incomplete|failed)$/.test(type);
  return {
    sequence,
    delta: type === 'response.output_text.delta' ? (delta ?? '') : '',
    status: ended ? response?.status : undefined,
  };
}

async function reasonOf(response: Response): Promise<string> {
  const body = (await response.json().catch(() => undefined)) as { error?: { message?: string } } | undefined;
  return `${response.status} ${body?.error?.message ?? ''}`.trim();
}

/** Nobody listens: the request has surely not been read. */
function isRefusedConnection(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause as { code?: string } | undefined) : undefined;
  return cause?.code === 'ECONNREFUSED';
}
