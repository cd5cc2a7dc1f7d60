import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import {
  dataSchemaOf,
  deadLetterEventType,
  modelEventTypes,
  turnEventTypes,
  userEventTypes,
} from '@parley/contracts';
import type { EventRecord } from '@parley/events/ports';
import { ParleyError, systemClock } from '@parley/kernel';
import { openSqliteState } from '@parley/state';
import { aRecord, eventually } from '@parley/testing';
import { messageOf } from '../libs/events/src/kafka/record-codec.ts';
import { ProtoTurnEventEncoder } from '../services/dialogue/src/adapters/outbound/proto-turn-event-encoder.ts';
import type { TurnDocument } from '../services/dialogue/src/domain/turn/turn-document.ts';
import { deadLetterEvent } from '../services/logging/src/adapters/outbound/dead-letter-event.ts';
import { deadLetter } from '../services/logging/src/domain/dead-letter.ts';
import { EventLogModelFacts } from '../services/model/src/adapters/outbound/event-log-model-facts.ts';

const folder = join(import.meta.dirname, '../schemas/events');
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const catalogue: Readonly<Record<string, { schema: string; dataschema: string }>> = read('index.json').events;

const validator = new Ajv2020({
  strictTypes: true,
  formats: { 'date-time': (text: string) => !Number.isNaN(Date.parse(text)) },
});
for (const { schema } of Object.values(catalogue)) validator.addSchema(read(schema));

/** What is wrong with an event by the schema that its `ce_dataschema` names; [] when nothing is. */
function faults({ type, data }: { readonly type: string; readonly data: string }): unknown[] {
  const check = validator.getSchema(dataSchemaOf(type));
  if (check === undefined) return [`no schema is named ${dataSchemaOf(type)}`];
  return check(JSON.parse(data)) === true ? [] : (check.errors ?? ['refused']);
}

describe('docs/events.md', () => {
  const doc = readFileSync(join(folder, '../../docs/events.md'), 'utf8');

  it('names every type', () => {
    const named = (type: string) => doc.includes(`\`${type}\``) || doc.includes(`\`.${tail(type)}\``);
    const tail = (type: string): string => type.split('.').slice(2).join('.');
    expect(Object.keys(catalogue).filter((type) => !named(type))).toEqual([]);
  });

  it('names every header that an event carries', () => {
    const { headers } = messageOf(aRecord({ traceparent: '00-1-2-01' }));
    expect(Object.keys(headers).filter((name) => !doc.includes(`| \`${name}\` |`))).toEqual([]);
  });
});

describe('the published schemas of events', () => {
  it('are there for every type, each under the name that events carry', () => {
    const types = [turnEventTypes, modelEventTypes, userEventTypes].flatMap((each) => Object.values(each));
    expect(Object.keys(catalogue).toSorted()).toEqual([...types, deadLetterEventType].toSorted());
    const files = Object.values(catalogue).map(({ schema }) => schema);
    expect(readdirSync(folder).toSorted()).toEqual([...files, 'index.json'].toSorted());
    for (const [type, { schema, dataschema }] of Object.entries(catalogue)) {
      expect([read(schema).$id, dataschema]).toEqual([dataSchemaOf(type), dataSchemaOf(type)]);
    }
  });

  it.each(['completed', 'failed', 'cancelled', 'incomplete'] as const)(
    'take what dialogue says of a turn that is %s, with its text and without',
    (status) => {
      const encoder = new ProtoTurnEventEncoder();
      for (const record of ['full', 'metadata'] as const) {
        const turn = aTurn(record, status);
        expect(faults(encoder.accepted(turn))).toEqual([]);
        expect(faults(encoder.ended(turn))).toEqual([]);
      }
    },
  );

  it('take what the model service says of its models', async () => {
    const published: EventRecord[] = [];
    const log = { append: async (records: readonly EventRecord[]) => void published.push(...records) };
    await using state = openSqliteState(':memory:');
    const watch = { failed: String, dropped: String };
    const parts = { log, sequences: state.sequences, clock: systemClock, instanceId: 'model-1', watch };
    const facts = new EventLogModelFacts(parts);
    const model = { name: 'tiny', digest: 'abc' };
    const memory = { device: 'cpu', weightsBytes: 3_000_000, kvBytes: 1, computeBytes: 1 };
    facts.loaded({ model, engine: 'gguf', loadMs: 12.5, memory });
    const moved = { alias: 'default', generation: 2, from: model, to: { name: 'other', digest: '' } };
    facts.switched({ ...moved, switchMs: 1 });
    facts.failed(model, new ParleyError('model_not_ready', 'It would not load.'));
    facts.unloaded(model);
    const all = Object.values(modelEventTypes).toSorted();
    await eventually(() => expect(published.map(({ type }) => type).toSorted()).toEqual(all));
    for (const record of published) expect([record.type, faults(record)]).toEqual([record.type, []]);
  });

  it('take what the record says of an event that it could not keep', () => {
    const letter = deadLetter(
      { ...aRecord({ data: 'no JSON' }), partition: 3, offset: 7 },
      'payload_not_json',
      '',
    );
    const event = deadLetterEvent(
      { ...letter, position: 1, receivedAtMs: Date.now() },
      '/parley/logging/l-1',
    );
    expect(faults(event)).toEqual([]);
  });
});

function aTurn(record: 'full' | 'metadata', status: TurnDocument['turn']['status']): TurnDocument {
  const says = (role: 'user' | 'assistant', text: string) =>
    ({
      id: `msg_${role}`,
      type: 'message',
      role,
      content: [{ type: 'text', text }],
      status: 'completed',
      name: '',
    }) as const;
  return {
    version: 1,
    deadlineAtMs: 10,
    subject: { tenant: 'acme', endUser: 'ada', requestId: 'req_1', record, traceparent: '00-1-2-01' },
    trace: [{ hook: 'context.build', strategy: 'memory', version: '1.0.0', outcome: 'cut', durationMs: 0.5 }],
    turn: {
      id: 'resp_7_0123',
      status,
      createdAtMs: Date.parse('2026-01-02T03:04:05.678Z'),
      endedAtMs: Date.parse('2026-01-02T03:04:06.000Z'),
      model: { name: 'tiny', digest: 'abc' },
      assistant: { name: 'helper', version: '1.0.0' },
      input: [says('user', 'Grüß dich 👋')],
      output: [says('assistant', 'Hello\n\u0000')],
      instructions: 'Be discreet.',
      previousTurnId: 'resp_6',
      store: record === 'full',
      sampling: { temperature: 0.5, seed: 7, logitBias: { 3: -100 } },
      format: { type: 'text' },
      maxOutputTokens: 16,
      metadata: { city: 'Ulm' },
      usage: { inputTokens: 3, cachedInputTokens: 0, outputTokens: 2 },
      timings: { queueMs: 1.5, firstTokenMs: 20, totalMs: 322 },
      finishReason: 'length',
      incompleteReason: 'owner_lost',
      error: { code: 'model_not_ready', message: 'It loads.', retryable: true, retryAfterMs: 900 },
    },
  };
}
