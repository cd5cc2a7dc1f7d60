import type { ServerResponse } from 'node:http';
import type { FakeGateway, Request } from './fake-gateway.ts';

/** How one answer goes. */
export interface Script {
  readonly model?: string;
  readonly pieces?: readonly string[];
  /** The connection breaks after this many pieces, once. */
  readonly breaksAfter?: number;
  /** The log cannot be read again: 410, only the finished response. */
  readonly expires?: boolean;
  /** Waits after its pieces until it is cancelled. */
  readonly waits?: boolean;
  readonly status?: string;
}

interface Turn {
  readonly id: string;
  readonly script: Script;
  readonly events: Record<string, unknown>[];
  cancelled: boolean;
  readonly onCancel: (() => void)[];
}

/** The Responses API of a fake gateway: turns with logs that can be read again from any number. */
export class FakeAnswers {
  readonly #turns = new Map<string, Turn>();
  readonly #scripts: Script[];

  /** @param scripts of the answers in their order; the last one stays */
  constructor(gateway: FakeGateway, ...scripts: Script[]) {
    this.#scripts = scripts;
    gateway.on('POST /v1/responses', (request, response) => {
      const turn = this.#begin(gateway, `resp_${this.#turns.size + 1}`, request);
      return send(response, turn, -1, turn.script.breaksAfter);
    });
  }

  #begin(gateway: FakeGateway, id: string, request: Request): Turn {
    const script = (this.#scripts.length > 1 ? this.#scripts.shift() : this.#scripts[0]) ?? {};
    const pieces = script.pieces ?? [`you said ${String(request.body['input'])}`];
    const turn: Turn = { id, script, events: [], cancelled: false, onCancel: [] };
    this.#turns.set(id, turn);
    const add = (event: object): void =>
      void turn.events.push({ ...event, sequence_number: turn.events.length });
    add({ type: 'response.created', response: view(turn, 'in_progress') });
    for (const delta of pieces) add({ type: 'response.output_text.delta', delta });
    const end = (): void => {
      const status = turn.cancelled ? 'cancelled' : (script.status ?? 'completed');
      const type =
        { completed: 'response.completed', failed: 'response.failed' }[status] ?? 'response.incomplete';
      add({ type, response: view(turn, status) });
    };
    if (script.waits === true) turn.onCancel.push(end);
    else end();
    gateway.on(`POST /v1/responses/${id}/cancel`, () => {
      turn.cancelled = true;
      for (const wake of turn.onCancel) wake();
      return view(turn, 'cancelled');
    });
    gateway.on(`GET /v1/responses/${id}`, ({ path }, response) => {
      const query = new URLSearchParams(path.split('?')[1]);
      if (query.get('stream') !== 'true') return view(turn, 'completed', pieces.join(''));
      if (script.expires === true) {
        response.statusCode = 410;
        return { error: { message: 'The log has gone.', code: 'stream_expired' } };
      }
      return send(response, turn, Number(query.get('starting_after') ?? -1));
    });
    return turn;
  }
}

function view({ id, script }: Turn, status: string, text = ''): object {
  return {
    id,
    object: 'response',
    model: script.model ?? 'parley-tiny',
    status,
    error: status === 'failed' ? { code: 'server_error', message: 'The engine failed.' } : null,
    incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    output: [{ type: 'message', content: [{ type: 'output_text', text }] }],
  };
}

function send(response: ServerResponse, turn: Turn, after: number, breaksAfter?: number): undefined {
  response.setHeader('content-type', 'text/event-stream');
  let next = after + 1;
  const flush = (): void => {
    for (; next < turn.events.length; next++) {
      if (breaksAfter !== undefined && next > breaksAfter) {
        // What was written arrives before the connection breaks.
        setTimeout(() => response.destroy(), 50);
        return;
      }
      const event = turn.events[next];
      response.write(`event: ${String(event?.['type'])}\nid: ${next}\ndata: ${JSON.stringify(event)}\n\n`);
    }
    if (/completed|failed|incomplete/.test(String(turn.events.at(-1)?.['type']))) response.end();
  };
  flush();
  turn.onCancel.push(flush);
}
