import type { FlowDefinition, SlotDefinition } from './flow-definition.ts';
import type { SlotValue, Slots } from './slot-value.ts';

/** A value that was not taken. */
export interface Refusal {
  readonly slot: string;
  readonly value: SlotValue;
  readonly say: string;
}

/** What the slots of a flow hold. */
export interface SlotValues {
  /** The user's values; also those of slots that are not needed now, in case they are again. */
  readonly given: Slots;
  /** What counts: values and defaults of the slots that are needed; every one of them valid. */
  readonly inEffect: Slots;
  /** Needed, and without a value. */
  readonly missing: readonly string[];
  readonly refusals: readonly Refusal[];
}

/**
 * Takes changes into the values of a flow. A value that a rule refuses leaves what was there before, or nothing. Slots
 * are looked at in the order of the document, each with the values before it, so that the order of the changes does
 * not matter and a change is also seen by the rules of the slots after it.
 */
export function settle(flow: FlowDefinition, before: Slots, changes: Slots = {}): SlotValues {
  const given: Record<string, SlotValue> = {};
  const inEffect: Record<string, SlotValue> = {};
  const missing: string[] = [];
  const refusals: Refusal[] = [];
  for (const slot of flow.slots) {
    const candidates = [changes[slot.name], before[slot.name]].filter((value) => value !== undefined);
    const needed = slot.needed(inEffect);
    if (!needed) {
      if (candidates[0] !== undefined) given[slot.name] = candidates[0];
      continue;
    }
    const taken = firstValid(slot, candidates, inEffect, refusals);
    if (taken !== undefined) given[slot.name] = taken;
    const value = taken ?? validDefault(slot, inEffect);
    if (value === undefined) missing.push(slot.name);
    else inEffect[slot.name] = value;
  }
  return { given, inEffect, missing, refusals };
}

/** Whether a slot of this type can hold the value at all; what its rules say about it is another matter. */
export function fits(slot: SlotDefinition, value: SlotValue): boolean {
  switch (slot.type) {
    case 'enum':
      return slot.values.some((known) => known.value === value);
    case 'integer':
      return Number.isSafeInteger(value);
    case 'text':
      return typeof value === 'string' && value !== '' && slot.matches?.(value) !== false;
  }
}

function firstValid(
  slot: SlotDefinition,
  candidates: readonly SlotValue[],
  before: Slots,
  refusals: Refusal[],
): SlotValue | undefined {
  for (const value of new Set(candidates)) {
    const rule = slot.rejects.find((reject) => reject.when(value, before));
    if (rule === undefined) return value;
    refusals.push({ slot: slot.name, value, say: rule.say });
  }
  return undefined;
}

function validDefault(slot: SlotDefinition, before: Slots): SlotValue | undefined {
  const value = slot.default;
  if (value === undefined) return undefined;
  return slot.rejects.some((reject) => reject.when(value, before)) ? undefined : value;
}
