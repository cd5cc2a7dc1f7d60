import type { FlowCommand } from '../flow-command.ts';
import type { FlowDefinition, SlotDefinition } from '../flow-definition.ts';
import type { FlowState } from '../flow-state.ts';
import { findSlots } from './find-slots.ts';
import type { FoundSlots } from './find-slots.ts';
import { wholeText } from './find-texts.ts';
import { noPhrases } from './intent-phrases.ts';
import {
  isCancel,
  isComplaint,
  isNo,
  isRepeat,
  isRestart,
  isYes,
  startsWithCancel,
  startsWithYes,
} from './intents.ts';
import { bareWords, isShort, normalised } from './message-text.ts';
import { isQuestion, withoutQuestions } from './questions.ts';

/** Longer messages are not for a flow. */
const mostCharacters = 2_000;

/**
 * What a message means to a flow, in English or Chinese or both, by rules that always say the same.
 * @param state undefined: not in the flow
 * @returns no command when the message is not for the flow
 */
export function understand(
  flow: FlowDefinition,
  state: FlowState | undefined,
  message: string,
): readonly FlowCommand[] {
  if (message.length > mostCharacters) return [];
  const text = normalised(message);
  if (text === '') return [];
  if (state === undefined) {
    return flow.starts(text) && !isCancel(text) && !startsWithCancel(text) ? opening(flow, message) : [];
  }
  if (isCancel(text)) return [{ kind: 'cancel' }];
  if (isRestart(text)) return [{ kind: 'restart' }, ...valuesAlone(flow, text)];
  return inFlow(flow, state, text);
}

/** Starts the flow, with what the message says already. */
export function opening(flow: FlowDefinition, message: string): readonly FlowCommand[] {
  const text = normalised(message.slice(0, mostCharacters));
  return [{ kind: 'start' }, ...valuesAlone(flow, text)];
}

function valuesAlone(flow: FlowDefinition, text: string): readonly FlowCommand[] {
  return findSlots(flow, withoutQuestions(text), { asked: undefined, given: new Set(), numbersByName: false })
    .sets;
}

function inFlow(flow: FlowDefinition, state: FlowState, text: string): readonly FlowCommand[] {
  const asked = askedSlot(flow, state);
  const clear = withoutQuestions(text);
  const found = findSlots(flow, clear, {
    asked: asked?.name,
    given: new Set(Object.keys(state.given)),
    numbersByName: asked?.type === 'text' && !changing.test(text),
  });
  if (startsWithCancel(text)) return partlyCancelled(found);
  const whole = wholeAnswer(asked, text, found);
  if (whole !== undefined) return [whole];
  const { sets } = found;
  const corrects = toCorrect(state, clear, found).map((slot): FlowCommand => ({ kind: 'correct', slot }));
  if (sets.length + corrects.length > 0) return [...answerBefore(state, clear), ...sets, ...corrects];
  if (isRepeat(text) || asksForChoices(asked, text, found)) return [{ kind: 'repeat' }];
  const answer = answerAlone(state, clear);
  if (answer.length > 0) return answer;
  return found.ambiguous || isMeantForTheFlow(text) ? [{ kind: 'unclear' }] : [];
}

function askedSlot(flow: FlowDefinition, { question }: FlowState): SlotDefinition | undefined {
  return question.kind === 'slot' ? flow.slots.find(({ name }) => name === question.slot) : undefined;
}

/** Short, or begun like an answer: "yes, but add some olives" is not for a model, which would promise the olives. */
function isMeantForTheFlow(text: string): boolean {
  return !isQuestion(text) && (isShort(text) || startsWithYes(text));
}

/** "Cancel the olives" may mean less than everything: ask rather than throw away. */
function partlyCancelled({ sets, ambiguous }: FoundSlots): readonly FlowCommand[] {
  return [{ kind: sets.length > 0 || ambiguous ? 'unclear' : 'cancel' }];
}

const changing =
  /^(?:(?:no|oh|ah|wait|sorry)[,.\s]+)*(?:actually|change|make|switch|update|correct)\b|^(?:不[,，]?)?(?:把|改|换)|改成|换成|改为/iu;

/** What is asked for in the user's own words is the whole message, unless it clearly is about something else. */
function wholeAnswer(
  asked: SlotDefinition | undefined,
  text: string,
  { sets, named }: FoundSlots,
): FlowCommand | undefined {
  if (asked?.type !== 'text' || sets.some(({ slot }) => slot === asked.name)) return undefined;
  const isAnswer = isYes(text) || noPhrases.includes(bareWords(text)) || isRepeat(text);
  if (isAnswer || isQuestion(text) || (changing.test(text) && sets.length + named.length > 0))
    return undefined;
  const found = wholeText(text, asked);
  return found === undefined ? undefined : { kind: 'set', slot: found.slot, value: found.value };
}

const changeWords =
  /\b(?:change|edit|update|fix|correct|modify|wrong|incorrect|different|another|mistake|redo)\b|改|换|修|不对|错|有误/iu;

/** Slots whose value is denied, or that are named without one where that can only mean that they are to be changed. */
function toCorrect(state: FlowState, text: string, { denied, named, sets }: FoundSlots): readonly string[] {
  if (sets.length > 0) return [];
  if (denied.length > 0) return denied;
  return state.question.kind === 'edit' || changeWords.test(text) ? named : [];
}

/** "What sizes are there?": the question itself names them. */
function asksForChoices(asked: SlotDefinition | undefined, text: string, { sets }: FoundSlots): boolean {
  if (asked?.type !== 'enum' || sets.length > 0 || !isQuestion(text)) return false;
  const words = bareWords(text);
  return asked.called.some((name) => {
    const at = words.indexOf(name.toLowerCase());
    return (
      at !== -1 &&
      /(?:^|\s)(?:what|which)(?:\s\S+){0,3}\s$|(?:什么|哪些|哪几种|几种|啥).{0,2}$/u.test(words.slice(0, at))
    );
  });
}

function answerBefore(state: FlowState, text: string): readonly FlowCommand[] {
  if (denies(state, text)) return [{ kind: 'deny' }];
  return startsWithYes(text) ? [{ kind: 'confirm' }] : [];
}

function answerAlone(state: FlowState, text: string): readonly FlowCommand[] {
  if (isYes(text)) return [{ kind: 'confirm' }];
  return denies(state, text) ? [{ kind: 'deny' }] : [];
}

/** To "What shall I change?" a no means that nothing is wrong, and a complaint that something is. */
function denies({ question }: FlowState, text: string): boolean {
  return isNo(text) || (question.kind !== 'edit' && isComplaint(text));
}
