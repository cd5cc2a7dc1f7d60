import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { kafkaKind } from './kafka-kind.ts';
import { findKafka, kafkaVersion } from './kafka-process.ts';

const lock = new URL('../../../../scripts/provision/kafka.lock.json', import.meta.url);

test('Kafka is a folder of jars and Java: with one of them alone there is none', async () => {
  await using cache = await temporaryFolder();
  const variable = (name: string): string | undefined => ({ PARLEY_CACHE: cache.path })[name];
  const withJava = { variable, findProgram: () => '/usr/bin/java' };
  expect(findKafka(withJava)).toBeUndefined();
  const libs = join(cache.path, 'kafka', kafkaVersion, 'libs');
  mkdirSync(libs, { recursive: true });
  expect(findKafka(withJava)).toBe(libs);
  expect(findKafka({ variable, findProgram: () => undefined })).toBeUndefined();
});

test('the version of Kafka is the one that is provisioned', () => {
  expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ version: kafkaVersion });
});

test('the address of Kafka in the environment is a list of brokers', () => {
  expect(kafkaKind.parse('one:9093, two')).toEqual({ brokers: ['one:9093', 'two:9092'] });
  expect(() => kafkaKind.parse('one:port')).toThrow('Invalid URL');
});
