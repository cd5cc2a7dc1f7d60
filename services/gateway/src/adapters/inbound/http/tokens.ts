/** What app.module.ts binds and the HTTP adapters are given. */
export const GATEWAY_EVENTS = Symbol('GATEWAY_EVENTS');
export const DIALOGUE = Symbol('DIALOGUE');
export const MODELS = Symbol('MODELS');
export const EVENT_RECORD = Symbol('EVENT_RECORD');
export const FLEET = Symbol('FLEET');
export const TURN_FOLLOWER = Symbol('TURN_FOLLOWER');
export const TURN_ANSWERS = Symbol('TURN_ANSWERS');
