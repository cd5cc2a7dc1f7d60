import { readText } from '../../turn/turn.ts';
import type { Item } from '../../turn/turn.ts';
import type { ConversationTokens } from '../conversation-tokens.ts';
import type {
  ContextOutcome,
  ContextRequest,
  Conversation,
  InputOutcome,
  JsonValue,
  Strategy,
} from '../strategy.ts';
import { hearEach, unheardMessages } from '../unheard-messages.ts';
import { readFacts, remember, sayFacts } from './facts.ts';
import type { FactRules } from './facts.ts';
import { joinSentences } from './join-sentences.ts';
import { exchangesOf, newestThatFit } from './window.ts';
import type { Exchange } from './window.ts';

/** How a memory divides the model's context. */
export interface MemorySpec {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  /** Share of the model's context that the prompt may take. */
  readonly inputShare: number;
  /** Tokens kept for the answer where the request does not say how many it may take. */
  readonly reserveOutput: number;
  /** Undefined: it keeps no facts. */
  readonly facts?: { readonly rules: FactRules; readonly mostTokens: number } | undefined;
  readonly window: MemoryWindow;
}

/** The most that a memory sends of what was said, beside what the budget allows. */
export interface MemoryWindow {
  readonly mostTokens: number;
  readonly mostTurns: number;
}

/** Exchanges whose tokens are counted by one call. */
const batch = 16;

/**
 * Keeps the newest turns that fit the model's context, and the facts that the user told, however long ago: these are
 * said to the model after the instructions.
 */
export class ContextMemory implements Strategy {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly #spec: MemorySpec;

  constructor(spec: MemorySpec) {
    this.name = spec.name;
    this.version = spec.version;
    this.digest = spec.digest;
    this.#spec = spec;
  }

  /** The same memory with a window that is at most as large. */
  narrowed({ mostTokens, mostTurns }: MemoryWindow): ContextMemory {
    const { window } = this.#spec;
    return new ContextMemory({
      ...this.#spec,
      window: {
        mostTokens: Math.min(window.mostTokens, mostTokens),
        mostTurns: Math.min(window.mostTurns, mostTurns),
      },
    });
  }

  async received(conversation: Conversation, state: JsonValue | undefined): Promise<InputOutcome> {
    const { facts } = this.#spec;
    if (facts === undefined) return { outcome: undefined };
    const known = readFacts(state);
    const { texts } = unheardMessages(conversation, known === undefined ? undefined : state);
    let after = known ?? [];
    await hearEach(texts, (text) => {
      after = remember(facts.rules, after, text);
    });
    const same = JSON.stringify(after) === JSON.stringify(known ?? []);
    return { outcome: same ? 'unchanged' : 'learned', state: after.map((fact) => ({ ...fact })) };
  }

  async build(request: ContextRequest): Promise<ContextOutcome> {
    const { context, tokens } = request;
    const sentences = await this.#sentences(request);
    const instructions = joinSentences(context.instructions, sentences);
    const { perMessage, conversation } = await tokens.overhead();
    const [system = 0] = instructions === '' ? [] : await tokens.texts([instructions]);
    const [told = 0] = request.functions === '' ? [] : await tokens.texts([request.functions]);
    const left = this.#budget(request) - conversation - told - (system === 0 ? 0 : system + perMessage);
    const items = await this.#window(context.items, left, perMessage, tokens);
    const outcome = items.length === context.items.length ? 'whole' : 'cut';
    return { outcome, instructions, items };
  }

  /** What is known of the user, as far as it may take tokens: the newest facts win. */
  async #sentences({ state, conversation, tokens }: ContextRequest): Promise<readonly string[]> {
    const { facts } = this.#spec;
    if (facts === undefined) return [];
    const sentences = sayFacts(facts.rules, readFacts(state) ?? [], conversation.locales);
    if (sentences.length === 0) return [];
    const counts = await tokens.texts(sentences);
    let sum = 0;
    const tooOld = counts.findLastIndex((count) => (sum += count) > facts.mostTokens);
    return sentences.slice(tooOld + 1);
  }

  #budget({ model, maxOutputTokens }: ContextRequest): number {
    const { contextTokens } = model;
    if (contextTokens === 0) return Infinity;
    // Half of the context is for the prompt whatever the request wants to have answered.
    const reserved = Math.min(maxOutputTokens || this.#spec.reserveOutput, Math.floor(contextTokens / 2));
    return Math.min(Math.floor(contextTokens * this.#spec.inputShare), contextTokens - reserved);
  }

  async #window(
    items: readonly Item[],
    budget: number,
    perMessage: number,
    tokens: ConversationTokens,
  ): Promise<readonly Item[]> {
    const { pinned, exchanges } = exchangesOf(items);
    const pinnedTokens = await tokensOf(pinned, perMessage, tokens);
    const { mostTokens, mostTurns } = this.#spec.window;
    const limits = { tokens: Math.min(mostTokens, budget - pinnedTokens), exchanges: mostTurns };
    const newestFirst = costs(exchanges.toReversed(), perMessage, tokens);
    const kept = exchanges.slice(exchanges.length - (await newestThatFit(newestFirst, limits)));
    const keeps = new Set([...pinned, ...kept.flatMap((exchange) => exchange.items)]);
    return items.filter((item) => keeps.has(item));
  }
}

async function tokensOf(
  items: readonly Item[],
  perMessage: number,
  tokens: ConversationTokens,
): Promise<number> {
  if (items.length === 0) return 0;
  const counts = await tokens.texts(items.map(readText));
  return counts.reduce((sum, count) => sum + count + perMessage, 0);
}

/** Counted as far as the window reads: what is far too old costs no tokenizer anything. */
async function* costs(
  exchanges: readonly Exchange<Item>[],
  perMessage: number,
  tokens: ConversationTokens,
): AsyncGenerator<number, void> {
  for (let from = 0; from < exchanges.length; from += batch) {
    const some = exchanges.slice(from, from + batch);
    const counts = (await tokens.texts(some.flatMap(({ items }) => items.map(readText)))).values();
    for (const { items } of some) {
      yield items.reduce((sum) => sum + (counts.next().value ?? 0) + perMessage, 0);
    }
  }
}
