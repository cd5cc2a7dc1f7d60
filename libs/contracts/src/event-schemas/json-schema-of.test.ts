import { create, ScalarType, toJson } from '@bufbuild/protobuf';
import type { DescField, DescMessage, Message } from '@bufbuild/protobuf';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as common from '../gen/es/parley/common/v1/common_pb.ts';
import * as modelEvents from '../gen/es/parley/events/v1/model_events_pb.ts';
import * as turnEvents from '../gen/es/parley/events/v1/turn_events_pb.ts';
import * as userEvents from '../gen/es/parley/events/v1/user_events_pb.ts';
import { jsonSchemaOfMessage } from './json-schema-of.ts';

const validator = new Ajv2020({
  strictTypes: true,
  formats: { 'date-time': (text: string) => !Number.isNaN(Date.parse(text)) },
});

function accepts(message: DescMessage): (json: unknown) => boolean {
  const check = validator.compile(jsonSchemaOfMessage(message, {}));
  return (json) => check(json);
}

const payloads: readonly DescMessage[] = [
  turnEvents.TurnAcceptedSchema,
  turnEvents.TurnFinishedSchema,
  turnEvents.TurnDeletedSchema,
  userEvents.UserErasedSchema,
  modelEvents.ModelLoadedSchema,
  modelEvents.ModelUnloadedSchema,
  modelEvents.ModelSwitchedSchema,
  modelEvents.ModelFailedSchema,
];

describe('the JSON Schema of a message', () => {
  it.each(payloads.map((message) => [message.name, message] as const))(
    'takes whatever the canonical JSON of %s can be',
    (_name, message) => {
      const isAccepted = accepts(message);
      fc.assert(
        fc.property(anyMessage(message), (value) => {
          const json = toJson(message, value);
          expect([isAccepted(json), json]).toEqual([true, json]);
        }),
      );
    },
  );

  it('takes what a newer version may send: other fields, other names of an enum', () => {
    const isAccepted = accepts(turnEvents.TurnFinishedSchema);
    expect(isAccepted({ finishReason: 'FINISH_REASON_GUARD', turn: { region: 'eu' }, cost: 3 })).toBe(true);
    expect(isAccepted({ input: [{ content: [{ image: { url: 'x' } }] }] })).toBe(true);
  });

  it.each([
    ['a name that is not of the enum', { finishReason: 'stop' }],
    ['an enum by its number', { finishReason: 1 }],
    ['a text where a message stands', { turn: 'resp_1' }],
    ['a negative count', { usage: { inputTokens: -1 } }],
    ['half a token', { usage: { inputTokens: 0.5 } }],
    ['a time that is none', { endedAt: 'yesterday' }],
    ['one item instead of a list', { output: { id: 'msg_1' } }],
    ['a value of a map that is no text', { metadata: { a: 1 } }],
    ['a duration in words', { timings: { totalMs: 'long' } }],
  ])('refuses %s', (_what, json) => {
    expect(accepts(turnEvents.TurnFinishedSchema)(json)).toBe(false);
  });

  it('takes 64-bit numbers as text only, since JSON numbers lose digits', () => {
    const isAccepted = accepts(modelEvents.ModelLoadedSchema);
    expect(isAccepted({ weightsBytes: '18446744073709551615' })).toBe(true);
    expect(isAccepted({ weightsBytes: 5 })).toBe(false);
    expect(isAccepted({ weightsBytes: '-5' })).toBe(false);
  });

  it('takes at most one member of a oneof', () => {
    const isAccepted = accepts(common.OutputFormatSchema);
    expect(isAccepted({})).toBe(true);
    expect(isAccepted({ jsonObject: {} })).toBe(true);
    expect(isAccepted({ jsonObject: {}, jsonSchema: {} })).toBe(false);
  });
});

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const timestamp = fc.record({
  seconds: fc.bigInt({ min: -62_135_596_800n, max: 253_402_300_799n }),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
});

const scalarValues: Partial<Record<ScalarType, fc.Arbitrary<unknown>>> = {
  [ScalarType.STRING]: fc.string({ unit: 'grapheme' }),
  [ScalarType.BOOL]: fc.boolean(),
  [ScalarType.DOUBLE]: fc.double(),
  [ScalarType.UINT32]: uint32,
  [ScalarType.INT64]: int64,
  [ScalarType.UINT64]: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
};

function anyMessage(message: DescMessage): fc.Arbitrary<Message> {
  return anyInit(message).map((init) => create(message, init));
}

function anyInit(message: DescMessage): fc.Arbitrary<Record<string, unknown>> {
  if (message.typeName === 'google.protobuf.Timestamp') return timestamp;
  const alone = message.fields.filter((field) => field.oneof === undefined);
  const members = Object.fromEntries(alone.map((field) => [field.localName, anyValue(field)]));
  const choices = message.oneofs.map((oneof) => {
    const cases = oneof.fields.map((field) =>
      anyValue(field).map((value) => ({ case: field.localName, value })),
    );
    return [oneof.localName, fc.oneof(...cases)] as const;
  });
  return fc.record({ ...members, ...Object.fromEntries(choices) }, { requiredKeys: [] });
}

function anyValue(field: DescField): fc.Arbitrary<unknown> {
  if (field.fieldKind === 'list') return fc.array(anyElement(field), { maxLength: 3 });
  if (field.fieldKind !== 'map') return anyElement(field);
  const key = field.mapKey === ScalarType.STRING ? fc.string() : uint32.map(String);
  return fc.dictionary(key, anyElement(field), { maxKeys: 3 });
}

function anyElement({ message, enum: names, scalar }: DescField): fc.Arbitrary<unknown> {
  if (message !== undefined) return anyInit(message);
  if (names !== undefined) return fc.constantFrom(...names.values.map(({ number }) => number));
  const values = scalar === undefined ? undefined : scalarValues[scalar];
  if (values === undefined) throw new Error(`no values known for scalar ${scalar}`);
  return values;
}
