import { ParleyError } from '@parley/kernel';
import type { StartRequest } from '../start/start-request.ts';
import type { Strategy } from '../strategy/strategy.ts';
import type { AssistantRef, Sampling } from '../turn/turn.ts';
import { textFor } from './locale-text.ts';
import type { LocaleText } from './locale-text.ts';

/** An assistant as its document describes it, with its strategies in the order in which they take part. */
export interface Assistant extends AssistantRef {
  readonly title: LocaleText;
  readonly description: LocaleText;
  /** Alias or name of the model it asks. */
  readonly model: string;
  readonly instructions: LocaleText;
  readonly sampling: Omit<Sampling, 'logitBias'>;
  /** 0 = not said. */
  readonly maxOutputTokens: number;
  readonly stop: readonly string[];
  readonly strategies: readonly Strategy[];
  /** Names of the documents that it uses, for those who list assistants. */
  readonly uses: readonly string[];
}

const prefix = 'assistant:';

/** The assistant that a request's `model` names; undefined when it names a model. */
export function assistantNameOf(model: string): string | undefined {
  return model.startsWith(prefix) ? model.slice(prefix.length) : undefined;
}

/** What is refused where there is no such assistant. */
export function noSuchAssistant(name: string, names: readonly string[]): ParleyError {
  const there = names.length === 0 ? 'There are none' : `There are: ${names.join(', ')}`;
  const message = `There is no assistant '${name.slice(0, 100)}'. ${there}.`;
  return new ParleyError('model_not_found', message, { param: 'model' });
}

/**
 * The request as the assistant answers it: what the request says wins, then the assistant, and what both are silent
 * about stays unset, for the model's own call profile to fill in.
 */
export function askedOf(assistant: Assistant, request: StartRequest): StartRequest {
  const said = Object.entries(request.sampling).filter(([, value]) => value !== undefined);
  return {
    ...request,
    model: assistant.model,
    sampling: { ...assistant.sampling, logitBias: {}, ...Object.fromEntries(said) },
    maxOutputTokens: request.maxOutputTokens === 0 ? assistant.maxOutputTokens : request.maxOutputTokens,
    stop: request.stop.length === 0 ? assistant.stop : request.stop,
  };
}

/** The assistant's own instructions, then those of the request. */
export function instructionsOf(assistant: Assistant, own: string, locales: readonly string[]): string {
  return [textFor(assistant.instructions, locales), own].filter((text) => text !== '').join('\n\n');
}
