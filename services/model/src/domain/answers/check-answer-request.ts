import { ParleyError } from '@parley/kernel';
import type { CacheScope } from '../../ports/cache-scope.ts';
import type { AnswerForm, ChatMessage, RequestTools } from '../../ports/engine.ts';
import type { RequestedSampling } from './call-profile.ts';

/** One answer as a caller asks for it. */
export interface AnswerRequest {
  /** The digest that resolving answered. */
  readonly digest: string;
  readonly messages: readonly ChatMessage[];
  readonly sampling: RequestedSampling;
  readonly form: AnswerForm;
  readonly tools?: RequestTools;
  /** 0 = what the context leaves. */
  readonly maxOutputTokens: number;
  readonly stop: readonly string[];
  readonly priority: number;
  /** Who may reuse what the answer leaves behind; absent: nobody. Scopes of different tenants are never the same. */
  readonly cache?: CacheScope;
  /** Whether it asks to go on with an answer that another instance began. */
  readonly continues: boolean;
}

type Range = readonly [least: number, most: number];

/** As the OpenAI API has them, where it has them. */
const ranges: readonly (readonly [key: keyof RequestedSampling, field: string, range: Range])[] = [
  ['temperature', 'temperature', [0, 2]],
  ['topP', 'top_p', [0, 1]],
  ['topK', 'top_k', [0, 1_000_000]],
  ['minP', 'min_p', [0, 1]],
  ['frequencyPenalty', 'frequency_penalty', [-2, 2]],
  ['presencePenalty', 'presence_penalty', [-2, 2]],
  ['repeatPenalty', 'repeat_penalty', [0.1, 10]],
];
const biasRange: Range = [-100, 100];
const maxBiases = 1024;
const maxStops = 4;
const maxFunctions = 128;
const functionName = /^[\w-]{1,64}$/;
const maxStopLength = 256;

/** @throws ParleyError `invalid_request` or `unsupported` that names the field at fault. */
export function checkAnswerRequest(request: AnswerRequest): void {
  if (request.continues) {
    throw new ParleyError(
      'unsupported',
      'This engine cannot go on with an answer that broke off elsewhere.',
      {
        param: 'continue_from',
      },
    );
  }
  if (request.messages.length === 0) throw invalid('messages', 'must hold at least one message');
  checkSampling(request.sampling);
  checkStop(request.stop);
  if (request.tools !== undefined) checkTools(request.tools);
}

function checkSampling(sampling: RequestedSampling): void {
  for (const [key, field, [least, most]] of ranges) {
    const value = sampling[key];
    if (typeof value === 'number' && !(value >= least && value <= most)) {
      throw invalid(`sampling.${field}`, `must be between ${least} and ${most}`);
    }
  }
  const { logitBias = [] } = sampling;
  if (logitBias.length > maxBiases)
    throw invalid('sampling.logit_bias', `can name ${maxBiases} tokens at most`);
  const [least, most] = biasRange;
  if (logitBias.some(([, bias]) => !(bias >= least && bias <= most))) {
    throw invalid('sampling.logit_bias', `must be between ${least} and ${most} for every token`);
  }
}

function checkTools({ functions, choice }: RequestTools): void {
  if (functions.length === 0) throw invalid('tools', 'must hold at least one function');
  if (functions.length > maxFunctions) throw invalid('tools', `can hold ${maxFunctions} functions at most`);
  const names = new Set(functions.map(({ name }) => name));
  if (names.size < functions.length) throw invalid('tools', 'holds two functions of the same name');
  const unnamed = functions.findIndex(({ name }) => !functionName.test(name));
  if (unnamed !== -1)
    throw invalid(`tools[${unnamed}].name`, 'must be 1 to 64 letters, digits, underscores or dashes');
  if (typeof choice === 'object' && !names.has(choice.name))
    throw invalid('tool_choice', 'names a function that is not in tools');
}

function checkStop(stop: readonly string[]): void {
  if (stop.length > maxStops) throw invalid('stop', `can hold ${maxStops} strings at most`);
  if (stop.includes('')) throw invalid('stop', 'cannot hold an empty string');
  if (stop.some((text) => text.length > maxStopLength)) {
    throw invalid('stop', `can hold strings of ${maxStopLength} characters at most`);
  }
}

function invalid(param: string, what: string): ParleyError {
  return new ParleyError('invalid_request', `${param} ${what}.`, { param });
}
