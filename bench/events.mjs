/**
 * What an event costs, embedded and on Kafka: publishing, receiving and recording it, beside a bare kafkajs producer and
 * consumer with the same records, acknowledgements and batches. Medians of three rounds that alternate.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topics } from '@parley/contracts';
import { openEventLog } from '@parley/events';
import { findOwnServer, findServer, kafkaKind, postgresKind } from '@parley/testing';
import { bareConsumer, openBareProducer } from './events-bare.mjs';
import { costOf, costOfReceiving, median, publish, turnEnds } from './events-load.mjs';
import { costOfRecording, recordDespiteKills } from './events-record.mjs';

const rounds = 3;
/** So many more events are recorded than published, that the rate is one that lasts. */
const sustained = 3;
/** Before each measurement, so that code is compiled and connections are open. */
const warmUp = 2_000;

export async function run(options) {
  const count = Number(options.events ?? 20_000);
  const bytes = Math.round(turnEnds(100).reduce((sum, { data }) => sum + data.length, 0) / 100);
  const rows = [...(await embedded(count)), ...(await onServers(count))];
  return { events: count, payloadBytes: bytes, rows };
}

async function embedded(count) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  try {
    const log = await openEventLog({ kafka: undefined, file: join(folder, 'fleet.db') });
    const costs = await alternate({
      'publish: SQLite': () => costOfPublishing(log, count),
    });
    costs['receive: SQLite'] = await costOfReceiving(count, (onReceived) => ourConsumer(log, onReceived));
    await log[Symbol.asyncDispose]();
    costs['record: SQLite to SQLite'] = await costOfRecording(sustained * count, warmUp, {}, undefined);
    return rowsOf(costs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function onServers(count) {
  const [kafka, postgres] = await Promise.all([findServer(kafkaKind), findServer(postgresKind)]);
  const missing = kafka.skip ?? postgres.skip;
  if (missing !== undefined) return [{ what: `Kafka and PostgreSQL: skipped, ${missing}` }];
  await using broker = await kafka.start();
  await using database = await postgres.start();
  const { brokers } = broker.address;
  const costs = await besideBare(count, brokers);
  const env = recordOn(broker, database);
  const target = { brokers };
  costs['record: Kafka to PostgreSQL'] = await costOfRecording(sustained * count, warmUp, env, target);
  return [...rowsOf(costs), await despiteKills(count)];
}

/** On servers of its own, which can be killed. */
async function despiteKills(count) {
  const what = 'record: consumer and broker killed';
  const [kafka, postgres] = await Promise.all([findOwnServer(kafkaKind), findServer(postgresKind)]);
  const missing = kafka.skip ?? postgres.skip;
  if (missing !== undefined) return { what: `${what}: skipped, ${missing}` };
  await using broker = await kafka.start();
  await using database = await postgres.start();
  return { what, ...(await recordDespiteKills(count, recordOn(broker, database), broker)) };
}

/** The environment of a service that reads from one and writes to the other. */
function recordOn(broker, database) {
  return {
    PARLEY_KAFKA_BROKERS: broker.address.brokers.join(','),
    PARLEY_POSTGRES_URL: database.address,
  };
}

/** Our adapter and bare kafkajs in turn, each on a topic of its own. */
async function besideBare(count, brokers) {
  const topicPrefix = 'bench.';
  const bareTopic = 'bare';
  const log = await openEventLog({ kafka: { brokers, topicPrefix }, file: '' });
  const bare = await openBareProducer(brokers, bareTopic);
  try {
    const published = await alternate({
      'publish: Kafka': () => costOfPublishing(log, count),
      'publish: bare kafkajs': () => costOfPublishing(bare, count),
    });
    const total = rounds * (count + warmUp);
    let group = 0;
    const received = await alternate({
      'receive: Kafka': () => costOfReceiving(total, (onReceived) => ourConsumer(log, onReceived, ++group)),
      'receive: bare kafkajs': () =>
        costOfReceiving(total, (onReceived) =>
          bareConsumer(brokers, bareTopic, `bare-${++group}`, onReceived),
        ),
    });
    return { ...published, ...received };
  } finally {
    await bare[Symbol.asyncDispose]();
    await log[Symbol.asyncDispose]();
  }
}

async function costOfPublishing(log, count) {
  const append = (records) => log.append(records);
  await publish(append, turnEnds(warmUp));
  const records = turnEnds(count);
  return costOf(count, () => publish(append, records));
}

async function ourConsumer(log, onReceived, group = 0) {
  const subscription = await log.subscribe({
    group: `bench-${group}`,
    topics: [topics.conversation],
    onBatch: async (records) => onReceived(records.length),
  });
  return () => subscription[Symbol.asyncDispose]();
}

/** Runs each measurement in turn, `rounds` times, and takes its median. */
async function alternate(measurements) {
  const costs = Object.fromEntries(Object.keys(measurements).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, measure] of Object.entries(measurements)) costs[name].push(await measure());
  return Object.fromEntries(Object.entries(costs).map(([name, all]) => [name, median(all)]));
}

/** Beside each cost its ratio to bare kafkajs doing the same. */
function rowsOf(costs) {
  return Object.entries(costs).map(([what, { cpuUs, perSecond, ...rest }]) => {
    const bare = costs[`${what.split(':')[0]}: bare kafkajs`];
    const ratio = bare === undefined ? {} : { overBare: Number((cpuUs / bare.cpuUs).toFixed(2)) };
    return { what, cpuUs: Number(cpuUs.toFixed(1)), perSecond: Math.round(perSecond), ...ratio, ...rest };
  });
}
