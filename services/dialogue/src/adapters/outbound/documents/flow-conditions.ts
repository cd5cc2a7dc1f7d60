import { Environment } from '@marcbachmann/cel-js';
import type { FaultPath } from '@parley/config';
import type { SlotValue, Slots } from '../../../domain/flow/slot-value.ts';
import type { FlowFaults } from './flow-faults.ts';
import type { SlotDocument } from './flow-schema.ts';

/** A condition of a document over values of slots, and over the value that is about to be set. */
export type Condition = (slots: Slots, value?: SlotValue) => boolean;

const limits = { maxAstNodes: 200, maxDepth: 20 };

/** Compiles CEL conditions over the slots that are there, typed, so that a wrong name is a fault at load. */
export class FlowConditions {
  readonly #faults: FlowFaults;
  readonly #slots: Readonly<Record<string, SlotDocument>>;

  /** @param slots those that the conditions may name */
  constructor(slots: Readonly<Record<string, SlotDocument>>, faults: FlowFaults) {
    this.#slots = slots;
    this.#faults = faults;
  }

  /**
   * A condition that looks at a slot without a value is not met.
   * @param valueOf the slot whose value the condition may look at as `value`
   */
  compile(path: FaultPath, source: string, valueOf?: SlotDocument): Condition {
    const environment = this.#environment(valueOf);
    const { valid, type, error } = environment.check(source);
    if (!valid || type !== 'bool') {
      const reason = valid ? `gives ${type}` : (error?.summary ?? 'does not parse');
      this.#faults.add(path, `must be a CEL condition over ${this.#known(valueOf)}: ${reason}`);
      return () => false;
    }
    const condition = environment.parse(source);
    if (callsMatches(condition.ast)) {
      this.#faults.add(
        path,
        'must not use matches(), whose patterns can take for ever; a text slot has `pattern`',
      );
      return () => false;
    }
    return (slots, value) => {
      try {
        const context = {
          slots: forCel(slots),
          ...(value === undefined ? {} : { value: numberForCel(value) }),
        };
        return condition(context) === true;
      } catch {
        return false;
      }
    };
  }

  #environment(valueOf: SlotDocument | undefined): Environment {
    const environment = new Environment({ limits });
    const schema = Object.fromEntries(
      Object.entries(this.#slots).map(([name, slot]) => [name, typeOf(slot)]),
    );
    if (Object.keys(schema).length > 0) environment.registerVariable({ name: 'slots', schema });
    if (valueOf !== undefined) environment.registerVariable('value', typeOf(valueOf));
    return environment;
  }

  #known(valueOf: SlotDocument | undefined): string {
    const names = Object.keys(this.#slots).map((name) => `slots.${name}`);
    const all = [...(valueOf === undefined ? [] : ['value']), ...names];
    return all.length === 0 ? 'nothing, since no slot is declared before it' : all.join(', ');
  }
}

function typeOf({ type }: SlotDocument): string {
  return type === 'integer' ? 'int' : 'string';
}

function forCel(slots: Slots): Readonly<Record<string, string | bigint>> {
  return Object.fromEntries(Object.entries(slots).map(([name, value]) => [name, numberForCel(value)]));
}

function numberForCel(value: SlotValue): string | bigint {
  return typeof value === 'number' ? BigInt(value) : value;
}

/** CEL's own patterns are not RE2 in this library. */
function callsMatches(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(callsMatches);
  if (typeof node !== 'object' || node === null) return false;
  const { op, args } = node as { op?: unknown; args?: unknown };
  if ((op === 'call' || op === 'rcall') && Array.isArray(args) && args[0] === 'matches') return true;
  return callsMatches(args);
}
