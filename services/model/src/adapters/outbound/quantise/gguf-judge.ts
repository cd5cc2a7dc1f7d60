import { setPriority } from 'node:os';
import { toParleyError } from '@parley/kernel';
import type { ParleyError } from '@parley/kernel';
import type { Passage, Question } from '../../../domain/quantise/evaluation.ts';
import type { EngineRequest, LoadedModel, ModelSpec } from '../../../ports/engine.ts';
import type { JudgingProgress, ModelJudge, Reading } from '../../../ports/quantise/model-judge.ts';
import { GgufEngine } from '../gguf/gguf-engine.ts';
import type { HostConnectionOptions } from '../gguf/host-connection.ts';
import type { ReadOrder } from './child-protocol.ts';
import { jobNiceness } from './job-niceness.ts';
import { runChild } from './run-child.ts';

/** Long enough that a text hangs together, short enough for small machines. */
const windowTokens = 512;
/** A question and its answer. */
const questionTokens = 1536;
const atOnce = 8;

/** Tries GGUF models out: reads in a child process, answers in an engine host that serves nobody else. */
export class GgufJudge implements ModelJudge {
  readonly #options: HostConnectionOptions;

  constructor(options: HostConnectionOptions) {
    this.#options = options;
  }

  async read(
    { name, path, template, systemRole }: ModelSpec,
    passages: readonly Passage[],
    progress: JudgingProgress,
  ): Promise<Reading> {
    if (passages.length === 0) return { tokens: 0, logLikelihood: 0, likeliest: [] };
    const head = { name, path, systemRole, windowTokens, passages };
    const order: ReadOrder = template === undefined ? head : { ...head, template };
    const what = `that reads a text with model "${name}"`;
    const { environment } = this.#options;
    const onShare = (share: number): void => progress.share(share);
    return (await runChild('read-passages', order, {
      what,
      environment,
      signal: progress.signal,
      onShare,
    })) as Reading;
  }

  async answer(
    spec: ModelSpec,
    questions: readonly Question[],
    progress: JudgingProgress,
  ): Promise<string[]> {
    if (questions.length === 0) return [];
    const { signal } = progress;
    // What native code has to say about a model that is tried out is part of its error or of no interest.
    await using engine = new GgufEngine({ ...this.#options, onLog: () => undefined });
    await engine.start();
    if (engine.hostPid !== undefined) setPriority(engine.hostPid, jobNiceness);
    const contextTokens = Math.min(spec.contextTokens, questionTokens);
    const slots = Math.min(atOnce, questions.length);
    const small = { ...spec, contextTokens, slots, maxQueued: questions.length, proven: true };
    await using model = await engine.load(small, { signal });
    let done = 0;
    return await Promise.all(
      questions.map(async (question) => {
        const answer = await answerOf(model, question, signal);
        progress.share(++done / questions.length);
        return answer;
      }),
    );
  }
}

/** Always the most likely token, so that one model's answer differs from the other's by its weights alone. */
async function answerOf(model: LoadedModel, question: Question, signal: AbortSignal): Promise<string> {
  const request: EngineRequest = {
    messages: question.messages,
    sampling: { temperature: 0 },
    form: question.form,
    maxOutputTokens: question.maxTokens,
    stop: [],
    priority: 0,
  };
  let text = '';
  try {
    for await (const update of model.generate(request, signal))
      if (update.type === 'chunk') text += update.text;
    return text;
  } catch (thrown) {
    signal.throwIfAborted();
    const error = toParleyError(thrown);
    // A question that is too long for the model, or of a form it cannot give, is answered wrongly.
    if (isQuestionsFault(error)) return '';
    throw error;
  }
}

function isQuestionsFault({ code }: ParleyError): boolean {
  return code === 'context_length_exceeded' || code === 'unsupported' || code === 'invalid_request';
}
