import type { FlowDefinition } from './flow-definition.ts';
import type { Slots } from './slot-value.ts';
import { fits } from './slot-values.ts';

/** The question that a flow has put. `nothing`: it is about to put one. */
export type OpenQuestion =
  | { readonly kind: 'slot'; readonly slot: string }
  | { readonly kind: 'confirm'; readonly step: number }
  | { readonly kind: 'edit' | 'cancel' | 'nothing' };

/** A flow that is going on; plain JSON, so that it can be stored with the turn. */
export type FlowState = {
  readonly flow: string;
  readonly version: string;
  readonly digest: string;
  /** What the user gave; defaults are not in it. */
  readonly given: Slots;
  /** Slots to be asked for although they have a value. */
  readonly reopened: readonly string[];
  /** Indices of the steps that were said or confirmed. */
  readonly done: readonly number[];
  readonly question: OpenQuestion;
  /** In a row. */
  readonly misunderstood: number;
};

/** A flow at its beginning. */
export function openedFlow({ name, version, digest }: FlowDefinition): FlowState {
  return {
    flow: name,
    version,
    digest,
    given: {},
    reopened: [],
    done: [],
    question: { kind: 'nothing' },
    misunderstood: 0,
  };
}

/** What was stored, if it is the state of a flow. */
export function readFlowState(stored: unknown): FlowState | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  const state = stored as Partial<FlowState>;
  const whole =
    typeof state.flow === 'string' &&
    typeof state.given === 'object' &&
    state.given !== null &&
    Array.isArray(state.reopened) &&
    Array.isArray(state.done) &&
    typeof state.question?.kind === 'string' &&
    typeof state.misunderstood === 'number';
  return whole ? (state as FlowState) : undefined;
}

/** Whether the state was made by another text of the flow. */
export function isOfAnotherText(flow: FlowDefinition, state: FlowState): boolean {
  return state.digest !== flow.digest;
}

/**
 * The state under another text of the flow than the one that made it: values of slots that are still there stay, to be
 * checked by the new rules. Whatever was confirmed, and the question that was put, counted under the old text only.
 */
export function movedFlow(flow: FlowDefinition, state: FlowState): FlowState {
  const kept = flow.slots.flatMap((slot) => {
    const value = state.given[slot.name];
    return value !== undefined && fits(slot, value) ? [[slot.name, value] as const] : [];
  });
  const said = flow.steps.flatMap((step, index) =>
    step.kind === 'say' && state.done.includes(index) ? [index] : [],
  );
  return { ...openedFlow(flow), given: Object.fromEntries(kept), done: said };
}
