/** Events to measure with, ways to publish and to receive them, and what that cost. */
import { randomUUID } from 'node:crypto';
import { topics, turnEventTypes } from '@parley/contracts';

const batchSize = 100;
/** Batches on their way at once. */
const width = 8;

const answer =
  'Parley is a self-hosted AI-assistant platform: five services that put any model behind one API. ' +
  'The gateway speaks to clients, dialogue owns the turns, model runs the engines, logging keeps the record ' +
  'and monitoring watches them all. ';

/** The end of a turn, as dialogue says it: one question, one answer. */
function turnEnd(turnId) {
  const at = new Date().toISOString();
  return {
    turn: {
      turnId,
      tenant: 'default',
      endUser: 'ada',
      requestId: randomUUID(),
      store: true,
      record: 'RECORD_POLICY_FULL',
    },
    model: { name: 'parley-tiny', digest: '5fb327221349'.padEnd(64, '0') },
    input: [
      {
        id: `msg_${randomUUID()}`,
        role: 'ROLE_USER',
        content: [{ text: 'What is Parley, and what are its services?' }],
      },
    ],
    output: [{ id: `msg_${randomUUID()}`, role: 'ROLE_ASSISTANT', content: [{ text: answer.repeat(2) }] }],
    usage: { inputTokens: 18, outputTokens: 120 },
    timings: { queueMs: 0.4, firstTokenMs: 31.2, totalMs: 402.7 },
    finishReason: 'FINISH_REASON_STOP',
    acceptedAt: at,
    endedAt: at,
  };
}

/** Ends of `count` turns that nobody has heard of yet. */
export function turnEnds(count) {
  return Array.from({ length: count }, () => {
    const key = `resp_7_${randomUUID()}`;
    return {
      id: randomUUID(),
      type: turnEventTypes.completed,
      source: '/parley/dialogue/bench',
      topic: topics.conversation,
      key,
      subject: key,
      tenant: 'default',
      occurredAtMs: Date.now(),
      sequence: 1,
      data: JSON.stringify(turnEnd(key)),
    };
  });
}

/** Publishes in batches of 100, 8 at once. */
export async function publish(append, records) {
  let next = 0;
  const worker = async () => {
    for (let from = next; from < records.length; from = next) {
      next += batchSize;
      await append(records.slice(from, from + batchSize));
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** What `work` costs this process per event: CPU in microseconds, and events per second. */
export async function costOf(count, work) {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpuUs: (user + system) / count, perSecond: (count / (performance.now() - started)) * 1000 };
}

/**
 * What receiving `count` events costs this process, from the first to the last, so that joining the group is not in it.
 * `subscribe(onReceived)` starts a consumer that tells how many came, and answers how to end it.
 */
export async function costOfReceiving(count, subscribe) {
  let received = 0;
  const last = Promise.withResolvers();
  let cpu;
  let started;
  const end = await subscribe((more) => {
    cpu ??= process.cpuUsage();
    started ??= performance.now();
    received += more;
    if (received >= count) last.resolve();
  });
  await last.promise;
  const { user, system } = process.cpuUsage(cpu);
  const cost = { cpuUs: (user + system) / count, perSecond: (count / (performance.now() - started)) * 1000 };
  await end();
  return cost;
}

/** Of several rounds the one in the middle, by CPU. */
export function median(costs) {
  return costs.toSorted((a, b) => a.cpuUs - b.cpuUs)[Math.floor(costs.length / 2)];
}
