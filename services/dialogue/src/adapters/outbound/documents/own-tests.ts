import type { DocumentFault, LoadedDocument } from '@parley/config';
import type { Assistant } from '../../../domain/assistant/assistant.ts';
import { runConversationTest } from '../../../domain/assistant/conversation-test.ts';
import type { Strategy } from '../../../domain/strategy/strategy.ts';
import type { ConversationTestDocument } from './conversation-test-schema.ts';

/** How one of a document's own tests went. */
export interface OwnTestResult {
  readonly name: string;
  /** Where the test stands. */
  readonly line: number;
  /** Empty when all was as expected. */
  readonly faults: readonly DocumentFault[];
}

/** Runs the tests that a document brings along. */
export async function runOwnTests(
  { parsed }: LoadedDocument,
  tests: readonly ConversationTestDocument[],
  assistant: Assistant,
): Promise<readonly OwnTestResult[]> {
  const results: OwnTestResult[] = [];
  for (const [index, test] of tests.entries()) {
    const failures = await runConversationTest(assistant, test);
    const faults = failures.flatMap(
      ({ path, message }) =>
        parsed.error(['tests', index, ...path], `test "${test.name}": ${message}`).faults,
    );
    results.push({ name: test.name, line: parsed.lineOf(['tests', index]), faults });
  }
  return results;
}

/** An assistant that has one strategy and nothing else of its own, to try the strategy with. */
export function plainAssistant(strategy: Strategy): Assistant {
  return {
    name: strategy.name,
    version: strategy.version,
    title: {},
    description: {},
    model: 'default',
    instructions: { en: 'You are a helpful assistant.', 'zh-CN': '你是一个有用的助手。' },
    sampling: {},
    maxOutputTokens: 0,
    stop: [],
    strategies: [strategy],
    uses: [strategy.name],
  };
}
