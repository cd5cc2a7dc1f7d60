import {
  cancelling,
  closers,
  complaints,
  noPhrases,
  openers,
  repeating,
  restarting,
  yesFillers,
  yesPhrases,
} from './intent-phrases.ts';
import { bareWords } from './message-text.ts';
import { anywhere, leading, phrases, withoutLeading } from './phrases.ts';
import type { Phrases } from './phrases.ts';

/** Whether the message as a whole is a wish to end the flow. */
export function isCancel(text: string): boolean {
  const words = bareWords(text);
  return consistsOf(words, cancelling) || chineseCancel.test(words);
}

/** "Cancel my pizza": what is cancelled may be the whole or one part of it. */
export function startsWithCancel(text: string): boolean {
  return leading(withoutLeading(bareWords(text), openers), cancelVerbs) !== '';
}

const cancelVerbs = phrases('cancel|取消');
const chineseCancel = /^(?!.*[不别](?:要|用)?取消).{0,10}取消[掉了吧啊]*$/u;

/** Whether the message wishes to begin anew; values may follow. */
export function isRestart(text: string): boolean {
  const words = bareWords(text);
  return consistsOf(words, restarting) || leading(withoutLeading(words, openers), restarting) !== '';
}

/** Whether the message asks for the question again. */
export function isRepeat(text: string): boolean {
  return consistsOf(bareWords(text), repeating);
}

const yesAndFillers = phrases(...yesPhrases, ...yesFillers);

/** Whether the message is a yes and nothing else: a yes with a condition is none. */
export function isYes(text: string): boolean {
  let rest = bareWords(text);
  let saidYes = false;
  while (rest !== '') {
    const found = leading(rest, yesAndFillers);
    if (found === '') return false;
    saidYes ||= yesPhrases.includes(found);
    rest = rest.slice(found.length).trim();
  }
  return saidYes;
}

/** Whether the message starts with a yes, before what else it says; in Chinese with a pause after it. */
export function startsWithYes(text: string): boolean {
  const words = bareWords(text);
  const rest = words.slice(leading(words, yesPhrases).length);
  return rest.length < words.length && (rest === '' || rest.startsWith(' '));
}

const yesOrNo = phrases(...yesPhrases, ...noPhrases);
const politeness = phrases('oh|um|uh|hmm|well|sorry|actually|ok so', '嗯|哦|呃|那|抱歉|不好意思');

/** Whether the message is a no, whatever follows; a no too many costs a question, a yes too many an order. */
export function isNo(text: string): boolean {
  const words = withoutLeading(bareWords(text), politeness);
  return noPhrases.includes(leading(words, yesOrNo));
}

/** Whether the message says, anywhere, that something is not as it should be. */
export function isComplaint(text: string): boolean {
  return !isYes(text) && anywhere(bareWords(text), complaints);
}

/** Whether words are some of the phrases, however they are dressed. */
function consistsOf(words: string, known: Phrases): boolean {
  if (known.includes(words)) return true;
  const core = withoutLeading(words, openers);
  const first = leading(core, known);
  return first !== '' && withoutLeading(core.slice(first.length).trim(), [...known, ...closers]) === '';
}
