import { ParleyError } from '@parley/kernel';
import type { EngineUpdate } from '../../../ports/engine.ts';
import { newCallId } from '../engine-parts/answer-reader.ts';
import { isRecord } from './remote-faults.ts';

/** A piece of a call as a server sends it. */
export interface RemoteCall {
  /** undefined where a server numbers nothing. */
  readonly index: number | undefined;
  /** '' where it is not said (again). */
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** The pieces of calls in an event's delta, or the calls of a whole message. */
export function callsIn(list: unknown): readonly RemoteCall[] {
  if (!Array.isArray(list)) return [];
  return (list as unknown[]).filter(isRecord).map((call) => {
    const said = isRecord(call['function']) ? call['function'] : {};
    const { index } = call;
    return {
      index: typeof index === 'number' ? index : undefined,
      id: textOr(call['id']),
      name: textOr(said['name']),
      arguments: argumentsOf(said['arguments']),
    };
  });
}

function textOr(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Some servers send the arguments as the object that they are. */
function argumentsOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : textOr(value);
}

/**
 * Puts the pieces of an answer's calls in order. Servers begin a call with a new index, or, where all have the same
 * index or none, with a new id.
 */
export class RemoteCalls {
  readonly #title: string;
  readonly #single: boolean;
  #count = 0;
  #index: number | undefined;
  #id = '';

  /** @param single only the first call is taken */
  constructor(title: string, single: boolean) {
    this.#title = title;
    this.#single = single;
  }

  get count(): number {
    return this.#single ? Math.min(this.#count, 1) : this.#count;
  }

  /** @returns undefined for what is not taken. @throws ParleyError `engine_failed` for pieces that belong to no call. */
  take(piece: RemoteCall): Extract<EngineUpdate, { type: 'tool-call' }> | undefined {
    const begins = this.#begins(piece);
    if (begins) {
      if (piece.name === '') throw this.#fault('asked for a function without naming it');
      this.#count++;
      this.#index = piece.index;
      this.#id = piece.id === '' ? newCallId() : piece.id;
    } else if (piece.index !== this.#index && piece.index !== undefined) {
      throw this.#fault('went back to a call that it had left');
    }
    if (this.#single && this.#count > 1) return undefined;
    return {
      type: 'tool-call',
      index: this.#count - 1,
      id: begins ? this.#id : '',
      name: begins ? piece.name : '',
      arguments: piece.arguments,
      tokenIds: [],
    };
  }

  #begins({ index, id, name }: RemoteCall): boolean {
    if (this.#count === 0) return true;
    if (index !== undefined && index > (this.#index ?? 0)) return true;
    if (id !== '') return id !== this.#id;
    return index === undefined && name !== '';
  }

  #fault(what: string): ParleyError {
    return new ParleyError('engine_failed', `${this.#title} ${what}.`);
  }
}
