/**
 * What an event costs, embedded and on Kafka: publishing, receiving and recording it, beside a bare kafkajs producer and
 * consumer with the same records, acknowledgements and batches. Medians of three rounds that alternate.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '@parley/contracts';
import { openEventLog } from '@parley/events';
import { findServer, kafkaKind, postgresKind } from '@parley/testing';
import { bareConsumer, openBareProducer } from './events-bare.mjs';
import { costOf, costOfReceiving, median, publish, turnEnds } from './events-load.mjs';
import { usage, withFleet } from './harness.mjs';

const rounds = 3;
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
    costs['record: SQLite to SQLite'] = await costOfRecording(count, {}, undefined);
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
  const env = { PARLEY_KAFKA_BROKERS: brokers.join(','), PARLEY_POSTGRES_URL: database.address };
  costs['record: Kafka to PostgreSQL'] = await costOfRecording(count, env, { brokers });
  return rowsOf(costs);
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

/** What the logging service spends per event, from the log to its store; the events per second include publishing. */
async function costOfRecording(count, env, kafka) {
  const only = ['logging'];
  return withFleet({ only, env: { ...process.env, ...env } }, async (fleet) => {
    const log = await openEventLog({ kafka, file: join(fleet.dataDir, 'fleet.db') });
    try {
      await publish((records) => log.append(records), turnEnds(warmUp));
      await recorded(fleet, warmUp);
      const records = turnEnds(count);
      const before = usage(fleet).logging.cpuMs;
      const started = performance.now();
      await publish((batch) => log.append(batch), records);
      const { stored, repeated } = await recorded(fleet, warmUp + count);
      const seconds = (performance.now() - started) / 1000;
      const cpuUs = ((usage(fleet).logging.cpuMs - before) * 1000) / count;
      return { cpuUs, perSecond: count / seconds, twice: stored - warmUp - count, repeated };
    } finally {
      await log[Symbol.asyncDispose]();
    }
  });
}

/** Waits until the record holds `count` events. */
async function recorded(fleet, count) {
  const giveUpAt = performance.now() + 120_000;
  for (;;) {
    const now = await recordedNow(fleet);
    if (now.stored >= count) return now;
    if (performance.now() > giveUpAt)
      throw new Error(`the record has ${now.stored} of ${count} events after 120 s`);
    await sleep(20);
  }
}

async function recordedNow(fleet) {
  const [{ telemetryUrl }] = fleet.instances();
  const text = await (await fetch(`${telemetryUrl}/metrics`)).text();
  const total = (outcome) =>
    text
      .split('\n')
      .filter(
        (line) => line.startsWith('parley_logging_events_total{') && line.includes(`outcome="${outcome}"`),
      )
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  return { stored: total('recorded'), repeated: total('duplicate') };
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
