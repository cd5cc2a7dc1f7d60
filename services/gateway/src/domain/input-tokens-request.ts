import { inputMessages, said } from './responses-request.ts';
import type { ResponsesRequest } from './responses-request.ts';
import type { Message } from './turn.ts';

/** The body of `POST /v1/responses/input_tokens`, checked. Fields that are not here change nothing. */
export interface InputTokensRequest {
  readonly model?: ResponsesRequest['model'];
  readonly input?: ResponsesRequest['input'] | null | undefined;
  readonly instructions?: ResponsesRequest['instructions'];
}

/** What the model would read for such a request. */
export function countedMessages({ input, instructions }: InputTokensRequest): readonly Message[] {
  const system = instructions ?? '';
  return [...(system === '' ? [] : [said('system', system)]), ...inputMessages(input ?? [])];
}
