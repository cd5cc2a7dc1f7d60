import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ParleyError } from '@parley/kernel';
import { z } from 'zod';
import { folderOf } from '../onnx-weights.ts';

const count = z.int().min(1);
const ids = z.union([z.int(), z.array(z.int())]).nullish();
/** A token as text, or with how it is trimmed. */
const token = z.union([z.string(), z.object({ content: z.string() })]).nullish();

const configSchema = z.object({
  model_type: z.string().default(''),
  architectures: z.array(z.string()).nullish(),
  license: z.string().optional(),
  name: z.string().optional(),
  _name_or_path: z.string().optional(),
  hidden_size: count.optional(),
  num_hidden_layers: count.optional(),
  num_attention_heads: count.optional(),
  num_key_value_heads: count.optional(),
  head_dim: count.nullish(),
  vocab_size: count.optional(),
  max_position_embeddings: count.optional(),
  eos_token_id: ids,
});

const tokenizerConfigSchema = z.object({
  bos_token: token,
  eos_token: token,
  add_bos_token: z.boolean().nullish(),
  model_max_length: z.number().optional(),
  chat_template: z
    .union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))])
    .nullish(),
});

const generationSchema = z.object({ eos_token_id: ids });

const poolingSchema = z.object({
  pooling_mode_cls_token: z.boolean().default(false),
  pooling_mode_mean_tokens: z.boolean().default(false),
});

const tokenizerSchema = z.object({
  added_tokens: z
    .array(z.object({ id: z.int().min(0), content: z.string(), special: z.boolean().default(false) }))
    .default([]),
  model: z.object({
    type: z.string().optional(),
    unk_token: z.string().nullish(),
    byte_fallback: z.boolean().nullish(),
  }),
  decoder: z.unknown().optional(),
});

export type HubConfig = z.infer<typeof configSchema>;
export type TokenizerFile = z.infer<typeof tokenizerSchema>;

/** What lies beside an ONNX file, in the form of the hub. */
export interface HubFolder {
  readonly config: HubConfig;
  /** The tokenizer's definition, and what of it this engine reads. */
  readonly tokenizer: {
    readonly definition: unknown;
    readonly known: TokenizerFile;
    readonly config: unknown;
  };
  readonly bosText: string;
  readonly eosText: string;
  readonly addsBos: boolean;
  /** Tokens that end an answer. */
  readonly endTokens: readonly number[];
  readonly template: string | undefined;
  /** Prompt and answer together; 0 = nobody says. */
  readonly contextTokens: number;
  /** How a text's vector is made of its tokens'. */
  readonly pooling: 'mean' | 'first';
}

/** @throws ParleyError `config_invalid` that names the file at fault. */
export async function readHubFolder(weights: string): Promise<HubFolder> {
  const folder = folderOf(weights);
  const config = configSchema.parse(await json(folder, 'config.json', configSchema));
  const definition = await json(folder, 'tokenizer.json', tokenizerSchema);
  const settings = (await json(folder, 'tokenizer_config.json', tokenizerConfigSchema, {})) as object;
  const known = tokenizerConfigSchema.parse(settings);
  const generation = generationSchema.parse(
    await json(folder, 'generation_config.json', generationSchema, {}),
  );
  return {
    config,
    tokenizer: { definition, known: tokenizerSchema.parse(definition), config: settings },
    bosText: textOf(known.bos_token),
    eosText: textOf(known.eos_token),
    addsBos: known.add_bos_token === true,
    endTokens: [...idsOf(generation.eos_token_id), ...idsOf(config.eos_token_id)],
    template: templateOf(known) ?? (await text(folder, 'chat_template.jinja')),
    contextTokens: contextOf(config, known.model_max_length),
    pooling: await poolingOf(folder),
  };
}

async function poolingOf(folder: string): Promise<'mean' | 'first'> {
  const file = join('1_Pooling', 'config.json');
  const written = await json(folder, file, poolingSchema, { pooling_mode_mean_tokens: true });
  const { pooling_mode_cls_token: first, pooling_mode_mean_tokens: mean } = poolingSchema.parse(written);
  if (mean) return 'mean';
  if (first) return 'first';
  throw invalid(folder, file, 'asks for a pooling that is neither the mean nor the first token');
}

function contextOf(
  { max_position_embeddings: positions = 0 }: HubConfig,
  length: number | undefined,
): number {
  // Who knows no limit writes an enormous number.
  const limit = length === undefined || !Number.isSafeInteger(length) ? 0 : length;
  if (positions === 0 || limit === 0) return Math.max(positions, limit);
  return Math.min(positions, limit);
}

function templateOf({ chat_template: written }: z.infer<typeof tokenizerConfigSchema>): string | undefined {
  if (typeof written === 'string') return written;
  return written?.find(({ name }) => name === 'default')?.template;
}

function textOf(written: z.infer<typeof token>): string {
  return typeof written === 'string' ? written : (written?.content ?? '');
}

function idsOf(written: z.infer<typeof ids>): readonly number[] {
  return typeof written === 'number' ? [written] : (written ?? []);
}

/** What a JSON file holds, its shape checked; `absent` when there is none. */
async function json(folder: string, file: string, schema: z.ZodType, absent?: unknown): Promise<unknown> {
  const written = await text(folder, file);
  if (written === undefined) {
    if (absent !== undefined) return absent;
    throw invalid(folder, file, 'is missing: an ONNX model needs config.json and tokenizer.json beside it');
  }
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch (error) {
    throw invalid(folder, file, `is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { error } = schema.safeParse(value);
  const [issue] = error?.issues ?? [];
  if (issue !== undefined) throw invalid(folder, file, `${issue.path.join('.')}: ${issue.message}`);
  return value;
}

async function text(folder: string, file: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, file), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw invalid(folder, file, `cannot be read: ${String(error)}`);
  }
}

function invalid(folder: string, file: string, what: string): ParleyError {
  return new ParleyError('config_invalid', `${file} in the folder "${basename(folder)}" ${what}.`);
}
