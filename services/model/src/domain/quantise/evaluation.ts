import type { AnswerForm, ChatMessage } from '../../ports/engine.ts';

/** A text, or a conversation of whose answer the tokens count. */
export type Passage =
  | { readonly text: string }
  | { readonly messages: readonly ChatMessage[]; readonly answer: string };

/** What an answer must be. */
export type Expectation =
  | { readonly exact: string }
  /** At least one of them is in the answer; upper and lower case are the same. */
  | { readonly contains: readonly string[] }
  /** The answer is JSON of this value; the order of keys is of no account. */
  | { readonly json: unknown };

/** A question with an answer that is right or wrong. */
export interface Question {
  readonly messages: readonly ChatMessage[];
  readonly form: AnswerForm;
  readonly maxTokens: number;
  readonly expect: Expectation;
}

/** What a model is measured by; it was trained on none of it. */
export interface Evaluation {
  readonly name: string;
  /** Text it is to predict; '' = only the answers of its questions. */
  readonly text: string;
  readonly questions: readonly Question[];
}

/** What of an evaluation is read: its text, and those answers that are given word by word. */
export function passagesOf({ text, questions }: Evaluation): Passage[] {
  const answers = questions.flatMap(({ messages, expect }) =>
    'exact' in expect ? [{ messages, answer: expect.exact }] : [],
  );
  return text === '' ? answers : [{ text }, ...answers];
}

/** Whether an answer is what was expected. */
export function isRight(answer: string, expect: Expectation): boolean {
  if ('exact' in expect) return answer.trim() === expect.exact.trim();
  if ('contains' in expect) {
    const text = answer.toLowerCase();
    return expect.contains.some((part) => text.includes(part.toLowerCase()));
  }
  return isSameJson(answer, expect.json);
}

function isSameJson(answer: string, expected: unknown): boolean {
  try {
    return canonical(JSON.parse(answer)) === canonical(expected);
  } catch {
    return false;
  }
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
