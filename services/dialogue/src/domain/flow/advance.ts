import type { FlowCommand, FlowEvent } from './flow-command.ts';
import type { FlowDefinition } from './flow-definition.ts';
import type { Slots } from './slot-value.ts';
import type { MessageRef } from './flow-message.ts';
import { openedFlow } from './flow-state.ts';
import type { FlowState, OpenQuestion } from './flow-state.ts';
import { messageOf, wayOn } from './next-question.ts';
import { settle } from './slot-values.ts';
import { takeAnswer } from './take-answer.ts';
import { takeValues } from './take-values.ts';
import type { TakenValues } from './take-values.ts';

/** What commands made of a flow. */
export interface FlowAdvance {
  /** Undefined: no flow is open. */
  readonly state: FlowState | undefined;
  readonly events: readonly FlowEvent[];
  /** Empty: the flow has nothing to say, the model answers. */
  readonly say: readonly MessageRef[];
  /** Values in effect; of a flow that has come to its end those at the end. */
  readonly slots: Slots;
}

/**
 * The rules of a flow: pure, so that the same commands always lead to the same place. A flow that is open and does not
 * leave the message to the model always says something.
 * @param state undefined: not in the flow
 */
export function advance(
  flow: FlowDefinition,
  state: FlowState | undefined,
  commands: readonly FlowCommand[],
): FlowAdvance {
  const has = (kind: FlowCommand['kind']): boolean => commands.some((command) => command.kind === kind);
  if (state === undefined) {
    if (!has('start') || has('cancel')) return { state, events: [], say: [], slots: {} };
    return proceed(flow, openedFlow(flow), commands, { events: [{ kind: 'started' }], say: [] });
  }
  if (has('cancel')) return cancelled(flow, state, []);
  if (has('restart')) {
    const say = [{ message: 'restarted', slots: {} }];
    return proceed(flow, openedFlow(flow), commands, { events: [{ kind: 'restarted' }], say });
  }
  if (commands.length === 0) return digress(flow, state);
  if (has('unclear')) return misunderstood(flow, state);
  return proceed(flow, state, commands, { events: [], say: [] });
}

type Said = Pick<FlowAdvance, 'events' | 'say'>;

function proceed(
  flow: FlowDefinition,
  from: FlowState,
  commands: readonly FlowCommand[],
  said: Said,
): FlowAdvance {
  const taken = takeValues(flow, from, commands);
  const events = [...said.events, ...taken.events];
  const { say } = said;
  const gaveValues = commands.some(({ kind }) => kind === 'set' || kind === 'correct' || kind === 'start');
  const no = commands.some(({ kind }) => kind === 'deny');
  const changedNothing = taken.events.length === 0;
  // A yes that comes with another value is a yes to something that was never put to the user.
  const yes = commands.some(({ kind }) => kind === 'confirm') && changedNothing;
  const state = { ...taken.state, misunderstood: 0 };
  if (!yes && !(no && changedNothing)) {
    const again = !gaveValues && from.question.kind === 'edit';
    if (again) return ask(flow, state, { kind: 'edit' }, { events, say });
    return goOn(flow, state, { events, say }, taken);
  }
  const effect = takeAnswer(state, !no, taken.values);
  const answered: FlowEvent[] = [...events, { kind: no ? 'denied' : 'confirmed' }];
  switch (effect.kind) {
    case 'on':
      return goOn(flow, effect.state, { events: answered, say });
    case 'edit':
      return ask(flow, state, { kind: 'edit' }, { events: answered, say });
    case 'cancel':
      return cancelled(flow, state, answered);
    case 'unclear':
      return misunderstood(flow, { ...state, misunderstood: from.misunderstood });
  }
}

type Notes = Pick<TakenValues, 'refused' | 'corrected'>;

/** On to the next question or to the end. What was corrected is said unless a summary shows it anyway. */
function goOn(
  flow: FlowDefinition,
  state: FlowState,
  { events, say }: Said,
  { refused, corrected }: Notes = { refused: [], corrected: [] },
): FlowAdvance {
  const values = settle(flow, state.given);
  const slots = values.inEffect;
  const way = wayOn(flow, values, state.reopened, state.done);
  const notes = way.question?.kind === 'slot' ? [...refused, ...corrected] : refused;
  const texts = [...say, ...way.says.map((message) => ({ message, slots })), ...notes];
  if (way.question === undefined) {
    return { state: undefined, events: [...events, { kind: 'completed' }], say: texts, slots };
  }
  return ask(flow, { ...state, done: way.done }, way.question, { events, say: texts });
}

function ask(
  flow: FlowDefinition,
  state: FlowState,
  question: OpenQuestion,
  { events, say }: Said,
): FlowAdvance {
  const slots = settle(flow, state.given).inEffect;
  const asking = { message: messageOf(flow, question), slots };
  return { state: { ...state, question }, events, say: [...say, asking], slots };
}

function cancelled(flow: FlowDefinition, { given }: FlowState, events: readonly FlowEvent[]): FlowAdvance {
  const slots = settle(flow, given).inEffect;
  const say = [{ message: 'cancelled', slots }];
  return { state: undefined, events: [...events, { kind: 'cancelled' }], say, slots };
}

/** An answer in which nothing was found: says so and asks again. */
function misunderstood(flow: FlowDefinition, state: FlowState): FlowAdvance {
  const counted = { ...state, misunderstood: state.misunderstood + 1 };
  const events: FlowEvent[] = [{ kind: 'misunderstood' }];
  if (counted.misunderstood >= flow.stuckAfter) return offerToCancel(flow, counted, events);
  const say = [{ message: 'unclear', slots: settle(flow, state.given).inEffect }];
  if (state.question.kind === 'edit') return ask(flow, counted, state.question, { events, say });
  return goOn(flow, counted, { events, say });
}

/** A message that is not for the flow: the model answers, the flow and its question stay. */
function digress(flow: FlowDefinition, state: FlowState): FlowAdvance {
  const counted = { ...state, misunderstood: state.misunderstood + 1 };
  const events: FlowEvent[] = [{ kind: 'digressed' }];
  if (counted.misunderstood >= flow.stuckAfter) return offerToCancel(flow, counted, events);
  const values = settle(flow, state.given);
  const question =
    state.question.kind === 'nothing'
      ? (wayOn(flow, values, state.reopened, state.done).question ?? state.question)
      : state.question;
  return { state: { ...counted, question }, events, say: [], slots: values.inEffect };
}

function offerToCancel(flow: FlowDefinition, state: FlowState, events: readonly FlowEvent[]): FlowAdvance {
  const offered: FlowEvent[] = [...events, { kind: 'offered_cancel' }];
  return ask(flow, { ...state, misunderstood: 0 }, { kind: 'cancel' }, { events: offered, say: [] });
}
