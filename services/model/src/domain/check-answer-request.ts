import { ParleyError } from '@parley/kernel';
import type { AnswerForm, ChatMessage } from '../ports/engine.ts';
import type { RequestedSampling } from './call-profile.ts';

/** One answer as a caller asks for it. */
export interface AnswerRequest {
  /** The digest that resolving answered. */
  readonly digest: string;
  readonly messages: readonly ChatMessage[];
  readonly sampling: RequestedSampling;
  readonly form: AnswerForm;
  /** 0 = what the context leaves. */
  readonly maxOutputTokens: number;
  readonly stop: readonly string[];
  readonly priority: number;
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
