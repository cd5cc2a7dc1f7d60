import type { FlowState } from './flow-state.ts';
import type { SlotValues } from './slot-values.ts';

/** What a yes or a no does to a flow. */
export type AnswerEffect =
  /** It goes on from this state. */
  | { readonly kind: 'on'; readonly state: FlowState }
  | { readonly kind: 'edit' }
  | { readonly kind: 'cancel' }
  /** It was no answer to the question. */
  | { readonly kind: 'unclear' };

/** A yes or a no without values, as an answer to the open question. */
export function takeAnswer(state: FlowState, yes: boolean, values: SlotValues): AnswerEffect {
  const { question } = state;
  switch (question.kind) {
    case 'confirm':
      return yes
        ? { kind: 'on', state: { ...state, done: [...state.done, question.step] } }
        : { kind: 'edit' };
    case 'cancel':
      return yes ? { kind: 'cancel' } : { kind: 'on', state };
    case 'edit':
      // Yes or no to "What shall I change?" can only mean that nothing is to change.
      return { kind: 'on', state };
    case 'slot': {
      const { slot } = question;
      if (!state.reopened.includes(slot) || !(slot in values.inEffect)) return { kind: 'unclear' };
      return { kind: 'on', state: { ...state, reopened: state.reopened.filter((other) => other !== slot) } };
    }
    case 'nothing':
      return { kind: 'unclear' };
  }
}
