import { ParleyError } from '@parley/kernel';

/** A field of OpenAI's API that Parley knows and does not have: which values ask for nothing, and what to do. */
export interface UnsupportedField {
  readonly name: string;
  readonly harmless: (value: unknown) => boolean;
  readonly advice: string;
}

function blank(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.values(value).every(blank);
}

function among(...values: readonly unknown[]): (value: unknown) => boolean {
  return (value) => blank(value) || values.includes(value);
}

const leaveOut = 'Leave it out.';
const noTools = 'Parley runs no tools by itself; leave it out.';
const asTools = 'Send the functions as tools.';

const shared: readonly UnsupportedField[] = [
  { name: 'top_logprobs', harmless: among(0), advice: leaveOut },
  { name: 'service_tier', harmless: among('auto', 'default'), advice: 'Leave it out, or send "default".' },
  { name: 'moderation', harmless: blank, advice: leaveOut },
];

/** What Chat Completions has and Parley has not. */
export const chatUnsupported: readonly UnsupportedField[] = [
  ...shared,
  { name: 'n', harmless: among(1), advice: 'One answer is given per request; send 1, or several requests.' },
  { name: 'functions', harmless: blank, advice: asTools },
  { name: 'function_call', harmless: among('none', 'auto'), advice: 'Send tool_choice.' },
  { name: 'logprobs', harmless: blank, advice: leaveOut },
  { name: 'audio', harmless: blank, advice: 'Answers are text; leave it out.' },
  { name: 'modalities', harmless: onlyText, advice: 'Answers are text; leave it out, or send ["text"].' },
  { name: 'prediction', harmless: blank, advice: leaveOut },
  { name: 'reasoning_effort', harmless: among('none'), advice: leaveOut },
  { name: 'verbosity', harmless: among('medium'), advice: leaveOut },
  { name: 'web_search_options', harmless: absent, advice: noTools },
];

/** What the Responses API has and Parley has not. */
export const responsesUnsupported: readonly UnsupportedField[] = [
  ...shared,
  {
    name: 'background',
    harmless: blank,
    advice: 'Send "stream": true; a stored response goes on when you disconnect.',
  },
  { name: 'conversation', harmless: blank, advice: 'Use previous_response_id.' },
  { name: 'context_management', harmless: blank, advice: leaveOut },
  { name: 'image', harmless: blank, advice: leaveOut },
  { name: 'include', harmless: blank, advice: leaveOut },
  { name: 'max_tool_calls', harmless: blank, advice: noTools },
  { name: 'prompt', harmless: blank, advice: 'Send the prompt’s text as instructions and input.' },
  { name: 'reasoning', harmless: blank, advice: leaveOut },
  {
    name: 'truncation',
    harmless: among('disabled'),
    advice: 'A prompt that is too long is refused; send a shorter one.',
  },
];

/** What `response.create` over a WebSocket has beyond the body of `POST /v1/responses`, and Parley has not. */
export const webSocketUnsupported: readonly UnsupportedField[] = [
  {
    name: 'generate',
    harmless: (value) => absent(value) || value === true,
    advice: 'Every response generates output; leave it out.',
  },
];

const sendItAll = 'Send what was said before as input.';

/** What counting a response's input has and Parley has not. */
export const inputTokensUnsupported: readonly UnsupportedField[] = [
  ...responsesUnsupported.filter(({ name }) => name !== 'conversation'),
  { name: 'conversation', harmless: blank, advice: sendItAll },
  { name: 'previous_response_id', harmless: blank, advice: sendItAll },
  { name: 'personality', harmless: blank, advice: 'Say it in the instructions.' },
];

/** What the Embeddings API has and Parley has not. */
export const embeddingsUnsupported: readonly UnsupportedField[] = [
  { name: 'dimensions', harmless: absent, advice: 'A model’s vectors have one length; leave it out.' },
];

function onlyText(value: unknown): boolean {
  return blank(value) || (Array.isArray(value) && value.every((entry) => entry === 'text'));
}

function absent(value: unknown): boolean {
  return value === undefined || value === null;
}

/** @throws ParleyError `unsupported` for the first field that asks for something Parley does not have */
export function rejectUnsupported(body: unknown, fields: readonly UnsupportedField[]): void {
  if (typeof body !== 'object' || body === null) return;
  for (const { name, harmless, advice } of fields) {
    if (!Object.hasOwn(body, name)) continue;
    const value: unknown = Reflect.get(body, name);
    if (!harmless(value))
      throw new ParleyError('unsupported', `\`${name}\` is not supported here. ${advice}`, { param: name });
  }
}
