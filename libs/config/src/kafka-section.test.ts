import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, kafkaSection, kafkaTargetOf, loadConfig } from '@parley/config';
import type { KafkaTarget } from '@parley/config';
import { describe, expect, it, onTestFinished } from 'vitest';

function target(env: NodeJS.ProcessEnv): KafkaTarget | undefined {
  return kafkaTargetOf(loadConfig(kafkaSection, env));
}

function faultOf(env: NodeJS.ProcessEnv): string {
  try {
    target(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
  }
  return '';
}

const brokers = { PARLEY_KAFKA_BROKERS: 'kafka-0:9092, [::1]:9093' };
const login = {
  PARLEY_KAFKA_SASL_MECHANISM: 'scram-sha-512',
  PARLEY_KAFKA_USERNAME: 'parley',
  PARLEY_KAFKA_PASSWORD: 'secret',
};

describe('the Kafka of a fleet', () => {
  it('is none where no brokers are named', () => {
    expect(target({})).toBeUndefined();
    expect(target({ PARLEY_KAFKA_TLS: 'yes', ...login })).toBeUndefined();
  });

  it('is a cluster by some of its brokers, with topics as they are by default', () => {
    const day = 24 * 3_600_000;
    expect(target(brokers)).toEqual({
      brokers: ['kafka-0:9092', '[::1]:9093'],
      topicPrefix: '',
      topics: { partitions: 12, replication: 0, retentionMs: 7 * day, deadLetterRetentionMs: 30 * day },
    });
    const topics = { PARLEY_KAFKA_PARTITIONS: '6', PARLEY_KAFKA_REPLICATION: '3' };
    expect(target({ ...brokers, ...topics, PARLEY_KAFKA_TOPIC_PREFIX: 'blue.' })).toMatchObject({
      topicPrefix: 'blue.',
      topics: { partitions: 6, replication: 3 },
    });
  });

  it('is spoken to with TLS where that is asked for or an authority is given', () => {
    expect(target({ ...brokers, PARLEY_KAFKA_TLS: 'true' })).toMatchObject({ tls: {} });
    const folder = mkdtempSync(join(tmpdir(), 'parley-kafka-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'ca.pem');
    writeFileSync(file, 'an authority');
    expect(target({ ...brokers, PARLEY_KAFKA_TLS_CA: file })).toMatchObject({ tls: { ca: 'an authority' } });
    expect(faultOf({ ...brokers, PARLEY_KAFKA_TLS_CA: `${file}.missing` })).toMatch(
      /PARLEY_KAFKA_TLS_CA: cannot be read: .*missing/,
    );
  });

  it('knows its user by mechanism, name and password together', () => {
    expect(target({ ...brokers, ...login })).toMatchObject({
      sasl: { mechanism: 'scram-sha-512', username: 'parley', password: 'secret' },
    });
    const half = faultOf({ ...brokers, PARLEY_KAFKA_USERNAME: 'parley', PARLEY_KAFKA_PASSWORD: 'hidden' });
    expect(half).toContain('belong together');
    expect(half).not.toContain('hidden');
  });

  it('needs addresses with a port, and a prefix that Kafka takes', () => {
    expect(faultOf({ PARLEY_KAFKA_BROKERS: 'kafka-0,kafka-1:99999' })).toMatch(
      /"kafka-0".*\n.*"kafka-1:99999"/,
    );
    expect(faultOf({ ...brokers, PARLEY_KAFKA_TOPIC_PREFIX: 'a/b' })).toContain('PARLEY_KAFKA_TOPIC_PREFIX');
  });
});
