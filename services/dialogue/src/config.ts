import {
  envEnum,
  envInt,
  kafkaSection,
  loadConfig,
  neighbourSection,
  redisSection,
  serviceSection,
} from '@parley/config';
import type { ConfigOf } from '@parley/config';

const day = 24 * 3_600_000;
const hour = 3_600_000;

/** Every variable of the dialogue service; times in milliseconds. */
const configSpec = {
  service: serviceSection,
  redis: redisSection,
  kafka: kafkaSection,
  neighbours: { model: neighbourSection.model, logging: neighbourSection.logging },
  turns: {
    most: envInt('PARLEY_MAX_TURNS', {
      default: 6_000,
      min: 1,
      doc: 'Turns in flight per instance; more are refused.',
    }),
    firstTokenMs: envInt('PARLEY_FIRST_TOKEN_TIMEOUT_MS', {
      default: 30_000,
      min: 1,
      doc: 'Time until the first token where the request names none.',
    }),
    mostFirstTokenMs: envInt('PARLEY_MAX_FIRST_TOKEN_TIMEOUT_MS', {
      default: 120_000,
      min: 1,
      max: hour,
      doc: 'The longest time until the first token that a request gets.',
    }),
    totalMs: envInt('PARLEY_TURN_TIMEOUT_MS', {
      default: 120_000,
      min: 1,
      doc: 'Time for a whole turn where the request names none.',
    }),
    mostTotalMs: envInt('PARLEY_MAX_TURN_TIMEOUT_MS', {
      default: 600_000,
      min: 1,
      max: day,
      doc: 'The longest time for a whole turn that a request gets.',
    }),
    flushMs: envInt('PARLEY_FLUSH_INTERVAL_MS', {
      default: 25,
      min: 0,
      max: 1_000,
      doc: 'Time between two flushes of an answer that somebody reads as it grows.',
    }),
    flushTokens: envInt('PARLEY_FLUSH_TOKENS', {
      default: 16,
      min: 1,
      doc: 'Tokens that are flushed before that time.',
    }),
  },
  documents: {
    faults: envEnum('PARLEY_DOCUMENT_FAULTS', {
      values: ['tolerate', 'refuse'],
      default: 'tolerate',
      doc: 'Whether a start goes on without the documents that are at fault. `parley up` refuses them at its own start.',
    }),
  },
  ownership: {
    ttlMs: envInt('PARLEY_OWNER_TTL_MS', {
      default: 10_000,
      min: 1_000,
      max: 60_000,
      doc: 'Time after which a silent instance counts as dead; it renews three times as often.',
    }),
    sweepMs: envInt('PARLEY_SWEEP_INTERVAL_MS', {
      default: 2_000,
      min: 50,
      doc: 'Time between two searches for turns of dead instances.',
    }),
  },
  events: {
    whenKafkaAway: envEnum('PARLEY_EVENTS_WHEN_KAFKA_AWAY', {
      values: ['auto', 'outbox', 'refuse'],
      default: 'auto',
      doc: 'What happens to new turns while Kafka does not take events: `outbox` accepts them, `refuse` does not, `auto` accepts them where the state store is known to keep what it has acknowledged.',
    }),
    mostWaitMs: envInt('PARLEY_OUTBOX_MAX_AGE_MS', {
      default: day,
      min: 60_000,
      doc: 'Age of the oldest event in the outbox above which new turns are refused; a day leaves time to act.',
    }),
  },
  retention: {
    logMs: envInt('PARLEY_STREAM_RETENTION_MS', {
      default: 600_000,
      min: 0,
      doc: 'How long a stored turn can be attached to after its end.',
    }),
    unstoredTurnMs: envInt('PARLEY_UNSTORED_RETENTION_MS', {
      default: 600_000,
      min: 0,
      doc: 'How long the textless row of an unstored turn is kept after its end.',
    }),
    storedTurnMs: envInt('PARLEY_RESPONSE_RETENTION_MS', {
      default: 30 * day,
      min: 0,
      doc: 'How long a stored turn is kept after its end.',
    }),
  },
} as const;

export type DialogueConfig = ConfigOf<typeof configSpec>;

/** @throws ConfigError that lists every fault. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): DialogueConfig {
  return loadConfig(configSpec, env);
}
