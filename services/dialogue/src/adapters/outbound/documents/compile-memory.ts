import type { LoadedDocument } from '@parley/config';
import { ContextMemory } from '../../../domain/strategy/memory/context-memory.ts';
import type { MemorySpec, MemoryWindow } from '../../../domain/strategy/memory/context-memory.ts';
import type { AssistantDocument } from './assistant-schema.ts';
import type { MemoryStrategyDocument } from './memory-strategy-schema.ts';
import { patternsAt } from './re2-pattern.ts';

type Block = MemoryStrategyDocument['spec']['blocks'][number];
type FactsBlock = Extract<Block, { use: 'facts' }>;

/** A memory as its document describes it. @throws DocumentError when a pattern is none. */
export function compileMemory(document: LoadedDocument<MemoryStrategyDocument>): ContextMemory {
  const { budget, blocks } = document.value.spec;
  const window = blocks.find((block) => block.use === 'window');
  return new ContextMemory({
    name: document.name,
    version: document.version,
    digest: document.digest,
    inputShare: Number.parseInt(budget.input, 10) / 100,
    reserveOutput: budget.reserveOutput,
    facts: blocks.map((block, index) => factsOf(document, block, index)).find((facts) => facts !== undefined),
    window: limitsOf(window ?? {}),
  });
}

/** Limits as a document gives them; what is not given has no limit. */
export function limitsOf(limits: {
  readonly maxTokens?: number | undefined;
  readonly maxTurns?: number | undefined;
}): MemoryWindow {
  return { mostTokens: limits.maxTokens ?? Infinity, mostTurns: limits.maxTurns ?? Infinity };
}

/** The memory of an assistant that asks for nothing but a window. */
export function windowMemory(
  { name, version, digest, value }: LoadedDocument<AssistantDocument>,
  window: MemoryWindow,
): ContextMemory {
  const reserveOutput = value.spec.sampling.maxTokens ?? 256;
  return new ContextMemory({ name: `${name}-window`, version, digest, inputShare: 1, reserveOutput, window });
}

function factsOf(
  document: LoadedDocument<MemoryStrategyDocument>,
  block: Block,
  index: number,
): MemorySpec['facts'] {
  if (block.use !== 'facts') return undefined;
  const at = ['spec', 'blocks', index];
  const rules = Object.entries(block.facts).map(([name, rule]) =>
    ruleOf(document, [...at, 'facts'], name, rule),
  );
  const forgetAll = patternsAt(document, [...at, 'forgetAll'], block.forgetAll);
  return { rules: { rules, forgetAll, mostFacts: block.maxFacts }, mostTokens: block.maxTokens };
}

function ruleOf(
  document: LoadedDocument<MemoryStrategyDocument>,
  path: readonly PropertyKey[],
  name: string,
  rule: FactsBlock['facts'][string],
) {
  const at = [...path, name];
  return {
    name,
    say: rule.say,
    learn: patternsAt(document, [...at, 'learn'], rule.learn, ['value']),
    except: patternsAt(document, [...at, 'except'], rule.except),
    forget: patternsAt(document, [...at, 'forget'], rule.forget),
  };
}
