import type { DocumentKind } from '@parley/config';
import { z } from 'zod';
import { locale, localeText, metadata, notThereYet } from './document-parts.ts';

const slotName = z.string().regex(/^[a-z][A-Za-z0-9_]{0,62}$/, {
  error: 'must be letters, digits or underscores, the first a small letter',
});
const messageName = slotName;
const phrase = z.string().min(1).max(100);
/** A condition in CEL over `slots`. */
const condition = z.string().min(1).max(1_000);

const anySlot = {
  /** How people name the slot. */
  called: z.record(locale, z.array(phrase).max(32)).default({}),
  /** Left out: `ask_<name of the slot>`. */
  ask: messageName.optional(),
  needed: condition.optional(),
  reject: z
    .array(z.strictObject({ if: condition, say: messageName }))
    .max(16)
    .default([]),
  pii: notThereYet('redaction of slots'),
  check: notThereYet('checks by tools'),
  fillFrom: notThereYet('profile to fill slots from'),
};

const slot = z.discriminatedUnion(
  'type',
  [
    z.strictObject({
      type: z.literal('enum'),
      values: z.array(phrase).min(1).max(200),
      labels: z.record(phrase, localeText).default({}),
      synonyms: z.record(phrase, z.array(phrase).max(64)).default({}),
      default: phrase.optional(),
      source: notThereYet('tools that values could come from; list them in values'),
      ...anySlot,
    }),
    z.strictObject({ type: z.literal('integer'), default: z.int().optional(), ...anySlot }),
    z.strictObject({
      type: z.literal('text'),
      default: z.string().min(1).max(500).optional(),
      /** RE2, of the whole value. */
      pattern: z.string().min(1).max(500).optional(),
      ...anySlot,
    }),
  ],
  { error: 'must have a type: enum, integer or text' },
);

const step = z
  .strictObject({
    collect: z.array(slotName).min(1).optional(),
    confirm: messageName.optional(),
    onNo: z.literal('edit').optional(),
    say: messageName.optional(),
    if: condition.optional(),
    call: notThereYet('steps that call tools'),
    with: notThereYet('steps that call tools'),
    set: notThereYet('steps that call tools'),
    sideEffect: notThereYet('steps with side effects'),
    once: notThereYet('steps with side effects'),
    onError: notThereYet('steps with side effects'),
    handoff: notThereYet('handoff to people'),
    id: notThereYet('steps that others could name'),
  })
  .refine(
    ({ collect, confirm, say }) => [collect, confirm, say].filter((kind) => kind !== undefined).length === 1,
    {
      error: 'must have one of collect, confirm and say',
    },
  )
  .refine((fields) => fields.onNo === undefined || fields.confirm !== undefined, {
    error: 'belongs to confirm',
    path: ['onNo'],
  })
  .refine((fields) => fields.if === undefined || fields.collect === undefined, {
    error: 'belongs to confirm and say; slots have their own `needed`',
    path: ['if'],
  });

const repair = z.strictObject({
  stuck: z
    .strictObject({
      /** Misunderstandings in a row until the flow offers to cancel. */
      after: z.int().min(1).max(20).default(3),
      // oxlint-disable-next-line unicorn/no-thenable -- a field of the document, not a promise
      then: z
        .literal('cancel', { error: 'must be cancel: this version of Parley has no handoff' })
        .optional(),
    })
    .prefault({}),
  correction: notThereYet('steps to be run again'),
  digression: notThereYet('digressions into other flows'),
  cancel: notThereYet('cancelling that asks first'),
  silence: notThereYet('answer to silence'),
});

const expectation = z.strictObject({
  slots: z.record(slotName, z.union([z.string(), z.int(), z.null()])).optional(),
  asks: z.union([z.enum(['confirm', 'edit', 'cancel', 'nothing']), slotName]).optional(),
  says: z
    .union([phrase, z.array(phrase)])
    .transform((says) => (typeof says === 'string' ? [says] : says))
    .optional(),
  flow: z.enum(['open', 'completed', 'cancelled', 'none']).optional(),
  handled: z.boolean().optional(),
  parked: notThereYet('stack of flows'),
  reran: notThereYet('steps to be run again'),
  called: notThereYet('steps that call tools'),
});

const test = z.strictObject({
  name: z.string().min(1).max(200),
  /** As a caller's Accept-Language; left out: as the user writes. */
  locale: locale.optional(),
  stub: notThereYet('steps that call tools'),
  turns: z
    .array(z.strictObject({ user: z.string().min(1), expect: expectation.prefault({}) }))
    .min(1)
    .max(100),
});

const flowSchema = z.strictObject({
  apiVersion: z.literal('parley/v1'),
  kind: z.literal('Flow'),
  metadata,
  spec: z.strictObject({
    about: localeText.optional(),
    start: z.strictObject({
      /** RE2, found anywhere in a message, in capitals or not. */
      when: z.record(locale, z.array(z.string().min(1).max(500)).max(64)).default({}),
      /** Whether the first message of a conversation starts it whatever it says. */
      atFirstMessage: z.boolean().default(false),
    }),
    slots: z.record(slotName, slot),
    steps: z.array(step).min(1).max(64),
    repair: repair.prefault({}),
    messages: z.record(messageName, localeText),
    upgrade: notThereYet('upgrades of flows that are under way'),
  }),
  tests: z.array(test).max(200).default([]),
});

/** A flow as its document describes it. */
export type FlowDocument = z.infer<typeof flowSchema>;

/** A slot of such a document. */
export type SlotDocument = FlowDocument['spec']['slots'][string];

export const flowKind: DocumentKind<FlowDocument> = { kind: 'Flow', folder: 'flows', schema: flowSchema };
