import { serviceNames } from './service-name.ts';
import type { ServiceName } from './service-name.ts';

/** A label's values: a closed list, or `bounded` = open to the compiler but bounded by what the service configures. */
export type LabelValues = readonly string[] | 'bounded';

/** One metric as it is registered: nothing else may be served on /metrics, except the default process metrics. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly service: ServiceName;
  readonly help: string;
  readonly labels: Readonly<Record<string, LabelValues>>;
  /** Upper bounds, of a histogram only. */
  readonly buckets?: readonly number[];
}

/** Whole requests and turns, 5 ms to the ceiling of 120 s and beyond; neighbours differ by at most a factor of 2. */
const requestSeconds = [
  0.005, 0.01, 0.02, 0.035, 0.06, 0.1, 0.15, 0.25, 0.4, 0.6, 0.85, 1.2, 1.7, 2.5, 3.5, 5, 7.5, 11, 16, 24, 36,
  54, 80, 120, 180,
];

/** Time to the first chunk: fine around the values that a person notices, up to the limit of 30 s and a queue's 60 s. */
const firstChunkSeconds = [
  0.01, 0.02, 0.035, 0.06, 0.1, 0.15, 0.22, 0.33, 0.5, 0.75, 1.1, 1.6, 2.4, 3.5, 5, 7.5, 11, 16, 22, 30, 60,
];

/** Time per output token, from a large GPU (2 ms) to a starved CPU (2 s). */
const tokenSeconds = [
  0.002, 0.004, 0.006, 0.009, 0.013, 0.02, 0.03, 0.045, 0.065, 0.1, 0.15, 0.22, 0.33, 0.5, 0.75, 1.1, 2,
];

/** Loading a model: from a few megabytes in the page cache to many gigabytes from a slow disk. */
const loadSeconds = [0.1, 0.2, 0.4, 0.75, 1.25, 2, 3.5, 6, 10, 17, 30, 50, 80, 120, 200, 300, 600];

/** A commit to a local or near database. */
const writeSeconds = [
  0.0005, 0.001, 0.002, 0.0035, 0.006, 0.01, 0.018, 0.03, 0.05, 0.09, 0.15, 0.25, 0.5, 1, 2, 5,
];

/** Powers of two from one token to a context of 128 Ki; close enough for a median, and few. */
const tokenCounts = [
  1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072,
];

const protocols = ['http', 'sse', 'websocket', 'grpc'] as const;

/**
 * Every metric of the fleet: the one place that names them, their labels and buckets. Labels carry no ids and no free
 * text. The names are the contract with dashboards and alerts; the GenAI ones are OpenTelemetry's.
 */
export const metricSchema = {
  parley_gateway_request_duration_seconds: {
    type: 'histogram',
    service: 'gateway',
    help: "Time from a request's arrival to the last byte of its answer.",
    labels: { route: 'bounded', protocol: protocols, status_class: ['1xx', '2xx', '3xx', '4xx', '5xx'] },
    buckets: requestSeconds,
  },
  parley_gateway_inflight_requests: {
    type: 'gauge',
    service: 'gateway',
    help: 'Requests whose answer has not ended.',
    labels: { protocol: protocols },
  },
  parley_gateway_connections: {
    type: 'gauge',
    service: 'gateway',
    help: 'Open client connections.',
    labels: { protocol: protocols },
  },
  parley_gateway_rejected_total: {
    type: 'counter',
    service: 'gateway',
    help: 'Requests that were refused before any work, by error code.',
    labels: { reason: 'bounded' },
  },
  parley_gateway_time_to_first_chunk_seconds: {
    type: 'histogram',
    service: 'gateway',
    help: "Time from a streamed request's arrival to the first chunk that carries text.",
    labels: {},
    buckets: firstChunkSeconds,
  },
  parley_dialogue_inflight_turns: {
    type: 'gauge',
    service: 'dialogue',
    help: 'Turns that this process owns and that have not ended.',
    labels: {},
  },
  parley_dialogue_turn_duration_seconds: {
    type: 'histogram',
    service: 'dialogue',
    help: "Time from a turn's acceptance to its end.",
    labels: { outcome: ['completed', 'failed', 'cancelled', 'incomplete'] },
    buckets: requestSeconds,
  },
  parley_dialogue_model_inflight: {
    type: 'gauge',
    service: 'dialogue',
    help: 'Calls of the model service that have not ended.',
    labels: {},
  },
  parley_dialogue_model_queued: {
    type: 'gauge',
    service: 'dialogue',
    help: 'Starts of turns that wait for a model that is being switched or loaded; its demand beside the calls.',
    labels: {},
  },
  parley_dialogue_strategy_duration_seconds: {
    type: 'histogram',
    service: 'dialogue',
    help: 'Time that a strategy takes at one hook of a turn.',
    labels: { strategy: 'bounded', hook: ['input.received', 'context.build', 'output.deliver'] },
    buckets: writeSeconds,
  },
  parley_dialogue_document_faults: {
    type: 'gauge',
    service: 'dialogue',
    help: 'Faults in the documents as their files lie now; what is at fault is not in effect.',
    labels: { kind: ['Assistant', 'MemoryStrategy', 'Flow', 'other'] },
  },
  parley_outbox_pending: {
    type: 'gauge',
    service: 'dialogue',
    help: 'Committed events that are not published yet.',
    labels: {},
  },
  parley_outbox_oldest_seconds: {
    type: 'gauge',
    service: 'dialogue',
    help: 'Age of the oldest event that is not published yet; 0 when there is none.',
    labels: {},
  },
  gen_ai_server_request_duration_seconds: {
    type: 'histogram',
    service: 'model',
    help: "Time from a generation request's arrival to its last token; error_type is empty when it ended well.",
    labels: { gen_ai_response_model: 'bounded', error_type: 'bounded' },
    buckets: requestSeconds,
  },
  gen_ai_server_time_to_first_token_seconds: {
    type: 'histogram',
    service: 'model',
    help: "Time from a generation request's arrival to its first token, queueing included.",
    labels: { gen_ai_response_model: 'bounded' },
    buckets: firstChunkSeconds,
  },
  gen_ai_server_time_per_output_token_seconds: {
    type: 'histogram',
    service: 'model',
    help: 'Mean time per output token after the first, one observation per request.',
    labels: { gen_ai_response_model: 'bounded' },
    buckets: tokenSeconds,
  },
  gen_ai_client_token_usage: {
    type: 'histogram',
    service: 'model',
    help: "Tokens per request, counted with the model's own tokenizer.",
    labels: { gen_ai_response_model: 'bounded', gen_ai_token_type: ['input', 'output'] },
    buckets: tokenCounts,
  },
  parley_model_load_duration_seconds: {
    type: 'histogram',
    service: 'model',
    help: 'Time from the order to load or switch a model until it can answer.',
    labels: { model: 'bounded', kind: ['load', 'switch'] },
    buckets: loadSeconds,
  },
  parley_model_state: {
    type: 'gauge',
    service: 'model',
    help: '1 for the state that a configured model is in, 0 for the others.',
    labels: { model: 'bounded', state: ['registered', 'loading', 'ready', 'draining', 'failed', 'unloaded'] },
  },
  parley_model_memory_bytes: {
    type: 'gauge',
    service: 'model',
    help: 'Memory that a loaded model takes.',
    labels: { model: 'bounded', device: 'bounded', kind: ['weights', 'kv', 'compute'] },
  },
  parley_gpu_memory_used_bytes: {
    type: 'gauge',
    service: 'model',
    help: 'Memory of the graphics cards that is taken, by whomever, when a model was loaded last; absent without a card.',
    labels: { device: 'bounded' },
  },
  parley_gpu_memory_total_bytes: {
    type: 'gauge',
    service: 'model',
    help: 'Memory of the graphics cards together; absent without a card.',
    labels: { device: 'bounded' },
  },
  parley_model_slots: {
    type: 'gauge',
    service: 'model',
    help: 'Sequences that a loaded model can hold at once.',
    labels: { model: 'bounded', state: ['busy', 'free'] },
  },
  parley_model_queue_length: {
    type: 'gauge',
    service: 'model',
    help: 'Requests that wait for a slot.',
    labels: { model: 'bounded' },
  },
  parley_model_host_restarts_total: {
    type: 'counter',
    service: 'model',
    help: 'Engine hosts that took the place of one that died, or that held too much memory.',
    labels: { why: ['died', 'replaced'] },
  },
  parley_model_events_dropped_total: {
    type: 'counter',
    service: 'model',
    help: 'Model events that were not published because the event log was away for too long.',
    labels: {},
  },
  parley_model_kv_reused_tokens_total: {
    type: 'counter',
    service: 'model',
    help: 'Prompt tokens that were not read again because an earlier request had read them.',
    labels: { model: 'bounded', tier: ['sequence', 'copy', 'disk', 'elsewhere'] },
  },
  parley_model_batch_size: {
    type: 'histogram',
    service: 'model',
    help: 'Sequences that advanced in one decode step.',
    labels: {},
    buckets: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 128],
  },
  parley_jobs: {
    type: 'gauge',
    service: 'model',
    help: 'Jobs of the whole fleet, by what they are about and how they are; ended ones as long as they are kept.',
    labels: { kind: 'bounded', state: ['queued', 'running', 'succeeded', 'failed', 'cancelled'] },
  },
  parley_job_wait_seconds: {
    type: 'histogram',
    service: 'model',
    help: 'Time from the making of a job to its start.',
    labels: { kind: 'bounded' },
    buckets: loadSeconds,
  },
  parley_logging_consumer_lag: {
    type: 'gauge',
    service: 'logging',
    help: 'Events in the event log that are not in the record yet.',
    labels: {},
  },
  parley_logging_events_total: {
    type: 'counter',
    service: 'logging',
    help: 'Events consumed, by CloudEvents type and what became of them.',
    labels: { type: 'bounded', outcome: ['recorded', 'duplicate', 'dead_letter'] },
  },
  parley_logging_write_duration_seconds: {
    type: 'histogram',
    service: 'logging',
    help: 'Time to commit one batch of events to the record.',
    labels: {},
    buckets: writeSeconds,
  },
  parley_logging_dead_letters_total: {
    type: 'counter',
    service: 'logging',
    help: 'Events that could not be recorded and were set aside.',
    labels: { reason: 'bounded' },
  },
  parley_fleet_instances: {
    type: 'gauge',
    service: 'monitoring',
    help: 'Instances of each service, by what monitoring sees of them.',
    labels: { service: serviceNames, state: ['unknown', 'ready', 'not_ready', 'unresponsive', 'down'] },
  },
} as const satisfies Record<string, MetricDefinition>;

type Schema = typeof metricSchema;

/** A registered metric. */
export type MetricName = keyof Schema;

type NamesOfType<T extends MetricDefinition['type']> = {
  [N in MetricName]: Schema[N]['type'] extends T ? N : never;
}[MetricName];

/** A registered counter. */
export type CounterName = NamesOfType<'counter'>;
/** A registered gauge. */
export type GaugeName = NamesOfType<'gauge'>;
/** A registered histogram. */
export type HistogramName = NamesOfType<'histogram'>;

/** The labels that an observation of metric `N` must carry, every one of them. */
export type LabelsOf<N extends MetricName> = {
  readonly [L in keyof Schema[N]['labels']]: Schema[N]['labels'][L] extends readonly (infer V)[] ? V : string;
};
