import { describe, expect, it } from 'vitest';
import { isRight, passagesOf } from './evaluation.ts';
import type { Expectation, Question } from './evaluation.ts';
import { judgeQuality } from './quality-gate.ts';
import type { PairedTrial } from './quality-gate.ts';

const question = (expect: Expectation): Question => ({
  messages: [{ role: 'user', content: 'Say it.' }],
  form: { kind: 'text' },
  maxTokens: 8,
  expect,
});
const reading = (tokens: number, perplexity: number, likeliest: number[] = []) => ({
  tokens,
  logLikelihood: -Math.log(perplexity) * tokens,
  likeliest,
});
const unread = reading(0, 1);

/** Of twenty questions so many are answered rightly. */
function answered(sourceRight: number, resultRight: number): PairedTrial {
  const questions = Array.from({ length: 20 }, () => question({ exact: 'it' }));
  const answers = (right: number): string[] => questions.map((_, at) => (at < right ? 'it' : 'that'));
  return {
    questions,
    source: { reading: unread, answers: answers(sourceRight) },
    result: { reading: unread, answers: answers(resultRight) },
  };
}

function read(
  source: PairedTrial['source']['reading'],
  result: PairedTrial['source']['reading'],
): PairedTrial {
  return {
    questions: [],
    source: { reading: source, answers: [] },
    result: { reading: result, answers: [] },
  };
}

describe('the quality gate', () => {
  it('passes a result that predicts held-out text nearly as well', () => {
    const verdict = judgeQuality(read(reading(4, 10, [1, 2, 3, 4]), reading(4, 10.4, [1, 2, 3, 5])), 0.95);
    expect(verdict).toMatchObject({ passed: true, text: { tokens: 4, agreement: 0.75 } });
    expect(verdict.kept).toBeCloseTo(10 / 10.4);
    expect(verdict.reason).toBe(
      "It keeps 96.1 % of its source's quality; 95.0 % are asked for. Perplexity over 4 tokens: 10.00 before, " +
        '10.40 now; the likeliest token is the same at 75.0 % of the places.',
    );
  });

  it('does not pass one that is more surprised by it, and passes it where less is asked for', () => {
    const trial = read(reading(4, 10), reading(4, 11));
    expect(judgeQuality(trial, 0.95)).toMatchObject({ passed: false });
    expect(judgeQuality(trial, 0.9)).toMatchObject({ passed: true });
  });

  it('counts what is worse, the text or the answers', () => {
    const text = read(reading(4, 10), reading(4, 10));
    const answers = answered(20, 18);
    const source = { ...answers.source, reading: text.source.reading };
    const result = { ...answers.result, reading: text.result.reading };
    expect(judgeQuality({ ...answers, source, result }, 0.95)).toMatchObject({
      passed: false,
      kept: 0.9,
      answers: { questions: 20, sourceRight: 20, resultRight: 18, lost: 2, won: 0 },
    });
  });

  it('never keeps more than all', () => {
    expect(judgeQuality(answered(10, 12), 1)).toMatchObject({ passed: true, kept: 1, answers: { won: 2 } });
  });

  it('passes nothing that it could not measure', () => {
    expect(judgeQuality(answered(4, 4), 0.95)).toMatchObject({ passed: false, kept: 0 });
    expect(judgeQuality(read(unread, unread), 0.85).reason).toContain('could not be measured');
    // Another number of tokens: these are not forms of one model.
    expect(judgeQuality(read(reading(4, 10), reading(5, 10)), 0.85)).toMatchObject({ passed: false });
  });
});

describe('an answer', () => {
  it.each<[string, Expectation, boolean]>([
    [' 4 x 2 = 8\n', { exact: '4 x 2 = 8' }, true],
    ['4 x 2 = 9', { exact: '4 x 2 = 8' }, false],
    ['It is PARIS.', { contains: ['Lutetia', 'Paris'] }, true],
    ['It is Rome.', { contains: ['Paris'] }, false],
    ['{"b": [1, 2], "a": "x"}', { json: { a: 'x', b: [1, 2] } }, true],
    ['{"b": [2, 1], "a": "x"}', { json: { a: 'x', b: [1, 2] } }, false],
    ['{"a": ', { json: {} }, false],
  ])('%j is right or not as expected: %j', (answer, expectation, right) => {
    expect(isRight(answer, expectation)).toBe(right);
  });

  it('is read as well where it is known word by word', () => {
    const questions = [question({ exact: 'it' }), question({ contains: ['it'] })];
    const [{ messages }] = questions as [Question];
    expect(passagesOf({ name: 'x', text: 'Once.', questions })).toEqual([
      { text: 'Once.' },
      { messages, answer: 'it' },
    ]);
  });
});
