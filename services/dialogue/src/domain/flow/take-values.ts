import type { FlowCommand, FlowEvent } from './flow-command.ts';
import type { FlowDefinition } from './flow-definition.ts';
import type { SlotValue, Slots } from './slot-value.ts';
import type { MessageRef } from './flow-message.ts';
import type { FlowState } from './flow-state.ts';
import { fits, settle } from './slot-values.ts';
import type { Refusal, SlotValues } from './slot-values.ts';

/** A flow after the values of a message have gone into it. */
export interface TakenValues {
  readonly state: FlowState;
  readonly values: SlotValues;
  readonly events: readonly FlowEvent[];
  /** Why values were not taken. */
  readonly refused: readonly MessageRef[];
  /** Values that were replaced. */
  readonly corrected: readonly MessageRef[];
}

/** Puts the values of `set` into the flow and opens what `correct` names. */
export function takeValues(
  flow: FlowDefinition,
  state: FlowState,
  commands: readonly FlowCommand[],
): TakenValues {
  const changes = changesOf(flow, commands);
  const before = settle(flow, state.given);
  const values = settle(flow, state.given, changes);
  const refusals = firstOfEach(values.refusals);
  const accepted = Object.keys(changes).filter((slot) => values.given[slot] === changes[slot]);
  const changed = accepted.filter((slot) => before.inEffect[slot] !== changes[slot]);
  const replaced = changed.filter((slot) => state.given[slot] !== undefined);
  const wanted = commands.flatMap((command) =>
    command.kind === 'correct' && command.slot in values.inEffect ? [command.slot] : [],
  );
  const reopened = new Set([...state.reopened, ...wanted, ...refusals.map(({ slot }) => slot)]);
  for (const slot of accepted) reopened.delete(slot);
  const { inEffect: slots } = values;
  return {
    values,
    state: {
      ...state,
      given: values.given,
      reopened: [...reopened],
      done: stillDone(flow, state.done, before.inEffect, slots),
    },
    events: [
      ...changed.map((slot): FlowEvent => ({ kind: replaced.includes(slot) ? 'corrected' : 'set', slot })),
      ...wanted.map((slot): FlowEvent => ({ kind: 'reopened', slot })),
      ...refusals.map(({ slot }): FlowEvent => ({ kind: 'rejected', slot })),
    ],
    refused: refusals.map(({ slot, value, say }) => ({ message: say, slots, about: { slot, value } })),
    corrected: replaced.map((slot) => about('corrected', slot, slots, changes)),
  };
}

function about(message: string, slot: string, slots: Slots, changes: Slots): MessageRef {
  const value = changes[slot];
  return { message, slots, about: value === undefined ? undefined : { slot, value } };
}

/** In the order of the document, so that the order of the commands leaves no trace. */
function changesOf(flow: FlowDefinition, commands: readonly FlowCommand[]): Slots {
  const changes: Record<string, SlotValue> = {};
  for (const slot of flow.slots) {
    for (const command of commands) {
      if (command.kind !== 'set' || command.slot !== slot.name) continue;
      if (fits(slot, command.value)) changes[slot.name] = command.value;
    }
  }
  return changes;
}

function firstOfEach(refusals: readonly Refusal[]): readonly Refusal[] {
  return refusals.filter(({ slot }, index) => refusals.findIndex((other) => other.slot === slot) === index);
}

/** A confirmation holds as long as everything that was collected before it is as it was. */
function stillDone(
  flow: FlowDefinition,
  done: readonly number[],
  before: Slots,
  after: Slots,
): readonly number[] {
  const firstChange = flow.steps.findIndex(
    (step) => step.kind === 'collect' && step.slots.some((slot) => before[slot] !== after[slot]),
  );
  if (firstChange === -1) return done;
  return done.filter((index) => index < firstChange || flow.steps[index]?.kind === 'say');
}
