import type { SamplingSettings } from '../../../ports/engine.ts';

type SamplingFields = Readonly<Partial<Record<keyof SamplingSettings, string>>>;

/** How a kind of server departs from OpenAI's API. */
export interface Dialect {
  /** The field of each sampling setting; a setting that is not named here the server does not know. */
  readonly sampling: SamplingFields;
  /** What limits the tokens of an answer. */
  readonly limit: 'max_tokens' | 'max_completion_tokens';
  /** `top_k` that leaves all tokens in. */
  readonly allTokens: number;
  /** Stop strings it takes; the answer is searched for all of them here as well. */
  readonly maxStops: number;
  /** Whether every event can carry the tokens so far. */
  readonly runningUsage: boolean;
  /** Who counts tokens. */
  readonly counting: 'vllm' | 'llama-server' | 'parley' | 'estimate';
  /** What it heeds of `tool_choice`: a named function, words only, or nothing of what forces a call. */
  readonly toolChoice: 'named' | 'word' | 'ignored';
  /** Whether it silently drops the beginning of a prompt that does not fit. */
  readonly cutsPrompts: boolean;
}

const asOpenai: SamplingFields = {
  temperature: 'temperature',
  topP: 'top_p',
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
  seed: 'seed',
  logitBias: 'logit_bias',
};
const { logitBias: _unknown, ...withoutBias } = asOpenai;
const richer: SamplingFields = { ...asOpenai, topK: 'top_k', minP: 'min_p' };

const common = {
  limit: 'max_tokens',
  allTokens: 0,
  maxStops: 64,
  runningUsage: false,
  counting: 'estimate',
  cutsPrompts: false,
  toolChoice: 'named',
} as const satisfies Partial<Dialect>;

/** Sources: the documentation of each server, and tests on `parley` and `llama-server` themselves. */
export const dialects = {
  openai: { ...common, sampling: asOpenai, limit: 'max_completion_tokens', maxStops: 4 },
  vllm: {
    ...common,
    sampling: { ...richer, repeatPenalty: 'repetition_penalty' },
    allTokens: -1,
    runningUsage: true,
    counting: 'vllm',
  },
  sglang: { ...common, sampling: { ...richer, repeatPenalty: 'repetition_penalty' }, allTokens: -1 },
  ollama: { ...common, sampling: withoutBias, cutsPrompts: true, toolChoice: 'ignored' },
  'llama-server': {
    ...common,
    sampling: { ...richer, repeatPenalty: 'repeat_penalty' },
    counting: 'llama-server',
    toolChoice: 'word',
  },
  parley: { ...common, sampling: asOpenai, maxStops: 4, counting: 'parley' },
} as const satisfies Readonly<Record<string, Dialect>>;

export type DialectName = keyof typeof dialects;

/** As model lists name who owns a model. */
const owners: Readonly<Record<string, DialectName>> = {
  vllm: 'vllm',
  sglang: 'sglang',
  library: 'ollama',
  llamacpp: 'llama-server',
  parley: 'parley',
};

/** The dialect of a server whose model list says this; OpenAI's own where nothing is known. */
export function dialectOfOwner(owner: string): DialectName {
  return owners[owner] ?? 'openai';
}
