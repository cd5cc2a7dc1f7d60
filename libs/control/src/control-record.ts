import { controlEventType, controlTopic } from '@parley/contracts';
import type { EventRecord } from '@parley/events/ports';
import { uuidFromName } from '@parley/kernel';
import type { ControlValue } from '@parley/state/ports';

/** A control value as it lies in the topic: its key is the record's, its payload `{"version":7,"value":"…"}`. */
export function recordOf({ key, version, value }: ControlValue, source: string, nowMs: number): EventRecord {
  return {
    id: uuidFromName(`control:${key}:${version}`),
    type: controlEventType,
    source,
    topic: controlTopic,
    key,
    subject: key,
    // Control data is the fleet's own.
    tenant: '',
    occurredAtMs: nowMs,
    sequence: version - 1,
    data: JSON.stringify({ version, value }),
  };
}

/** The value of a record; undefined for one that this version cannot read. */
export function valueOf({ type, key, data }: EventRecord): ControlValue | undefined {
  if (type !== controlEventType) return undefined;
  try {
    const { version, value } = JSON.parse(data) as Partial<Record<string, unknown>>;
    if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1) return undefined;
    return typeof value === 'string' ? { key, version, value } : undefined;
  } catch {
    return undefined;
  }
}
