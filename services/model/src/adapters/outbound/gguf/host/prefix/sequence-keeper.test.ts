import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeptFolder } from '../../kept/kept-folder.ts';
import { KeptKeys } from '../../kept/kept-keys.ts';
import { KeptStore } from '../../kept/kept-store.ts';
import { FakeStepBatch } from '../step/fake-step-batch.ts';
import { bytes, StepperBench } from '../step/stepper-bench.ts';
import type { Ask } from '../step/stepper-bench.ts';
import { noScope } from './cache-scope.ts';
import { SequenceKeeper } from './sequence-keeper.ts';
import { TokenPrefix } from './token-prefix.ts';

const acme = { own: 'acme' };
let path = '';
let next = 0;

beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'parley-keeper-'));
});
afterAll(() => rm(path, { recursive: true }));

function letters(text: string, each = 70): number[] {
  return bytes(text).flatMap((byte) => Array.from({ length: each }, () => byte));
}

/** A context and its keeper, whose folder outlives them. */
class Life {
  readonly bench: StepperBench;
  readonly keeper: SequenceKeeper;
  readonly troubles: string[] = [];
  /** Whether files are opened before prompts wait. */
  prepares = false;
  #asks = 0;

  constructor(folder: string, slots = 2) {
    const batch = new FakeStepBatch();
    const files = batch.reuse?.files;
    if (files === undefined) throw new Error('it can be written');
    const store = new KeptStore({
      folder: new KeptFolder(folder),
      keys: KeptKeys.fromSecrets(['secret']),
      maxBytes: 10_000_000,
      engine: 'fake',
      now: () => Date.now(),
    });
    this.keeper = new SequenceKeeper({
      store,
      files,
      folder,
      bytesPerToken: 4,
      contextTokens: 1000,
      leastTokens: 64,
      onTrouble: (message) => this.troubles.push(message),
    });
    this.bench = new StepperBench(slots, 50, 500, { kept: this.keeper }, batch);
  }

  /** How many tokens of a prompt were reused, and from where. */
  async answer(ask: Ask): Promise<readonly [number, string]> {
    const id = String(this.#asks++);
    const prompt = Array.isArray(ask.prompt) ? ask.prompt.map(Number) : [];
    const prefix = TokenPrefix.of({ ...noScope, ...ask.scope }, Uint32Array.from(prompt));
    if (this.prepares) await this.keeper.prepare(prefix, this.bench.stepper.known(prefix));
    this.bench.submit(id, ask);
    await this.bench.idle();
    const end = this.bench.end(id);
    if (end?.type !== 'finished') throw new Error('it did not end well');
    return [end.cachedTokens ?? 0, end.cachedFrom ?? ''];
  }

  async end(): Promise<void> {
    await this.bench.stepper.stop();
    await this.keeper.finish(this.bench.stepper, 60_000);
    expect(this.troubles).toEqual([]);
  }
}

const folder = (): string => join(path, String(next++));

describe('what sequences hold', () => {
  it('outlives their context, for the conversation that goes on', async () => {
    const where = folder();
    const before = new Life(where);
    await before.answer({ prompt: letters('sa'), scope: acme, answer: bytes('hello') });
    await before.end();
    const after = new Life(where);
    const prompt = [...letters('sa'), ...bytes('hello'), ...letters('b')];
    expect(await after.answer({ prompt, scope: acme })).toEqual([145, 'disk']);
    expect(after.bench.samplers[0]?.read).toEqual(prompt);
    expect(await after.answer({ prompt: [...prompt, 1], scope: acme })).toEqual([215, 'sequence']);
  });

  it('is opened before a prompt waits for its slot, which then needs the file no more', async () => {
    const where = folder();
    const before = new Life(where);
    await before.answer({ prompt: letters('sa'), scope: acme });
    await before.end();
    const after = new Life(where);
    const prompt = TokenPrefix.of({ ...noScope, ...acme }, Uint32Array.from(letters('sab')));
    await after.keeper.prepare(prompt, 0);
    for (const name of await readdir(where, { recursive: true })) {
      if (name.endsWith('.kept')) await writeFile(join(where, name), 'broken');
    }
    expect(await after.answer({ prompt: letters('sab'), scope: acme })).toEqual([140, 'disk']);
    expect(after.bench.samplers[0]?.read).toEqual(letters('sab'));
  });

  it('is written once it has rested, and not while an answer runs', async () => {
    const where = folder();
    const life = new Life(where);
    await life.answer({ prompt: letters('sa'), scope: acme });
    await life.keeper.look(life.bench.stepper);
    expect(await new Life(where).answer({ prompt: letters('sab'), scope: acme })).toEqual([0, '']);
    life.bench.batch.during = () => life.keeper.look(life.bench.stepper);
    await life.answer({ prompt: letters('x'), scope: { own: 'other' } });
    expect(await new Life(where).answer({ prompt: letters('sab'), scope: acme })).toEqual([0, '']);
    await life.keeper.look(life.bench.stepper);
    expect(await new Life(where).answer({ prompt: letters('sab'), scope: acme })).toEqual([140, 'disk']);
  });

  it('is written while answers that come meanwhile wait for the end of that', async () => {
    const { bench } = new Life(folder());
    const worked = bench.stepper.whileAtRest(async () => {
      bench.submit('meanwhile');
      await new Promise((resolve) => setImmediate(resolve));
      expect(bench.batch.runs).toEqual([]);
      throw new Error('no disk');
    });
    await expect(worked).rejects.toThrow('no disk');
    await bench.idle();
    expect(bench.text('meanwhile')).toBe('Hi');
  });

  it('is worth no file that is short, nor to who shares too little of it', async () => {
    const where = folder();
    const life = new Life(where);
    await life.answer({ prompt: letters('s', 40), scope: acme });
    await life.answer({ prompt: letters('z'), scope: { own: '' } });
    await life.answer({ prompt: letters('abcdefghijk'), scope: acme });
    await life.end();
    const after = new Life(where);
    expect(await after.answer({ prompt: letters('s', 41), scope: acme })).toEqual([0, '']);
    expect(await after.answer({ prompt: letters('zz'), scope: acme })).toEqual([0, '']);
    expect(
      await after.answer({ prompt: [...letters('a').slice(0, 60), ...letters('x')], scope: acme }),
    ).toEqual([0, '']);
  });

  it('is not restored while copies are to be made, which would mix them up', async () => {
    const where = folder();
    const life = new Life(where);
    await life.answer({ prompt: letters('kk'), scope: { own: 'kept' } });
    await life.end();
    const after = new Life(where, 4);
    await after.answer({ prompt: letters('sabc'), scope: acme });
    after.bench.submit('copies', { prompt: letters('sx'), scope: acme });
    after.bench.submit('asks', { prompt: letters('kkk'), scope: { own: 'kept' } });
    await after.bench.idle();
    expect(after.bench.batch.copies).toHaveLength(1);
    expect(after.bench.reused('asks')).toBe(0);
  });

  it('is gone, in memory and on disk, once its owner is forgotten', async () => {
    const where = folder();
    const life = new Life(where);
    await life.answer({ prompt: letters('sa'), scope: acme });
    await life.answer({ prompt: letters('sa'), scope: { own: 'other' } });
    await life.end();
    life.bench.batch.during = () => {
      life.bench.stepper.forget('acme');
      void life.keeper.forget('acme');
    };
    await life.answer({ prompt: letters('sab'), scope: acme });
    life.bench.batch.during = () => undefined;
    expect(await life.answer({ prompt: letters('sab'), scope: acme })).toEqual([0, '']);
    expect(await life.answer({ prompt: letters('sab'), scope: { own: 'other' } })).toEqual([140, 'sequence']);
    await life.keeper.forget('acme');
    expect(await new Life(where).answer({ prompt: letters('sab'), scope: acme })).toEqual([0, '']);
    expect(await new Life(where).answer({ prompt: letters('sab'), scope: { own: 'other' } })).toEqual([
      140,
      'disk',
    ]);
  });

  it('never passes from one owner to another, whatever is restored when', async () => {
    const move = fc.record({
      words: fc.stringMatching(/^[ab]{1,4}$/),
      own: fc.constantFrom('', 'one', 'two'),
      shared: fc.constantFrom('', 'document'),
      sharedTokens: fc.constantFrom(0, 70, 150),
      restarts: fc.boolean(),
      prepares: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(move, { minLength: 2, maxLength: 10 }),
        fc.integer({ min: 1, max: 3 }),
        async (moves, slots) => {
          const where = folder();
          let life = new Life(where, slots);
          const had: (typeof moves)[number][] = [];
          for (const { words, restarts, prepares, ...scope } of moves) {
            const prompt = letters(words);
            life.prepares = prepares;
            const [reused] = await life.answer({ prompt, scope, answer: [] });
            expect(life.bench.samplers.at(-1)?.read).toEqual(prompt);
            const own = had.filter((other) => other.own !== '' && other.own === scope.own);
            const together = had.filter((other) => scope.shared !== '' && other.shared === scope.shared);
            const most = Math.max(
              0,
              ...own.map((other) => common(other.words, words)),
              ...together.map((other) =>
                Math.min(other.sharedTokens, scope.sharedTokens, common(other.words, words)),
              ),
            );
            expect(reused).toBeLessThanOrEqual(most);
            had.push({ words, restarts, prepares, ...scope });
            if (!restarts) continue;
            await life.end();
            life = new Life(where, slots);
          }
        },
      ),
      { numRuns: 15 },
    );
  });
});

/** Tokens that two prompts of letters begin with. */
function common(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at * 70;
}
