import { ParleyError } from '@parley/kernel';
import type { Item, OutputFormat, Sampling, Tools } from '../turn/turn.ts';

/** What a caller asks for. */
export interface StartRequest {
  /** Alias, name or `assistant:<name>`; '' = the default. */
  readonly model: string;
  readonly input: readonly Item[];
  readonly instructions: string;
  readonly previousTurnId: string;
  readonly store: boolean;
  readonly sampling: Sampling;
  readonly format: OutputFormat;
  /** Undefined: none. */
  readonly tools?: Tools | undefined;
  /** 0 = what the context leaves. */
  readonly maxOutputTokens: number;
  readonly stop: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  /** 0 = the service's default. */
  readonly firstTokenTimeoutMs: number;
  /** 0 = the service's default. */
  readonly totalTimeoutMs: number;
  /** '' = the key itself. */
  readonly endUser: string;
  /** As in Accept-Language; '' = as the user writes. */
  readonly languages: string;
}

/** As the public API documents them. */
const mostInputItems = 512;
const mostStops = 4;
const mostMetadata = 16;
const mostFunctions = 128;
/** In characters, all functions together. */
const mostToolText = 262_144;
const functionName = /^[\w-]{1,64}$/;

const ranges: readonly [
  name: keyof Omit<Sampling, 'logitBias' | 'seed'>,
  param: string,
  low: number,
  high: number,
][] = [
  ['temperature', 'temperature', 0, 2],
  ['topP', 'top_p', 0, 1],
  ['topK', 'top_k', 0, Number.MAX_SAFE_INTEGER],
  ['minP', 'min_p', 0, 1],
  ['frequencyPenalty', 'frequency_penalty', -2, 2],
  ['presencePenalty', 'presence_penalty', -2, 2],
  ['repeatPenalty', 'repeat_penalty', 0, 10],
];

/** @throws ParleyError `invalid_request` that names the field. */
export function validateStart(request: StartRequest): void {
  if (request.input.length === 0) throw invalid('input', 'The input is empty; give at least one message.');
  if (request.input.length > mostInputItems) {
    throw invalid(
      'input',
      `The input has ${request.input.length} messages; at most ${mostInputItems} are taken.`,
    );
  }
  if (request.stop.length > mostStops) {
    throw invalid('stop', `There are ${request.stop.length} stop strings; at most ${mostStops} are taken.`);
  }
  if (request.stop.includes('')) throw invalid('stop', 'A stop string is empty; leave it out.');
  if (Object.keys(request.metadata).length > mostMetadata) {
    throw invalid('metadata', `The metadata has more than ${mostMetadata} keys.`);
  }
  validateSampling(request.sampling);
  if (request.tools !== undefined) validateTools(request.tools);
}

function validateTools({ functions, choice, chosen }: Tools): void {
  if (functions.length > mostFunctions) {
    throw invalid('tools', `There are ${functions.length} functions; at most ${mostFunctions} are taken.`);
  }
  const size = functions.reduce((sum, one) => sum + one.description.length + one.parameters.length, 0);
  if (size > mostToolText) {
    throw invalid(
      'tools',
      `The functions are described in ${size} characters; at most ${mostToolText} are taken.`,
    );
  }
  const names = new Set(functions.map(({ name }) => name));
  const unnamed = functions.findIndex(({ name }) => !functionName.test(name));
  if (unnamed !== -1)
    throw invalid(`tools[${unnamed}].name`, 'A name is 1 to 64 letters, digits, underscores or dashes.');
  if (names.size < functions.length) throw invalid('tools', 'Two functions have the same name.');
  if (choice === 'function' && !names.has(chosen))
    throw invalid('tool_choice', `There is no function '${chosen.slice(0, 64)}' in tools.`);
  if (functions.length === 0) throw invalid('tools', 'There is no function in tools; leave them out.');
}

function validateSampling(sampling: Sampling): void {
  for (const [name, param, low, high] of ranges) {
    const value = sampling[name];
    // Written so that NaN fails too.
    if (value !== undefined && !(value >= low && value <= high)) {
      throw invalid(param, `${param} is ${value}; it must be from ${low} to ${high}.`);
    }
  }
  if (Object.values(sampling.logitBias).some((bias) => !(bias >= -100 && bias <= 100))) {
    throw invalid('logit_bias', 'A logit_bias is outside -100 to 100.');
  }
}

function invalid(param: string, message: string): ParleyError {
  return new ParleyError('invalid_request', message, { param });
}
