import { ParleyError } from '@parley/kernel';
import type { ControlStore } from '@parley/state/ports';
import type { ModelDefinition } from '../models/model-definition.ts';

/** What was ordered for a model on every instance. */
export interface ModelOrder {
  readonly wanted: 'loaded' | 'unloaded';
  /** From 1; grows by one with every order about the model. */
  readonly generation: number;
  /** sha256 of the document that described the model at that time: when it changes, a start follows the document. */
  readonly document: string;
  /** The alias that is about to be moved to it; '' = none. */
  readonly alias: string;
}

const prefix = 'model/';
const maxTries = 5;

/** Which models every instance should have, in the fleet's control data. */
export class DesiredModels {
  readonly #control: ControlStore;

  constructor(control: ControlStore) {
    this.#control = control;
  }

  /** Every order that can be read, by model. */
  async read(): Promise<ReadonlyMap<string, ModelOrder>> {
    const orders = new Map<string, ModelOrder>();
    for (const { key, value } of await this.#control.list(prefix)) {
      const order = parse(value);
      if (order !== undefined) orders.set(key.slice(prefix.length), order);
    }
    return orders;
  }

  /** Orders again; the last order counts. @throws ParleyError `unavailable` when it cannot be written. */
  async write(definition: ModelDefinition, wanted: ModelOrder['wanted'], alias = ''): Promise<ModelOrder> {
    const key = `${prefix}${definition.name}`;
    for (let tries = 0; tries < maxTries; tries++) {
      const now = await this.#control.get(key);
      const generation = (now === undefined ? 0 : (parse(now.value)?.generation ?? 0)) + 1;
      const order = { wanted, generation, document: definition.document?.digest ?? '', alias };
      if ((await this.#control.put(key, JSON.stringify(order), now?.version ?? 0)) !== undefined)
        return order;
    }
    const message = `The order for model "${definition.name}" could not be written. Try again.`;
    throw new ParleyError('unavailable', message);
  }
}

function parse(value: string): ModelOrder | undefined {
  try {
    const order = JSON.parse(value) as Partial<Record<string, unknown>>;
    const { wanted, generation, document, alias } = order;
    if (wanted !== 'loaded' && wanted !== 'unloaded') return undefined;
    if (typeof generation !== 'number' || !Number.isSafeInteger(generation)) return undefined;
    const text = (field: unknown): string => (typeof field === 'string' ? field : '');
    return { wanted, generation, document: text(document), alias: text(alias) };
  } catch {
    return undefined;
  }
}
