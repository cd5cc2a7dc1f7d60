import { logLevel } from 'kafkajs';
import type { LogEntry } from 'kafkajs';
import type { LogLines } from './log-lines.ts';

/** A broker that is away makes a line per try; the same one is told once in this time. */
const quietMs = 30_000;
/** Different lines that are remembered. */
const mostRemembered = 100;

/** What may be told beside a line of kafkajs; never a payload, a key or a header. */
const plainFields = ['broker', 'groupId', 'topic', 'partition', 'retryCount'] as const;

/**
 * Brings the lines of kafkajs to ours. It calls most failures it is about to try again errors; here they are warnings,
 * because nobody has to act on one.
 */
export function clientLines(lines: LogLines): (entry: LogEntry) => void {
  const told = new Map<string, number>();
  return ({ level, namespace, log }) => {
    if (level !== logLevel.ERROR && level !== logLevel.WARN) return;
    const now = performance.now();
    const text = `${namespace}: ${log.message}`;
    if (now - (told.get(text) ?? -quietMs) < quietMs) return;
    if (told.size >= mostRemembered) told.clear();
    told.set(text, now);
    const said = level === logLevel.ERROR ? 'warn' : 'debug';
    lines[said]({ source: 'kafkajs', namespace, ...plainOf(log), detail: log.message }, 'Kafka client');
  };
}

function plainOf(log: Readonly<Record<string, unknown>>): Record<string, string | number> {
  return Object.fromEntries(
    plainFields.flatMap((field) => {
      const value = log[field];
      return typeof value === 'string' || typeof value === 'number' ? [[field, value] as const] : [];
    }),
  );
}
