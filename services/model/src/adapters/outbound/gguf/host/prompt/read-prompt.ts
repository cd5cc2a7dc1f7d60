import { ParleyError } from '@parley/kernel';
import type { EngineRequest, FunctionTool, ModelSpec } from '../../../../../ports/engine.ts';
import type { PromptTemplate } from './prompt-template.ts';
import type { PromptTokens } from './prompt-tokens.ts';

/** A prompt longer than this many characters per context token is read in part first, to refuse it cheaply. */
const charactersPerToken = 8;

/** What prompts are made with. */
export interface PromptMaker {
  readonly spec: ModelSpec;
  readonly template: PromptTemplate;
  readonly prompts: PromptTokens;
}

/** What a prompt is made of, beside the messages. */
export interface PromptExtras {
  /** What the model is told that it can call. */
  readonly functions: readonly FunctionTool[];
  /** The beginning of the answer; '' = the model begins it. */
  readonly begun: string;
}

/** A prompt, and whether it leaves the model in a thought. */
export interface ReadPrompt {
  readonly tokens: Uint32Array;
  readonly endsInThought: boolean;
}

/** The tokens of a request's prompt. @throws ParleyError `context_length_exceeded`, `invalid_request`. */
export function readPrompt(
  { messages, maxOutputTokens }: EngineRequest,
  { spec, template, prompts }: PromptMaker,
  { functions, begun }: PromptExtras = { functions: [], begun: '' },
): ReadPrompt {
  const rendered = template.render(messages, functions);
  const pieces = begun === '' ? rendered : [...rendered, { text: begun, trusted: true }];
  const length = pieces.reduce((sum, { text }) => sum + text.length, 0);
  if (length > spec.contextTokens * charactersPerToken) {
    const part = prompts.tokenize(headOf(pieces, spec.contextTokens * charactersPerToken)).length;
    if (part > spec.contextTokens) throw tooLong(spec, `at least ${part}`, maxOutputTokens);
  }
  const prompt = prompts.tokenize(pieces);
  if (prompt.length === 0) {
    throw new ParleyError('invalid_request', 'The messages make an empty prompt.', { param: 'messages' });
  }
  if (prompt.length + Math.max(1, maxOutputTokens) > spec.contextTokens) {
    throw tooLong(spec, String(prompt.length), maxOutputTokens);
  }
  return { tokens: prompt, endsInThought: rendered.at(-1)?.text.trimEnd().endsWith('<think>') ?? false };
}

function headOf<Piece extends { readonly text: string }>(
  pieces: readonly Piece[],
  characters: number,
): Piece[] {
  const head: Piece[] = [];
  let left = characters;
  for (const piece of pieces) {
    if (left <= 0) break;
    head.push({ ...piece, text: piece.text.slice(0, left) });
    left -= piece.text.length;
  }
  return head;
}

function tooLong(spec: ModelSpec, promptTokens: string, maxOutputTokens: number): ParleyError {
  const asked = maxOutputTokens === 0 ? 'leaves no room for an answer' : `asks for ${maxOutputTokens} more`;
  const message =
    `The prompt has ${promptTokens} tokens and ${asked}; ` +
    `model "${spec.name}" holds ${spec.contextTokens} tokens of prompt and answer together.`;
  return new ParleyError('context_length_exceeded', message, { param: 'messages' });
}
