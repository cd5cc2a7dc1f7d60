import type { DocumentKind } from '@parley/config';
import { z } from 'zod';
import { conversationTest } from './conversation-test-schema.ts';
import { documentName, locale, localeText, metadata, notThereYet } from './document-parts.ts';

/** RE2 patterns by the language that they are written for; all are tried, whatever the language of the turn. */
const patterns = z.record(locale, z.array(z.string().min(1).max(2_000)).max(100));

const tokens = z.int().min(1).max(1_048_576);

const factRule = z.strictObject({
  /** How the model is told, with `{value}` and `{key}`. */
  say: localeText,
  /** With a group `(?P<value>…)`, and one `(?P<key>…)` where there are many of a kind. */
  learn: patterns,
  /** Values that one of these is found in are no facts. */
  except: patterns.default({}),
  forget: patterns.default({}),
});

const base = { id: documentName };

const block = z.discriminatedUnion(
  'use',
  [
    z.strictObject({ ...base, use: z.literal('instructions') }),
    z.strictObject({
      ...base,
      use: z.literal('facts'),
      maxTokens: tokens.default(256),
      maxFacts: z.int().min(1).max(500).default(50),
      facts: z.record(documentName, factRule),
      forgetAll: patterns.default({}),
    }),
    z.strictObject({
      ...base,
      use: z.literal('window'),
      maxTurns: z.int().min(1).max(10_000).optional(),
      maxTokens: tokens.optional(),
    }),
  ],
  { error: 'must be instructions, facts or window' },
);

const orders = ['instructions facts window', 'instructions window'];

const memoryStrategySchema = z.strictObject({
  apiVersion: z.literal('parley/v1'),
  kind: z.literal('MemoryStrategy'),
  metadata,
  spec: z.strictObject({
    budget: z
      .strictObject({
        /** Share of the model's context that the prompt may take. */
        input: z
          .string()
          .regex(/^([1-9]|[1-9]\d|100)%$/, { error: 'must be a share from 1% to 100%, in quotes' })
          .default('75%'),
        /** Tokens kept for the answer where the request does not say how many it may take. */
        reserveOutput: tokens.default(256),
      })
      .prefault({}),
    blocks: z.array(block).refine((blocks) => orders.includes(blocks.map(({ use }) => use).join(' ')), {
      error: 'must be a block of instructions, then one of facts or none, then one of window',
    }),
    compaction: notThereYet('compaction'),
    onError: z.literal('degrade').default('degrade'),
  }),
  tests: z.array(conversationTest).max(100).default([]),
});

export type MemoryStrategyDocument = z.infer<typeof memoryStrategySchema>;

export const memoryStrategyKind: DocumentKind<MemoryStrategyDocument> = {
  kind: 'MemoryStrategy',
  folder: 'strategies',
  schema: memoryStrategySchema,
};
