import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CacheScope } from '../src/ports/cache-scope.ts';
import type { ChatMessage, EngineRequest } from '../src/ports/engine.ts';
import { bundledModelFile } from './support/bundled-model.ts';
import type { Heard } from './support/hear.ts';
import { describeWithSmolLm, smolLmFile } from './support/real-model.ts';
import { ask, RunningEngine } from './support/running-engine.ts';

const story =
  'A sailor came home after ten years at sea. He had seen the ice in the north and the islands in the south. ' +
  'He sat down at the table and said that he had brought stories, and that he would begin at once. ' +
  'His sister asked him about the capital of France, where he had been for a week.';

const system: ChatMessage = { role: 'system', content: `You are a helpful assistant. ${story}` };

function scope(own: string, change: Partial<CacheScope> = {}): CacheScope {
  return { own, shared: '', sharedTokens: 0, ...change };
}

function talk(said: readonly string[], cache: CacheScope | undefined): EngineRequest {
  const messages = said.map((content, index): ChatMessage => {
    return { role: index % 2 === 0 ? 'user' : 'assistant', content };
  });
  return ask('', { messages: [system, ...messages], maxOutputTokens: 10, ...(cache && { cache }) });
}

/** What every model must do. Answers are short and sure: where reading is cut decides how sums are rounded. */
function reuses(path: string, isSmall: boolean): void {
  const running = new RunningEngine();
  const answer = (request: EngineRequest): Promise<Heard> => running.answer(request);
  /** Prompt tokens read since the last time. */
  const read = (): number => {
    const tokens = running.steps.reduce(
      (sum, step) => sum + step.tokens - (step.tokens < 8 ? step.sequences : 0),
      0,
    );
    running.steps.length = 0;
    return tokens;
  };

  beforeAll(() => running.load({ path, contextTokens: 512, slots: 4 }));
  afterAll(() => running[Symbol.asyncDispose]());

  it('reads only what is new of a conversation, and answers as if it had read all', async () => {
    const questions = ['What is the capital of France?', 'And what is the capital of Italy?'];
    const said: string[] = [];
    for (const question of questions) {
      said.push(question);
      const kept = await answer(talk(said, scope('ada')));
      const fresh = await answer(talk(said, undefined));
      expect(kept.text).toBe(fresh.text);
      expect(fresh.finished?.cachedTokens).toBe(0);
      if (said.length > 1) expect(kept.finished?.cachedTokens).toBeGreaterThan(kept.inputTokens * 0.7);
      said.push(kept.text);
    }
  });

  it('lets no tenant have, or notice, what another has said', async () => {
    const secret = ['My card number is 4711 4711 4711 4711, and nobody must know it.'];
    read();
    const first = await answer(talk(secret, scope('one')));
    const firstRead = read();
    const second = await answer(talk(secret, scope('two')));
    expect(second.finished?.cachedTokens).toBe(0);
    expect(read()).toBe(firstRead);
    expect(second.text).toBe(first.text);
  });

  it('shares the words of one assistant among all, and nothing after them', async () => {
    const [sharedTokens = 0] = (await running.model.countTokens({ messages: [], texts: [system.content] }))
      .textTokens;
    const cache = { shared: 'assistant-1', sharedTokens };
    const [ada, eve] = [scope('acme/ada', cache), scope('evil/eve', cache)];
    await answer(talk(['What is the capital of Germany?'], ada));
    const asked = talk(['What is the capital of Germany?'], eve);
    const heard = await answer(asked);
    const { cachedTokens = 0 } = heard.finished ?? {};
    expect(cachedTokens).toBe(sharedTokens - (sharedTokens % 64));
    expect(cachedTokens).toBeGreaterThan(0);
    const { cache: _cache, ...plain } = asked;
    expect(heard.text).toBe((await answer(plain)).text);
    const guess = await answer(talk(['What is the capital of Germany?'], scope('evil/guess')));
    expect(guess.finished?.cachedTokens).toBe(0);
  });

  if (!isSmall) return;

  it('goes on from an answer that was cancelled, and from one that still runs', async () => {
    const leaving = new AbortController();
    const cut = running.answer(
      talk(['Tell me about the islands.'], scope('bob')),
      leaving.signal,
      ({ type }) => {
        if (type === 'chunk') leaving.abort();
      },
    );
    expect((await cut).error).toMatchObject({ code: 'cancelled' });
    const again = await answer(talk(['Tell me about the islands.'], scope('bob')));
    expect(again.finished?.cachedTokens).toBe(again.inputTokens - 1);
    const endless = { ...talk(['Tell me more.'], scope('bob')), maxOutputTokens: 100 };
    let beside: Promise<Heard> | undefined;
    await running.answer(endless, undefined, ({ type }) => {
      if (type === 'chunk') beside ??= answer(talk(['Tell me less.'], scope('bob')));
    });
    expect((await beside)?.finished?.cachedTokens).toBeGreaterThan(64);
    expect((await beside)?.text).toBe((await answer(talk(['Tell me less.'], undefined))).text);
  });
}

describe('prefix reuse on the bundled model', () => reuses(bundledModelFile, true));

describeWithSmolLm('prefix reuse on SmolLM2', () => reuses(smolLmFile, false));
