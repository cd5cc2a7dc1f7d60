/** What recording events costs the logging service, and whether the record is whole: also when processes are killed. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readFleetSecrets } from '@parley/config';
import { record } from '@parley/contracts';
import { openEventLog } from '@parley/events';
import { FleetTokens, createGrpcClient, serverStream } from '@parley/grpc';
import { publish, turnEnds } from './events-load.mjs';
import { usage, withFleet } from './harness.mjs';

/** How long the record is waited for. */
const limitMs = 180_000;
/** A reading of the metrics costs the service a millisecond, so that it is done no more often than needed. */
const everyMs = 100;
const only = ['logging'];

/**
 * What the logging service spends per event, from the log to its store; the events per second include publishing. Lost
 * and twice are counted in the record itself.
 * @param kafka where the log is; undefined = in the data folder
 */
export async function costOfRecording(count, warmUp, env, kafka) {
  return withFleet({ only, env: { ...process.env, ...env } }, async (fleet) => {
    const log = await openEventLog({ kafka, file: join(fleet.dataDir, 'fleet.db') });
    try {
      const first = turnEnds(warmUp);
      await publish((records) => log.append(records), first);
      await until(async () => (await outcomes(fleet)).recorded >= warmUp);
      const records = turnEnds(count);
      const before = usage(fleet).logging.cpuMs;
      const started = performance.now();
      await publish((batch) => log.append(batch), records);
      await until(async () => (await outcomes(fleet)).recorded >= warmUp + count);
      const seconds = (performance.now() - started) / 1000;
      const cpuUs = ((usage(fleet).logging.cpuMs - before) * 1000) / count;
      const { duplicate: repeated } = await outcomes(fleet);
      return {
        cpuUs,
        perSecond: count / seconds,
        ...(await faultsOf(fleet, [...first, ...records])),
        repeated,
      };
    } finally {
      await log[Symbol.asyncDispose]();
    }
  });
}

/**
 * Records while the logging service is killed, and once it works again the broker, each in the middle of its work.
 * @param broker an own server
 * @returns seconds from the first event published to the last one in the record, outages included
 */
export async function recordDespiteKills(count, env, broker) {
  return withFleet({ only, env: { ...process.env, ...env } }, async (fleet) => {
    const log = await openEventLog({ kafka: { brokers: broker.address.brokers }, file: '' });
    try {
      const records = turnEnds(count);
      const half = Math.floor(count / 2);
      const started = performance.now();
      await publish(
        despiteFailures(log, half / 2, () => fleet.kill('logging', 0, 'SIGKILL')),
        records.slice(0, half),
      );
      await until(async () => (await outcomes(fleet)).recorded > 0);
      await publish(
        despiteFailures(log, (count - half) / 2, () => restart(broker)),
        records.slice(half),
      );
      let faults;
      await until(async () => {
        faults = await faultsOf(fleet, records);
        return faults.lost === 0;
      }).catch(() => undefined);
      return { seconds: Math.round((performance.now() - started) / 100) / 10, ...faults };
    } finally {
      await log[Symbol.asyncDispose]();
    }
  });
}

/** Appends again what fails, with the same ids, as the outbox does; calls `kill` once, after that many events. */
function despiteFailures(log, after, kill) {
  let appended = 0;
  let killed = false;
  return async (records) => {
    await until(() =>
      log.append(records).then(
        () => true,
        () => false,
      ),
    );
    appended += records.length;
    if (killed || appended < after) return;
    killed = true;
    await kill();
  };
}

async function restart(broker) {
  await broker.kill();
  await sleep(1_000);
  await broker.start();
}

/** Of these events, how many the record lacks, and how many it has more than once. */
async function faultsOf(fleet, records) {
  const times = new Map(records.map(({ id }) => [id, 0]));
  for (const id of await recordedIds(fleet)) times.set(id, (times.get(id) ?? 0) + 1);
  const counts = [...times.values()];
  return {
    lost: counts.filter((count) => count === 0).length,
    twice: counts.filter((count) => count > 1).length,
  };
}

async function recordedIds(fleet) {
  const [{ grpcAddress }] = fleet.instances();
  const tokens = new FleetTokens(readFleetSecrets(join(fleet.dataDir, 'fleet-secret')), 'gateway');
  const client = createGrpcClient(record.RecordClient, { addresses: [grpcAddress], tokens });
  const request = { filter: undefined, after: '', jobId: '' };
  const tenant = { tenant: 'operators', role: 'admin', keyId: 'bench', requestId: 'bench' };
  const ids = [];
  try {
    const events = serverStream(client.exportEvents.bind(client), request, { tenant });
    for await (const { id } of events) ids.push(id);
  } finally {
    client.close();
  }
  return ids;
}

/** Events by what became of them, since the service started; none while it does not answer. */
async function outcomes(fleet) {
  const [{ telemetryUrl }] = fleet.instances();
  const text = await fetch(`${telemetryUrl}/metrics`).then(
    (response) => response.text(),
    () => '',
  );
  const lines = text.split('\n').filter((line) => line.startsWith('parley_logging_events_total{'));
  const total = (outcome) =>
    lines
      .filter((line) => line.includes(`outcome="${outcome}"`))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  return { recorded: total('recorded'), duplicate: total('duplicate') };
}

async function until(isSo) {
  const giveUpAt = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt)
      throw new Error(`not all events were recorded within ${limitMs / 1000} s`);
    await sleep(everyMs);
  }
}
