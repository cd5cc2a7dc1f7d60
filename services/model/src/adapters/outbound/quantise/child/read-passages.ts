import { availableParallelism } from 'node:os';
import { getLlama, LlamaLogLevel } from 'node-llama-cpp';
import type { LlamaModel } from 'node-llama-cpp';
import { ParleyError } from '@parley/kernel';
import type { Reading } from '../../../../ports/quantise/model-judge.ts';
import { GgufVocabulary } from '../../gguf/host/load/gguf-vocabulary.ts';
import { llamaInternals } from '../../gguf/host/load/llama-internals.ts';
import { PromptTemplate } from '../../gguf/host/prompt/prompt-template.ts';
import { PromptTokens } from '../../gguf/host/prompt/prompt-tokens.ts';
import type { PassageMessage, ReadOrder } from '../child-protocol.ts';
import { childMain } from './child-main.ts';
import { TokenReader } from './token-reader.ts';

/** Tokens of a passage, and the first of them that is to be predicted. */
interface Window {
  readonly tokens: Uint32Array;
  readonly from: number;
}

/** Reads passages with a model and tells how likely it held each of their tokens. */
childMain(async (ordered, onShare): Promise<Reading> => {
  const order = ordered as ReadOrder;
  const threads = Math.max(1, availableParallelism() - 1);
  await using llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    maxThreads: threads,
    logLevel: LlamaLogLevel.error,
  });
  await using model = await llama.loadModel({ modelPath: order.path });
  const contextSize = Math.min(order.windowTokens, model.trainContextSize);
  await using context = await model.createContext({
    contextSize,
    sequences: 1,
    batchSize: TokenReader.batchTokens,
    threads,
    failedCreationRemedy: false,
  });
  const internals = await llamaInternals(llama, model, context);
  const vocabulary = await GgufVocabulary.of(model, internals.model);
  const reader = new TokenReader(internals);
  const windows = order.passages.flatMap((passage) =>
    windowsOf(passage, order, { model, vocabulary, contextSize }),
  );
  const likeliest: number[] = [];
  let logLikelihood = 0;
  for (const [at, { tokens, from }] of windows.entries()) {
    for (const place of await reader.read(tokens, from)) {
      likeliest.push(place.likeliest);
      logLikelihood += place.logLikelihood;
    }
    onShare((at + 1) / windows.length);
  }
  if (!Number.isFinite(logLikelihood))
    throw new ParleyError('engine_failed', 'The model answers no numbers.');
  return { tokens: likeliest.length, logLikelihood, likeliest };
});

interface Opened {
  readonly model: LlamaModel;
  readonly vocabulary: GgufVocabulary;
  readonly contextSize: number;
}

function windowsOf(passage: PassageMessage, order: ReadOrder, opened: Opened): Window[] {
  return 'text' in passage ? textWindows(passage.text, opened) : answerWindow(passage, order, opened);
}

/** Each window is read on its own; its first token is given. */
function textWindows(text: string, { vocabulary, contextSize }: Opened): Window[] {
  const tokens = vocabulary.tokenize(text, false);
  const { bosToken, prependBos } = vocabulary;
  const first = prependBos && bosToken !== undefined ? [bosToken] : [];
  const length = contextSize - first.length;
  const windows: Window[] = [];
  for (let at = 0; at + 1 < tokens.length; at += length)
    windows.push({ tokens: Uint32Array.from([...first, ...tokens.subarray(at, at + length)]), from: 1 });
  return windows;
}

/** What does not fit is left out, by both models alike. */
function answerWindow(
  { messages, answer }: Extract<PassageMessage, { answer: string }>,
  { template, systemRole, name }: ReadOrder,
  { model, vocabulary, contextSize }: Opened,
): Window[] {
  const source = template ?? model.fileInfo.metadata.tokenizer?.chat_template;
  if (source === undefined)
    throw new ParleyError('config_invalid', `The file of model "${name}" has no chat template.`);
  const { bosString, eosString } = model.tokens;
  const prompts = new PromptTemplate({
    source,
    bosText: bosString ?? '',
    eosText: eosString ?? '',
    systemRole,
  });
  const prompt = new PromptTokens(vocabulary).tokenize(prompts.render(messages));
  const tokens = Uint32Array.from([...prompt, ...vocabulary.tokenize(answer, false)]);
  return tokens.length > contextSize ? [] : [{ tokens, from: prompt.length }];
}
