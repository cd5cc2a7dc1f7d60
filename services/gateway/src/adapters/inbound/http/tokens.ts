/** What app.module.ts binds and the HTTP adapters are given. */
export const GATEWAY_EVENTS = Symbol('GATEWAY_EVENTS');
export const MODELS = Symbol('MODELS');
export const MODEL_INVENTORY = Symbol('MODEL_INVENTORY');
export const MODEL_MOVES = Symbol('MODEL_MOVES');
export const MODEL_JOBS = Symbol('MODEL_JOBS');
export const ASSISTANTS = Symbol('ASSISTANTS');
export const EMBEDDER = Symbol('EMBEDDER');
export const TOKEN_COUNTER = Symbol('TOKEN_COUNTER');
export const DOCUMENT_REPORTS = Symbol('DOCUMENT_REPORTS');
export const EVENT_RECORD = Symbol('EVENT_RECORD');
export const RECORD_CARE = Symbol('RECORD_CARE');
/** How patient streams are with their readers. */
export const STREAM_LIMITS = Symbol('STREAM_LIMITS');
export const FLEET = Symbol('FLEET');
export const TURNS = Symbol('TURNS');
export const TURN_ANSWERS = Symbol('TURN_ANSWERS');
