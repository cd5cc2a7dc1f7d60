import { ParleyError } from '@parley/kernel';
import type { ServerCall } from './outgoing.ts';

/** At the deadline the caller cuts the call too, and that may arrive a little before the own timer. */
const toleranceMs = 100;

const signals = new WeakMap<ServerCall, AbortSignal>();

/**
 * A signal that aborts when the caller cancels or disconnects (reason: ParleyError `cancelled`) or the call's deadline
 * passes (`deadline_exceeded`). A unary call that has been answered may abort it too: there is nothing left to stop.
 */
export function signalOf(call: ServerCall): AbortSignal {
  const known = signals.get(call);
  if (known !== undefined) return known;
  const controller = new AbortController();
  signals.set(call, controller.signal);
  if (call.cancelled) controller.abort(reasonOf(call));
  else call.once('cancelled', () => abortUnlessEnded(call, controller));
  return controller.signal;
}

/** grpc-js says `cancelled` after every end, of a stream that ended well too. */
function abortUnlessEnded(call: ServerCall, controller: AbortController): void {
  if ('writableEnded' in call && call.writableEnded) return;
  controller.abort(reasonOf(call));
}

function reasonOf(call: ServerCall): ParleyError {
  if (Number(call.getDeadline()) <= Date.now() + toleranceMs) {
    return new ParleyError('deadline_exceeded', 'The request did not finish in the time allowed.');
  }
  return new ParleyError('cancelled', 'The caller has gone.');
}
