import { startTurnFromResponses } from '../../../domain/responses-request.ts';
import type { StartTurn } from '../../../domain/turn.ts';
import { rejectUnsupported, responsesUnsupported } from '../../../domain/unsupported-fields.ts';
import { responsesSchema } from './responses-schema.ts';
import { check } from './validation.ts';

/**
 * The turn that a body of `POST /v1/responses` asks for, over whichever protocol it came.
 * @param where what the value is, for messages: `The body`
 * @param languages what the client reads, best first; '' = not said
 * @throws ParleyError `invalid_request`, `unsupported`
 */
export function responsesCommand(body: unknown, where: string, languages = ''): StartTurn {
  rejectUnsupported(body, responsesUnsupported);
  return startTurnFromResponses(check(responsesSchema, body, where), languages);
}
