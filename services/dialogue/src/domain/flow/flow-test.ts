import type { SlotValue } from './slot-value.ts';

/** What a test of a document expects of one turn; what is not given is not looked at. */
export interface FlowExpectation {
  /** Values in effect after the turn; null = has none. */
  readonly slots?: Readonly<Record<string, SlotValue | null>> | undefined;
  /** The slot that is asked for, or `confirm`, `edit`, `cancel`. */
  readonly asks?: string | undefined;
  /** Pieces of the flow's text. */
  readonly says?: readonly string[] | undefined;
  readonly flow?: 'open' | 'completed' | 'cancelled' | 'none' | undefined;
  readonly handled?: boolean | undefined;
}

/** One conversation with a flow. */
export interface FlowTest {
  readonly name: string;
  /** Undefined: as the script of each message says. */
  readonly locale: string | undefined;
  readonly turns: readonly { readonly user: string; readonly expect: FlowExpectation }[];
}
