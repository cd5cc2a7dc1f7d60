import type { ParleyError } from '@parley/kernel';
import type { TemplateOverhead } from '../domain/strategy/conversation-tokens.ts';
import type { TokenCounter } from './token-counter.ts';

/** One token per character and a small template; remembers what it was asked. */
export class FakeTokenCounter implements TokenCounter {
  readonly counted: string[] = [];
  failure: ParleyError | undefined;
  template: TemplateOverhead = { conversation: 2, perMessage: 3 };

  texts(_digest: string, texts: readonly string[]): Promise<readonly number[]> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.counted.push(...texts);
    return Promise.resolve(texts.map((text) => text.length));
  }

  overhead(): Promise<TemplateOverhead> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return Promise.resolve(this.template);
  }
}
