import { ParleyError } from '@parley/kernel';
import type { Tools } from './turn.ts';

type Maybe<T> = T | null | undefined;

/** A function as both APIs describe it, each in its own wrapping. */
export interface RequestedFunction {
  readonly name: string;
  readonly description?: Maybe<string>;
  readonly parameters?: Maybe<object>;
}

/** What both APIs say of the functions that the model may ask for. */
export interface RequestedTools {
  readonly functions: readonly RequestedFunction[];
  /** A word, or the function that is named. */
  readonly choice: Maybe<'none' | 'auto' | 'required' | { readonly name: string }>;
  readonly parallel: Maybe<boolean>;
}

/** @throws ParleyError `invalid_request` for a choice where there is nothing to choose */
export function toolsOf({ functions, choice, parallel }: RequestedTools): Tools | undefined {
  const chosen = typeof choice === 'object' && choice !== null ? choice.name : '';
  if (functions.length === 0) {
    if (choice !== 'required' && chosen === '') return undefined;
    throw new ParleyError(
      'invalid_request',
      '`tool_choice` asks for a call, and there are no tools. Send `tools`.',
      {
        param: 'tool_choice',
      },
    );
  }
  return {
    functions: functions.map(({ name, description, parameters }) => ({
      name,
      description: (description ?? '').toWellFormed(),
      parameters: parameters === null || parameters === undefined ? '' : JSON.stringify(parameters),
    })),
    choice: typeof choice === 'object' ? (choice === null ? 'auto' : 'function') : (choice ?? 'auto'),
    chosen,
    single: parallel === false,
  };
}
