import { z } from 'zod';

/** How a simulated model behaves. */
export const simulatedSettingsSchema = z.strictObject({
  /** Milliseconds until the first token. */
  firstTokenMs: z.number().min(0).max(600_000).default(50),
  /** Milliseconds from one token to the next. */
  tokenMs: z.number().min(0).max(60_000).default(10),
  /** Tokens of an answer that nobody limits. */
  tokens: z.int().min(1).max(100_000).default(64),
  /** The share by which each wait may be shorter or longer. */
  jitter: z.number().min(0).max(1).default(0),
});

export type SimulatedSettings = z.infer<typeof simulatedSettingsSchema>;
