import type { FlowDefinition } from './flow-definition.ts';
import type { OpenQuestion } from './flow-state.ts';
import type { SlotValues } from './slot-values.ts';

/** Where a flow goes from here. */
export interface WayOn {
  /** Messages of the steps on the way. */
  readonly says: readonly string[];
  /** Undefined: the flow has come to its end. */
  readonly question: OpenQuestion | undefined;
  readonly done: readonly number[];
}

/** Goes through the steps up to the first one that needs an answer. */
export function wayOn(
  flow: FlowDefinition,
  values: SlotValues,
  reopened: readonly string[],
  done: readonly number[],
): WayOn {
  const says: string[] = [];
  const passed = [...done];
  for (const [index, step] of flow.steps.entries()) {
    if (step.kind === 'collect') {
      const slot = slotToAsk(step.slots, values, reopened);
      if (slot !== undefined) return { says, question: { kind: 'slot', slot }, done: passed };
    } else if (!passed.includes(index) && step.applies(values.inEffect)) {
      if (step.kind === 'confirm') return { says, question: { kind: 'confirm', step: index }, done: passed };
      says.push(step.message);
      passed.push(index);
    }
  }
  return { says, question: undefined, done: passed };
}

/** What was not taken or is to be changed comes first: the user has it in mind. */
function slotToAsk(
  slots: readonly string[],
  values: SlotValues,
  reopened: readonly string[],
): string | undefined {
  const needed = (slot: string): boolean => slot in values.inEffect || values.missing.includes(slot);
  return (
    slots.find((slot) => reopened.includes(slot) && needed(slot)) ??
    slots.find((slot) => values.missing.includes(slot))
  );
}

/** The message that puts a question. */
export function messageOf(flow: FlowDefinition, question: OpenQuestion): string {
  switch (question.kind) {
    case 'slot':
      return flow.slots.find(({ name }) => name === question.slot)?.ask ?? 'unclear';
    case 'confirm': {
      const step = flow.steps[question.step];
      return step?.kind === 'confirm' ? step.message : 'unclear';
    }
    case 'edit':
      return 'edit';
    case 'cancel':
      return 'stuck';
    case 'nothing':
      return 'unclear';
  }
}
