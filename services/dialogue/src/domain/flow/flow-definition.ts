import type { LocaleText } from '../assistant/locale-text.ts';
import type { FlowTest } from './flow-test.ts';
import type { SlotValue, Slots } from './slot-value.ts';

/** A value that a rule of the document does not take, and the message that says why. */
interface RejectRule {
  /** @param slots the values of the slots that are declared before this one */
  when(value: SlotValue, slots: Slots): boolean;
  readonly say: string;
}

interface AnySlot {
  readonly name: string;
  /** How people name it, in any language: "size", "大小". */
  readonly called: readonly string[];
  /** Taken without a question. */
  readonly default: SlotValue | undefined;
  /** @param slots the values of the slots that are declared before this one */
  needed(slots: Slots): boolean;
  readonly rejects: readonly RejectRule[];
  /** The message that asks for it. */
  readonly ask: string;
}

/** One value of an enum. */
export interface EnumValue {
  readonly value: string;
  /** How messages name it. */
  readonly label: LocaleText;
  /** Every way in which people say it, in any language. */
  readonly said: readonly string[];
}

/** One of a few values. */
export interface EnumSlot extends AnySlot {
  readonly type: 'enum';
  readonly values: readonly EnumValue[];
}

/** A whole number. */
export interface IntegerSlot extends AnySlot {
  readonly type: 'integer';
}

/** Words of the user's own. */
export interface TextSlot extends AnySlot {
  readonly type: 'text';
  /** Whether a text is such a value as a whole; undefined: every text is. */
  readonly matches: ((text: string) => boolean) | undefined;
}

/** Something that a flow finds out from the user. */
export type SlotDefinition = EnumSlot | IntegerSlot | TextSlot;

/** What a flow does, in order. */
export type FlowStep =
  | { readonly kind: 'collect'; readonly slots: readonly string[] }
  | {
      readonly kind: 'confirm' | 'say';
      readonly message: string;
      /** Whether the step is taken with these values. */
      applies(slots: Slots): boolean;
    };

/** A guided conversation, compiled from its document. */
export interface FlowDefinition {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  /** Whether a message starts the flow. */
  starts(text: string): boolean;
  /** Whether the first message of a conversation starts it whatever it says. */
  readonly atFirstMessage: boolean;
  /** In the order of the document; the rules of each know only those before it. */
  readonly slots: readonly SlotDefinition[];
  readonly steps: readonly FlowStep[];
  /** Misunderstandings in a row until it offers to cancel. */
  readonly stuckAfter: number;
  /** The document's messages and the standard ones. */
  readonly messages: Readonly<Record<string, LocaleText>>;
  /** The document's own tests. */
  readonly tests: readonly FlowTest[];
}
