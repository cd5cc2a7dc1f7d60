import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { aModel, anotherModel, heard, TestModels } from '../../../tests/support/test-models.ts';
import { FakeEngine } from '../../ports/fake-engine.ts';

type Action = 'ask' | 'switch' | 'load' | 'unload' | 'pause';

const actions = fc.array(
  fc.record({
    kind: fc.constantFrom<Action>('ask', 'ask', 'ask', 'switch', 'load', 'unload', 'pause'),
    model: fc.constantFrom('one', 'two', 'three'),
  }),
  { minLength: 5, maxLength: 40 },
);

/** Lets everything go on that can without time. */
function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

it('under any order of switches, loads and unloads every answer is whole and from one model', async () => {
  await fc.assert(
    fc.asyncProperty(actions, fc.boolean(), async (steps, keepPrevious) => {
      const engine = new FakeEngine();
      engine.saysItsName = true;
      const definitions = [
        aModel({ name: 'one', path: '/weights/one', slots: 50 }),
        anotherModel('two', { slots: 50 }),
        anotherModel('three', { slots: 50 }),
      ];
      await using models = await TestModels.launch(definitions, { engine, keepPrevious, graceMs: 5 });
      const answers: ReturnType<typeof heard>[] = [];
      const refusals: unknown[] = [];
      const orders: Promise<unknown>[] = [];
      const order = (carriedOut: Promise<unknown>): void => {
        orders.push(carriedOut.catch((error: unknown) => refusals.push(error)));
      };
      for (const { kind, model } of steps) {
        if (kind === 'ask') answers.push(heard(models.ask()));
        if (kind === 'switch') order(models.switch(model));
        if (kind === 'load') order(models.ordered((told) => models.moves.load(model, told)));
        if (kind === 'unload') order(models.ordered((told) => models.moves.unload(model, told)));
        await pause();
      }
      // An unload may be refused or overtaken; nothing else may fail.
      const refused = (await Promise.allSettled(orders)).filter(({ status }) => status === 'rejected');
      for (const { reason } of refused as PromiseRejectedResult[])
        expect(reason).toMatchObject({ code: 'conflict' });
      for (const { model, text, finished } of await Promise.all(answers)) {
        expect(finished).toBe(true);
        expect(text).toBe(`${model} `.repeat(5));
      }
    }),
    { numRuns: 60 },
  );
});
