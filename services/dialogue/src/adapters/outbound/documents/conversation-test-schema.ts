import { z } from 'zod';
import { locale } from './document-parts.ts';

const texts = z.array(z.string().min(1)).default([]);

const saidTurn = z.strictObject({
  user: z.string().min(1),
  assistant: z.string().default('Good.'),
  /** How often this is said in a row. */
  times: z.int().min(1).max(500).default(1),
});

/** One of a document's own tests: what the prompt holds after a conversation. It needs no model. */
export const conversationTest = z.strictObject({
  name: z.string().min(1).max(200),
  /** The model that the test imagines: its context, and its tokenizer as so many characters a token. */
  model: z
    .strictObject({
      contextTokens: z.int().min(16).max(1_048_576).default(2_048),
      charactersPerToken: z.number().min(0.1).max(100).default(4),
    })
    .prefault({}),
  /** As a caller's Accept-Language; left out: as the user writes. */
  language: locale.optional(),
  said: z.array(saidTurn).max(100).default([]),
  /** What the user says now. */
  user: z.string().min(1),
  expect: z.strictObject({
    /** Values that are known of the user, by `<fact>` or `<fact> <key>`, all of them. */
    facts: z.record(z.string(), z.string()).optional(),
    instructions: z.strictObject({ contains: texts, lacks: texts }).prefault({}),
    messages: z.strictObject({ contains: texts, lacks: texts }).prefault({}),
    /** Tokens of the whole prompt. */
    maxPromptTokens: z.int().min(1).optional(),
    /** Parts of the answer that a flow gives without a model. */
    answer: z.strictObject({ contains: texts, lacks: texts }).optional(),
  }),
});

export type ConversationTestDocument = z.infer<typeof conversationTest>;
