import type { ReceivedRecord } from '@parley/events/ports';

const textAttributes = ['id', 'type', 'source', 'topic', 'key', 'subject', 'tenant'] as const;
const requiredAttributes: ReadonlySet<string> = new Set(['id', 'type', 'topic']);
/** 9999-12-31T23:59:59.999Z, the last time a protobuf Timestamp can carry. */
const lastTimeMs = 253_402_300_799_999;
/** Two of them fit into one entry of a PostgreSQL index, which takes 2704 bytes. */
const maxKeyBytes = 1024;
const utf8 = new TextEncoder();

/** What is wrong with the attributes of a record, in words without their values; undefined when nothing is. */
export function attributeFault(record: ReceivedRecord): string | undefined {
  for (const name of textAttributes) {
    const value: unknown = record[name];
    if (typeof value !== 'string') return `Attribute ${name} is not text.`;
    if (value === '' && requiredAttributes.has(name)) return `Attribute ${name} is empty.`;
    if (!isPlainText(value)) return `Attribute ${name} holds U+0000 or half a surrogate pair.`;
    if (!isKeyText(value)) return `Attribute ${name} is longer than ${maxKeyBytes} bytes.`;
  }
  const { traceparent, sequence, occurredAtMs } = record;
  if (traceparent !== undefined && !(typeof traceparent === 'string' && isKeyText(traceparent)))
    return 'Attribute traceparent is not a short text.';
  if (!Number.isSafeInteger(sequence) || sequence < 0) return 'Attribute sequence is not a count.';
  if (!Number.isInteger(occurredAtMs) || occurredAtMs < 0 || occurredAtMs > lastTimeMs) {
    return 'Attribute occurredAtMs is not a time between 1970 and 9999.';
  }
  return undefined;
}

/** Whether every store can keep the text and find it by an index. */
export function isKeyText(value: string): boolean {
  if (!isPlainText(value)) return false;
  return value.length * 3 <= maxKeyBytes || utf8.encode(value).length <= maxKeyBytes;
}

function isPlainText(value: string): boolean {
  return value.isWellFormed() && !value.includes('\0');
}
