import { readFileSync } from 'node:fs';
import { ConfigError } from './config-error.ts';
import type { ConfigFault } from './config-error.ts';
import { envBool, envEnum, envInt, envList, envPath, envSecret, envString } from './env-var.ts';
import type { ConfigOf } from './load-config.ts';

const day = 24 * 3_600_000;

/** Where the fleet's Kafka is; no brokers = the embedded event log in the data folder. */
export const kafkaSection = {
  brokers: envList('PARLEY_KAFKA_BROKERS', {
    default: [],
    doc: 'Some brokers of the Kafka cluster, as host:9092.',
  }),
  tls: envBool('PARLEY_KAFKA_TLS', {
    default: false,
    doc: 'Whether connections are encrypted, with certificates that Node trusts.',
  }),
  tlsCaFile: envPath('PARLEY_KAFKA_TLS_CA', {
    default: '',
    doc: 'The file of the authority that signed the certificates of the brokers; given, connections are encrypted.',
  }),
  mechanism: envEnum('PARLEY_KAFKA_SASL_MECHANISM', {
    values: ['none', 'plain', 'scram-sha-256', 'scram-sha-512'],
    default: 'none',
    doc: 'How the user proves who it is.',
  }),
  username: envString('PARLEY_KAFKA_USERNAME', { default: '', doc: 'The user of the cluster.' }),
  password: envSecret('PARLEY_KAFKA_PASSWORD', { default: '', doc: 'The password of that user.' }),
  topicPrefix: envString('PARLEY_KAFKA_TOPIC_PREFIX', {
    default: '',
    doc: 'What the names of topics and groups begin with: fleets that share a cluster need different ones.',
  }),
  partitions: envInt('PARLEY_KAFKA_PARTITIONS', {
    default: 12,
    min: 1,
    max: 1_000,
    doc: 'Partitions of a topic that is made; 12 can be shared evenly by 2, 3, 4, 6 or 12 logging instances.',
  }),
  replication: envInt('PARLEY_KAFKA_REPLICATION', {
    default: 0,
    min: 0,
    max: 100,
    doc: 'Brokers that keep each record of a topic that is made; 0 = three, or as many as there are then.',
  }),
  retentionMs: envInt('PARLEY_KAFKA_RETENTION_MS', {
    default: 7 * day,
    min: 60_000,
    doc: 'How long a topic that is made keeps events; the record must not be further behind.',
  }),
  deadLetterRetentionMs: envInt('PARLEY_KAFKA_DEAD_LETTER_RETENTION_MS', {
    default: 30 * day,
    min: 60_000,
    doc: 'How long a topic that is made keeps dead letters.',
  }),
} as const;

/** The values of `kafkaSection`. */
export type KafkaSection = ConfigOf<typeof kafkaSection>;

/** How to reach the Kafka that a section names; what `openEventLog` of `@parley/events` takes. */
export interface KafkaTarget {
  readonly brokers: readonly string[];
  readonly topicPrefix: string;
  readonly topics: {
    readonly partitions: number;
    readonly replication: number;
    readonly retentionMs: number;
    readonly deadLetterRetentionMs: number;
  };
  readonly tls?: { readonly ca?: string };
  readonly sasl?: {
    readonly mechanism: Exclude<KafkaSection['mechanism'], 'none'>;
    readonly username: string;
    readonly password: string;
  };
}

/**
 * What a section says, checked as a whole; undefined where it names no brokers. Reads the file of the authority.
 * @throws ConfigError that lists every fault.
 */
export function kafkaTargetOf(section: KafkaSection): KafkaTarget | undefined {
  const { topicPrefix, partitions, replication, retentionMs, deadLetterRetentionMs } = section;
  const faults = [...addressFaults(section), ...prefixFaults(section)];
  const sasl = saslOf(section, faults);
  const ca = section.tlsCaFile === '' ? undefined : textOf(section.tlsCaFile, faults);
  if (faults.length > 0) throw new ConfigError(faults);
  if (section.brokers.length === 0) return undefined;
  return {
    brokers: section.brokers,
    topicPrefix,
    topics: { partitions, replication, retentionMs, deadLetterRetentionMs },
    ...(ca === undefined ? {} : { tls: { ca } }),
    ...(ca === undefined && section.tls ? { tls: {} } : {}),
    ...(sasl === undefined ? {} : { sasl }),
  };
}

function addressFaults({ brokers }: KafkaSection): ConfigFault[] {
  return brokers.flatMap((text) => {
    const [, port = ''] = /^(?:\[[^[\]/@\s]+\]|[^[\]:/@\s]+):(\d{1,5})$/.exec(text) ?? [];
    if (Number(port) > 0 && Number(port) < 65_536) return [];
    return [
      { variable: 'PARLEY_KAFKA_BROKERS', message: `"${text}" is not an address such as kafka-0:9092.` },
    ];
  });
}

/** Kafka's own rule for the names of topics, with room for ours. */
function prefixFaults({ topicPrefix }: KafkaSection): ConfigFault[] {
  if (/^[A-Za-z0-9._-]{0,150}$/.test(topicPrefix)) return [];
  const message = 'may have at most 150 letters, digits, dots, underscores and hyphens.';
  return [{ variable: 'PARLEY_KAFKA_TOPIC_PREFIX', message }];
}

function saslOf(section: KafkaSection, faults: ConfigFault[]): KafkaTarget['sasl'] {
  const { mechanism, username } = section;
  const password = section.password.reveal();
  if (mechanism === 'none' && username === '' && password === '') return undefined;
  if (mechanism !== 'none' && username !== '' && password !== '') return { mechanism, username, password };
  const variable = 'PARLEY_KAFKA_SASL_MECHANISM, PARLEY_KAFKA_USERNAME, PARLEY_KAFKA_PASSWORD';
  faults.push({ variable, message: 'belong together: all must be set, or none.' });
  return undefined;
}

function textOf(file: string, faults: ConfigFault[]): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    faults.push({ variable: 'PARLEY_KAFKA_TLS_CA', message: `cannot be read: ${why}` });
    return undefined;
  }
}
