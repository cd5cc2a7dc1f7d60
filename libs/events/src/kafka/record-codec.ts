import { dataSchemaOf } from '@parley/contracts/event-types';
import type { EventRecord, ReceivedRecord } from '../ports.ts';

/** A record as kafkajs sends it. */
export interface KafkaMessage {
  readonly key: string;
  /** Null takes the key's value away on a compacted topic. */
  readonly value: string | null;
  readonly headers: Record<string, string>;
}

/** The last time that a Date can hold. */
const latestMs = 8.64e15;

type HeaderValue = Buffer | string | (Buffer | string)[] | undefined;

/** A record as kafkajs gives it. */
export interface FetchedMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, HeaderValue>> | undefined;
  readonly timestamp: string;
  readonly offset: string;
  readonly isControlRecord?: boolean;
}

/**
 * A CloudEvent in binary mode: attributes are headers, the value is the data. The message's own time is that of sending,
 * because topics keep messages by it, and an old event may be sent again.
 */
export function messageOf(record: EventRecord): KafkaMessage {
  const { id, type, source, key, subject, tenant, occurredAtMs, sequence, data, traceparent } = record;
  return {
    key,
    value: data === '' ? null : data,
    headers: {
      ce_specversion: '1.0',
      ce_id: id,
      ce_type: type,
      ce_source: source,
      ce_time: new Date(occurredAtMs).toISOString(),
      ce_subject: subject,
      ce_dataschema: dataSchemaOf(type),
      ce_sequence: `${sequence}`,
      ce_tenant: tenant,
      ...(traceparent === undefined ? {} : { traceparent }),
      'content-type': 'application/json; charset=utf-8',
    },
  };
}

/**
 * What a message says. Another program's may lack everything: its id is its place then, so that it stays the same
 * however often it comes, its type is `''` and its sequence -1, which no consumer takes for an event of the fleet.
 */
export function recordOf(topic: string, partition: number, message: FetchedMessage): ReceivedRecord {
  const header = (name: string): string => textOf(message.headers?.[name]);
  const traceparent = header('traceparent');
  return {
    id: header('ce_id') || `${topic}/${partition}/${message.offset}`,
    type: header('ce_type'),
    source: header('ce_source'),
    topic,
    key: message.key?.toString('utf8') ?? '',
    subject: header('ce_subject'),
    tenant: header('ce_tenant'),
    occurredAtMs: timeOf(header('ce_time'), message.timestamp),
    sequence: sequenceOf(header('ce_sequence')),
    data: message.value?.toString('utf8') ?? '',
    ...(traceparent === '' ? {} : { traceparent }),
    partition,
    offset: Number(message.offset),
  };
}

/** A header given several times counts by its first value. */
function textOf(value: HeaderValue): string {
  const first = Array.isArray(value) ? value[0] : value;
  return first?.toString('utf8') ?? '';
}

function timeOf(text: string, timestamp: string): number {
  const stated = Date.parse(text);
  if (Number.isFinite(stated)) return stated;
  const received = Number(timestamp);
  return received >= 0 && received <= latestMs ? received : 0;
}

function sequenceOf(text: string): number {
  const sequence = /^\d+$/.test(text) ? Number(text) : -1;
  return Number.isSafeInteger(sequence) ? sequence : -1;
}
