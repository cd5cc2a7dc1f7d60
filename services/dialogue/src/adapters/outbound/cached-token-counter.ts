import { createHash } from 'node:crypto';
import type { TemplateOverhead } from '../../domain/strategy/conversation-tokens.ts';
import type { CallScope, ModelClient, PromptMessage } from '../../ports/model-client.ts';
import type { TokenCounter } from '../../ports/token-counter.ts';
import { BoundedCache } from './bounded-cache.ts';

/** Enough for some hundred conversations of a full window; a key and a number each. */
const mostCounts = 50_000;
const mostModels = 64;

/** Asks the model service, and remembers each count by the model's digest and the text's. */
export class CachedTokenCounter implements TokenCounter {
  readonly #model: ModelClient;
  readonly #counts: BoundedCache<number>;
  readonly #overheads = new BoundedCache<TemplateOverhead>(mostModels);

  constructor(model: ModelClient, most = mostCounts) {
    this.#model = model;
    this.#counts = new BoundedCache(most);
  }

  async texts(digest: string, texts: readonly string[], scope: CallScope): Promise<readonly number[]> {
    const keys = texts.map((text) => keyOf(digest, text));
    const known = new Map(keys.map((key) => [key, this.#counts.get(key)]));
    const missing = new Map(
      texts.flatMap((text, index) => {
        const key = keys[index] ?? '';
        return known.get(key) === undefined ? [[key, text] as const] : [];
      }),
    );
    if (missing.size > 0) {
      const question = { messages: [], texts: [...missing.values()] };
      const { textTokens } = await this.#model.countTokens(digest, question, scope);
      for (const [index, key] of [...missing.keys()].entries()) {
        const count = textTokens[index] ?? 0;
        known.set(key, count);
        this.#counts.set(key, count);
      }
    }
    return keys.map((key) => known.get(key) ?? 0);
  }

  /** Measured: a conversation of three messages beside one of one, both of a text whose own tokens are counted. */
  async overhead(digest: string, scope: CallScope): Promise<TemplateOverhead> {
    const known = this.#overheads.get(digest);
    if (known !== undefined) return known;
    const [one, three] = await Promise.all([
      this.#model.countTokens(digest, { messages: [says('user')], texts: [sample] }, scope),
      this.#model.countTokens(
        digest,
        { messages: [says('user'), says('assistant'), says('user')], texts: [] },
        scope,
      ),
    ]);
    const own = one.textTokens[0] ?? 0;
    const perMessage = Math.max(0, Math.ceil((three.messageTokens - one.messageTokens) / 2) - own);
    const overhead = { perMessage, conversation: Math.max(0, one.messageTokens - own - perMessage) };
    this.#overheads.set(digest, overhead);
    return overhead;
  }
}

const sample = 'Hello';

function says(role: 'user' | 'assistant'): PromptMessage {
  return { role, content: [{ type: 'text', text: sample }], name: '' };
}

function keyOf(digest: string, text: string): string {
  return createHash('sha256').update(digest).update('\0').update(text).digest('base64');
}
