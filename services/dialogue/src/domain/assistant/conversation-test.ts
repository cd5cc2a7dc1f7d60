import type { ConversationTokens } from '../strategy/conversation-tokens.ts';
import { readFacts } from '../strategy/memory/facts.ts';
import { Pipeline } from '../strategy/pipeline.ts';
import type { ReceivedInput } from '../strategy/pipeline.ts';
import { checkTexts } from '../strategy/text-expectation.ts';
import type { TestFailure, TextExpectation } from '../strategy/text-expectation.ts';
import type { PromptContext } from '../strategy/strategy.ts';
import type { PreviousConversation } from '../start/previous-turns.ts';
import { textOf } from '../turn/turn.ts';
import type { Item, Speaker } from '../turn/turn.ts';
import { assistantContext, conversationOf } from './assistant-context.ts';
import type { Assistant } from './assistant.ts';

/** One of a document's own tests: a conversation, and what the next prompt holds. It asks no model. */
export interface ConversationTest {
  readonly name: string;
  /** The model that the test imagines. */
  readonly model: { readonly contextTokens: number; readonly charactersPerToken: number };
  readonly language?: string | undefined;
  readonly said: readonly { readonly user: string; readonly assistant: string; readonly times: number }[];
  readonly user: string;
  readonly expect: {
    readonly facts?: Readonly<Record<string, string>> | undefined;
    readonly instructions: TextExpectation;
    readonly messages: TextExpectation;
    readonly maxPromptTokens?: number | undefined;
    readonly answer?: TextExpectation | undefined;
  };
}

/** What an imagined template adds. */
const template = { conversation: 4, perMessage: 4 };

/** Failures are traced in the test's own result, and nowhere else. */
const silent = { stepped: () => undefined, strategyFailed: () => undefined };

/** Runs a test through the pipeline that turns run through. */
export async function runConversationTest(
  assistant: Assistant,
  test: ConversationTest,
): Promise<readonly TestFailure[]> {
  const pipeline = new Pipeline(silent);
  const language = test.language ?? '';
  let before: PreviousConversation = { items: [], states: [] };
  for (const { user, assistant: answer, times } of test.said) {
    for (let time = 0; time < times; time++) {
      const { received, input } = await hear(pipeline, assistant, before, user, language);
      const answered = item('assistant', received.answer ?? answer);
      before = { items: [...before.items, ...input, answered], states: received.states };
    }
  }
  const { received, conversation } = await hear(pipeline, assistant, before, test.user, language);
  const failed = received.steps.filter(({ outcome }) => outcome === 'failed');
  const tokens = countedBy(test.model.charactersPerToken);
  const { context, steps } = await assistantContext(pipeline, assistant, received, '', {
    conversation,
    model: { name: 'imagined', digest: 'imagined', contextTokens: test.model.contextTokens },
    maxOutputTokens: assistant.maxOutputTokens,
    functions: '',
    tokens,
  });
  const broken = [...failed, ...steps.filter(({ outcome }) => outcome === 'failed')];
  return [
    ...broken.map(({ strategy, hook }) => ({ path: [], message: `${strategy} failed at ${hook}` })),
    ...checkFacts(test, received),
    ...checkAnswer(test, received),
    ...checkPrompt(test, context, await promptTokens(context, tokens)),
  ];
}

async function hear(
  pipeline: Pipeline,
  assistant: Assistant,
  before: PreviousConversation,
  user: string,
  language: string,
) {
  const input = [item('user', user)];
  const conversation = conversationOf(before, input, language);
  const received = await pipeline.received(assistant.strategies, conversation, before.states);
  return { input, conversation, received };
}

function checkFacts({ expect }: ConversationTest, { states }: ReceivedInput): readonly TestFailure[] {
  if (expect.facts === undefined) return [];
  const facts = states.flatMap(({ data }) => readFacts(data) ?? []);
  const known = Object.fromEntries(facts.map(({ rule, key, value }) => [`${rule} ${key}`.trim(), value]));
  const names = new Set([...Object.keys(known), ...Object.keys(expect.facts)]);
  return Array.from(names).flatMap((name) => {
    if (known[name] === expect.facts?.[name]) return [];
    const message = `expected ${told(expect.facts?.[name])}, but ${told(known[name])} is known`;
    return [{ path: ['expect', 'facts', name], message }];
  });
}

function told(value: string | undefined): string {
  return value === undefined ? 'nothing' : `"${value}"`;
}

function checkAnswer({ expect }: ConversationTest, { answer }: ReceivedInput): readonly TestFailure[] {
  if (expect.answer === undefined) return [];
  const at = ['expect', 'answer'];
  if (answer === undefined) return [{ path: at, message: 'expected an answer without the model' }];
  return checkTexts(at, expect.answer, answer);
}

function checkPrompt(
  { expect }: ConversationTest,
  context: PromptContext,
  tokens: number,
): readonly TestFailure[] {
  const most = expect.maxPromptTokens ?? Infinity;
  const tooLong = { path: ['expect', 'maxPromptTokens'], message: `the prompt has ${tokens} tokens` };
  return [
    ...checkTexts(['expect', 'instructions'], expect.instructions, context.instructions),
    ...checkTexts(['expect', 'messages'], expect.messages, context.items.map(textOf).join('\n')),
    ...(tokens > most ? [tooLong] : []),
  ];
}

async function promptTokens(context: PromptContext, tokens: ConversationTokens): Promise<number> {
  const texts = [context.instructions, ...context.items.map(textOf)].filter((text) => text !== '');
  const counts = await tokens.texts(texts);
  return counts.reduce((sum, count) => sum + count + template.perMessage, template.conversation);
}

function countedBy(charactersPerToken: number): ConversationTokens {
  return {
    texts: (texts) => Promise.resolve(texts.map((text) => Math.ceil(text.length / charactersPerToken))),
    overhead: () => Promise.resolve(template),
  };
}

function item(role: Speaker, text: string): Item {
  return {
    id: role,
    type: 'message',
    role,
    content: [{ type: 'text', text }],
    status: 'completed',
    name: '',
  };
}
