import type { SlotValue } from './slot-value.ts';

/** Everything that a message can mean to a flow. */
export type FlowCommand =
  | { readonly kind: 'start' | 'confirm' | 'deny' | 'cancel' | 'restart' }
  /** The user gives a value, be it the first one or another. */
  | { readonly kind: 'set'; readonly slot: string; readonly value: SlotValue }
  /** The user wants to change a slot and does not say to what. */
  | { readonly kind: 'correct'; readonly slot: string }
  /** The user wants to hear the question again. */
  | { readonly kind: 'repeat' }
  /** An answer in which nothing was found. No command at all: the message is not for the flow. */
  | { readonly kind: 'unclear' };

/** What happened in a flow; names of slots, never what the user said. */
export type FlowEvent =
  | {
      readonly kind:
        | 'started'
        | 'restarted'
        | 'moved'
        | 'confirmed'
        | 'denied'
        | 'misunderstood'
        | 'digressed'
        | 'offered_cancel'
        | 'completed'
        | 'cancelled';
    }
  | { readonly kind: 'set' | 'corrected' | 'rejected' | 'reopened'; readonly slot: string };
