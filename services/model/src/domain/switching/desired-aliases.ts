import { ParleyError } from '@parley/kernel';
import type { ControlStore, ControlValue } from '@parley/state/ports';
import { movedTo } from '../models/alias-table.ts';
import type { AliasPointer } from '../models/alias-table.ts';

/** What was ordered for an alias, as it outlives this process. */
export interface DesiredAlias {
  readonly model: string;
  readonly generation: number;
  readonly previous: string | undefined;
  /** sha256 of the document that claimed the alias at that time: when it changes, the order is void. */
  readonly document: string;
}

const prefix = 'alias/';
/** Others that write the same key at the same time are few; whoever loses so often has another problem. */
const maxTries = 5;

/** Where aliases were moved by order, in the fleet's control data. */
export class DesiredAliases {
  readonly #control: ControlStore;

  constructor(control: ControlStore) {
    this.#control = control;
  }

  /** Every order that can be read, by alias. */
  async read(): Promise<ReadonlyMap<string, DesiredAlias>> {
    const desired = new Map<string, DesiredAlias>();
    for (const value of await this.#control.list(prefix)) {
      const order = parse(value);
      if (order !== undefined) desired.set(value.key.slice(prefix.length), order);
    }
    return desired;
  }

  /**
   * Orders that an alias point to a model. Of two orders the last counts: it goes on from what the other has written.
   * @returns the pointer after the move. @throws ParleyError `unavailable` when it cannot be written.
   */
  async move(pointer: AliasPointer, model: string): Promise<AliasPointer> {
    const { alias, document } = pointer;
    const key = `${prefix}${alias}`;
    for (let tries = 0; tries < maxTries; tries++) {
      const now = await this.#control.get(key);
      const last = now === undefined ? undefined : parse(now);
      const isAhead = last !== undefined && last.generation > pointer.generation;
      // Another instance has carried the same order out.
      if (isAhead && last.model === model && last.document === document)
        return { ...movedTo(pointer, model), generation: last.generation, previous: last.previous };
      const before = isAhead ? { ...pointer, generation: last.generation, model: last.model } : pointer;
      const moved = movedTo(before, model);
      const order: DesiredAlias = { model, generation: moved.generation, previous: moved.previous, document };
      if ((await this.#control.put(key, JSON.stringify(order), now?.version ?? 0)) !== undefined)
        return moved;
    }
    throw new ParleyError('unavailable', `The order for alias "${alias}" could not be written. Try again.`);
  }
}

/** What another version has written, or nobody, is no order. */
function parse({ value }: ControlValue): DesiredAlias | undefined {
  try {
    const { model, generation, previous, document } = JSON.parse(value) as Partial<Record<string, unknown>>;
    if (typeof model !== 'string' || typeof document !== 'string') return undefined;
    if (typeof generation !== 'number' || !Number.isInteger(generation)) return undefined;
    return { model, document, generation, previous: typeof previous === 'string' ? previous : undefined };
  } catch {
    return undefined;
  }
}
