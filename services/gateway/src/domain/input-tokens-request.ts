import { inputItems, said } from './responses-request.ts';
import type { ResponsesRequest } from './responses-request.ts';
import type { Item } from './turn.ts';

/** The body of `POST /v1/responses/input_tokens`, checked. Fields that are not here change nothing. */
export interface InputTokensRequest {
  readonly model?: ResponsesRequest['model'];
  readonly input?: ResponsesRequest['input'] | null | undefined;
  readonly instructions?: ResponsesRequest['instructions'];
  readonly tools?: ResponsesRequest['tools'];
  readonly tool_choice?: ResponsesRequest['tool_choice'];
  readonly parallel_tool_calls?: ResponsesRequest['parallel_tool_calls'];
}

/** What the model would read for such a request. */
export function countedItems({ input, instructions }: InputTokensRequest): readonly Item[] {
  const system = instructions ?? '';
  return [...(system === '' ? [] : [said('system', system)]), ...inputItems(input ?? [])];
}
