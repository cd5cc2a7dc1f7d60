import { createHash } from 'node:crypto';
import { z } from 'zod';
import { dialects } from './dialects.ts';
import type { DialectName } from './dialects.ts';

const dialectNames = Object.keys(dialects) as [DialectName, ...DialectName[]];

const baseUrl = z.string().refine(isBase, {
  error: 'must be an http: or https: URL without user, query or fragment, such as http://gpu-1:8000/v1',
});

/** A secret is never in the document itself. */
const keyReference = z.union(
  [
    z.strictObject({ env: z.string().regex(/^[A-Za-z_]\w*$/, { error: 'must be the name of a variable' }) }),
    z.strictObject({ file: z.string().min(1) }),
  ],
  { error: 'must name where the key is: { env: VARIABLE } or { file: PATH }' },
);

const samplingName = z.enum([
  'temperature',
  'topP',
  'topK',
  'minP',
  'frequencyPenalty',
  'presencePenalty',
  'repeatPenalty',
  'seed',
  'logitBias',
]);

const milliseconds = z.int().min(1).max(86_400_000);

/** What a document says of a model that another server runs. */
export const remoteSettingsSchema = z.strictObject({
  /** Of the API, its `/v1` included. */
  baseUrl,
  /** As the server calls it. */
  model: z.string().min(1).max(512),
  /** Tells other weights of the same name apart. */
  revision: z.string().min(1).max(256).optional(),
  dialect: z.enum(['auto', ...dialectNames]).default('auto'),
  apiKey: keyReference.optional(),
  /** The header that carries the key. */
  authorization: z.enum(['bearer', 'api-key']).default('bearer'),
  timeouts: z
    .strictObject({
      connectMs: milliseconds.default(5_000),
      /** From the request to the first token. Long prompts on busy servers take their time. */
      firstTokenMs: milliseconds.default(120_000),
      /** From one token to the next. */
      idleMs: milliseconds.default(30_000),
    })
    .prefault({}),
  health: z
    .strictObject({
      /** How often a server that nobody talks to is asked for its models. */
      intervalMs: milliseconds.default(15_000),
      /** A server that is away for so long has lost its models. */
      lostAfterMs: milliseconds.default(10_000),
    })
    .prefault({}),
  abilities: z
    .strictObject({
      json: z.boolean().default(true),
      /** Calls functions. */
      tools: z.boolean().default(true),
      embeddings: z.boolean().default(false),
    })
    .prefault({}),
  /** Sampling settings that this model does not take, although its server knows them. */
  omit: z.array(samplingName).default([]),
});

export type RemoteSettings = z.infer<typeof remoteSettingsSchema>;

function isBase(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const isHttp = url.protocol === 'http:' || url.protocol === 'https:';
  return isHttp && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}

/** Without slashes at its end. */
export function baseOf({ baseUrl: written }: Pick<RemoteSettings, 'baseUrl'>): string {
  return new URL(written).href.replace(/\/+$/, '');
}

/** Stands for the digest of weights that nobody here can read: the same address, name and revision are the same model. */
export function remoteDigest(settings: Pick<RemoteSettings, 'baseUrl' | 'model' | 'revision'>): string {
  const identity = [baseOf(settings), settings.model, settings.revision ?? ''];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex');
}
