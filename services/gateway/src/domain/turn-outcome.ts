import { errorCodes, ParleyError } from '@parley/kernel';
import type { ErrorCode } from '@parley/kernel';
import { answerCalls, answerText } from './turn.ts';
import type { Turn, TurnError } from './turn.ts';

/** A failed turn's error as a ParleyError; a code this version does not know becomes `internal`. */
export function errorOfTurn(error: TurnError | undefined): ParleyError {
  if (error === undefined) return new ParleyError('internal', 'The turn failed without a reason.');
  const code: ErrorCode = errorCodes.find((known) => known === error.code) ?? 'internal';
  return new ParleyError(code, error.message, {
    retryable: error.retryable,
    ...(error.param === '' ? {} : { param: error.param }),
    ...(error.retryAfterMs > 0 ? { retryAfterMs: error.retryAfterMs } : {}),
  });
}

/**
 * What is wrong with an ended turn as the answer to the request that started it; undefined when it is an answer.
 * A turn that ended early is one if it has text or a call; without either it is the error that ended it.
 */
export function faultOf(turn: Turn): ParleyError | undefined {
  if (turn.status === 'failed') return lasting(turn, errorOfTurn(turn.error));
  if (turn.status !== 'incomplete' || answerText(turn) !== '' || answerCalls(turn).length > 0)
    return undefined;
  return lasting(turn, faultOfEmptyAnswer(turn));
}

/**
 * The same for Chat Completions, where nothing but `stop` and `length` tells how an answer ended: a turn that
 * broke off is an error even with text, since its client could not see that the text is cut.
 */
export function faultOfChat(turn: Turn): ParleyError | undefined {
  if (turn.status === 'cancelled')
    return new ParleyError('cancelled', 'The turn was cancelled before it was complete.');
  if (turn.incompleteReason === 'owner_lost' || turn.incompleteReason === 'model_lost')
    return lasting(turn, faultOfEmptyAnswer(turn));
  return faultOf(turn);
}

/** An Idempotency-Key keeps its turn's outcome, so the same request must not be sent again to get another. */
function lasting(turn: Turn, fault: ParleyError | undefined): ParleyError | undefined {
  if (fault === undefined || !turn.keyed) return fault;
  const { code, message, param } = fault;
  return new ParleyError(
    code,
    `${message} The Idempotency-Key keeps this outcome: to try again, send another key.`,
    {
      retryable: false,
      ...(param === undefined ? {} : { param }),
    },
  );
}

function faultOfEmptyAnswer(turn: Turn): ParleyError | undefined {
  switch (turn.incompleteReason) {
    case 'deadline':
      return new ParleyError(
        'deadline_exceeded',
        'The model gave no token within the time allowed. Send a shorter prompt, or try again when the fleet is less busy.',
      );
    case 'model_lost':
      return new ParleyError('engine_failed', 'The model stopped while it answered. Send the request again.');
    case 'owner_lost':
      return new ParleyError('unavailable', 'The process that ran the turn stopped. Send the request again.');
    case 'max_output_tokens':
    case undefined:
      return undefined;
  }
}
