/** The opened StateStore of this process. */
export const STATE = Symbol('STATE');
/** The opened EventLog of this process. */
export const EVENT_LOG = Symbol('EVENT_LOG');
/** The engines of this installation, by name. */
export const ENGINES = Symbol('ENGINES');
/** Follows erasures of users. */
export const ERASURES = Symbol('ERASURES');
/** The fleet's control data. */
export const CONTROL = Symbol('CONTROL');
/** Resolves once the models that were pulled earlier are registered and the work on pulls can be taken up again. */
export const PULLED_MODELS = Symbol('PULLED_MODELS');
/** Resolves once the models that were quantised earlier are registered and such work can be taken up again. */
export const QUANTISED_MODELS = Symbol('QUANTISED_MODELS');
/** Resolves once the models that were converted earlier are registered and such work can be taken up again. */
export const CONVERTED_MODELS = Symbol('CONVERTED_MODELS');
/** The loads of the start have begun, and orders are carried out. */
export const STARTED = Symbol('STARTED');
