import type { Reading } from '../../ports/quantise/model-judge.ts';
import { isRight } from './evaluation.ts';
import type { Question } from './evaluation.ts';

/** What must be kept unless the request says otherwise, and the least that it may say. */
export const defaultLeastKept = 0.95;
export const floorLeastKept = 0.85;
/** A source that knows fewer answers says nothing about what was lost. */
const fewestRight = 5;

/** How source and result read and answered the same evaluation. */
export interface PairedTrial {
  readonly questions: readonly Question[];
  readonly source: { readonly reading: Reading; readonly answers: readonly string[] };
  readonly result: { readonly reading: Reading; readonly answers: readonly string[] };
}

/** How well both predict held-out text. */
interface TextQuality {
  readonly tokens: number;
  readonly sourcePerplexity: number;
  readonly resultPerplexity: number;
  /** Share of places where both hold the same token most likely. */
  readonly agreement: number;
}

/** How many questions both answer rightly. */
interface AnswerQuality {
  readonly questions: number;
  readonly sourceRight: number;
  readonly resultRight: number;
  /** Right before and wrong now, and the other way round. */
  readonly lost: number;
  readonly won: number;
}

/** What a quantised model keeps of its source's quality. */
export interface QualityVerdict {
  readonly passed: boolean;
  /** The smaller of what its text and its answers keep, 0 to 1; 0 when neither could be measured. */
  readonly kept: number;
  readonly text?: TextQuality;
  readonly answers?: AnswerQuality;
  /** In words, with the numbers. */
  readonly reason: string;
}

/**
 * Weighs a result against its source. Text keeps the ratio of the perplexities (source's over result's), answers keep the
 * ratio of right ones; the smaller counts, because either shows a damage that the other misses.
 * @param leastKept 0.85 to 1
 */
export function judgeQuality(trial: PairedTrial, leastKept: number): QualityVerdict {
  const text = textQuality(trial);
  const answers = answerQuality(trial);
  const shares = [
    ...(text === undefined ? [] : [text.sourcePerplexity / text.resultPerplexity]),
    ...(answers === undefined || answers.sourceRight < fewestRight
      ? []
      : [answers.resultRight / answers.sourceRight]),
  ];
  const kept = shares.length === 0 ? 0 : Math.min(1, ...shares);
  const passed = shares.length > 0 && kept >= leastKept;
  const figures = [
    ...(text === undefined ? [] : [textOf(text)]),
    ...(answers === undefined ? [] : [answersOf(answers)]),
  ];
  const head =
    shares.length === 0
      ? 'Its quality could not be measured: there is no held-out text, and the source knows too few answers.'
      : `It keeps ${percent(kept)} of its source's quality; ${percent(leastKept)} are asked for.`;
  return {
    passed,
    kept,
    ...(text === undefined ? {} : { text }),
    ...(answers === undefined ? {} : { answers }),
    reason: [head, ...figures].join(' '),
  };
}

function textQuality({ source, result }: PairedTrial): TextQuality | undefined {
  const { tokens, likeliest } = source.reading;
  if (tokens === 0 || result.reading.tokens !== tokens) return undefined;
  const same = likeliest.filter((token, place) => token === result.reading.likeliest[place]).length;
  return {
    tokens,
    sourcePerplexity: perplexityOf(source.reading),
    resultPerplexity: perplexityOf(result.reading),
    agreement: same / tokens,
  };
}

/** e to the mean negative log likelihood: among how many equally likely tokens the model chooses, as it were. */
function perplexityOf({ tokens, logLikelihood }: Reading): number {
  return Math.exp(-logLikelihood / tokens);
}

function answerQuality({ questions, source, result }: PairedTrial): AnswerQuality | undefined {
  if (questions.length === 0) return undefined;
  const rightOf = (answers: readonly string[]): boolean[] =>
    questions.map(({ expect }, at) => isRight(answers[at] ?? '', expect));
  const [before, now] = [rightOf(source.answers), rightOf(result.answers)];
  const count = (wanted: (was: boolean, is: boolean) => boolean): number =>
    before.filter((was, at) => wanted(was, now[at] === true)).length;
  return {
    questions: questions.length,
    sourceRight: count((was) => was),
    resultRight: count((_, is) => is),
    lost: count((was, is) => was && !is),
    won: count((was, is) => !was && is),
  };
}

function textOf({ tokens, sourcePerplexity, resultPerplexity, agreement }: TextQuality): string {
  return (
    `Perplexity over ${tokens} tokens: ${sourcePerplexity.toPrecision(4)} before, ${resultPerplexity.toPrecision(4)} now; ` +
    `the likeliest token is the same at ${percent(agreement)} of the places.`
  );
}

function answersOf({ questions, sourceRight, resultRight, lost, won }: AnswerQuality): string {
  return `Of ${questions} questions ${sourceRight} were right before, ${resultRight} now (${lost} lost, ${won} won).`;
}

function percent(share: number): string {
  // Never rounded up to what was asked for.
  return `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}
