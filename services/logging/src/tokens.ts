/** What the composition root binds and others are given. */
export const EVENT_LOG = Symbol('EVENT_LOG');
export const RECORD_STORE = Symbol('RECORD_STORE');
/** Opens the fleet's StateStore. */
export const STATE = Symbol('STATE');
export const ERASURE_FACTS = Symbol('ERASURE_FACTS');
export const BACKGROUND = Symbol('BACKGROUND');
