import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TestDialogue, openWorld } from '../../../tests/support/test-dialogue.ts';
import type { Reading } from '../../../tests/support/reading.ts';
import type { LogEntry } from './log-entry.ts';

/** What a client does: where it reads, and after how many entries it cuts; then it comes back. */
const reader = fc.array(fc.record({ instance: fc.nat(1), entries: fc.integer({ min: 1, max: 6 }) }), {
  maxLength: 8,
});

const answer = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('say' as const), text: fc.string({ unit: 'grapheme', maxLength: 8 }) }),
    fc.record({ kind: fc.constant('pause' as const) }),
  ),
  { maxLength: 20 },
);

const end = fc.constantFrom('stop', 'length', 'cancel', 'cancel elsewhere');

describe('readers that are cut and come back', () => {
  it('see the same log without a gap or a repeat, whatever they do and however the turn ends', async () => {
    await using world = openWorld();
    await using owner = await TestDialogue.launch({ world, instanceId: 'owner' });
    await using other = await TestDialogue.launch({ world, instanceId: 'other' });
    const instances = [owner, other];
    await fc.assert(
      fc.asyncProperty(
        fc.array(reader, { minLength: 1, maxLength: 3 }),
        answer,
        end,
        async (readers, steps, ending) => {
          owner.model.answer = () => undefined;
          const index = owner.model.generations.length;
          const starter = owner.say('Hi');
          const id = await starter.id();
          const generation = await owner.model.generation(index);
          generation.started();

          const reads = readers.map(async (cuts) => {
            const seen: LogEntry[] = [];
            for (const { instance, entries } of [...cuts, { instance: 0, entries: Infinity }]) {
              const reading = instances[instance]?.attach(id, seen.at(-1)?.sequence ?? -1);
              if (reading === undefined) throw new Error('No such instance.');
              await readSome(reading, entries);
              seen.push(...reading.entries.slice(0, entries));
            }
            return seen;
          });

          for (const step of steps) {
            if (step.kind === 'say') generation.says(step.text);
            else await new Promise((resolve) => setImmediate(resolve));
          }
          if (ending === 'stop' || ending === 'length') generation.finishes(ending);
          else await (ending === 'cancel' ? owner : other).dialogue.cancel.cancel(id, 'acme');
          // An owner that has lost its turn notices with its next word.
          generation.says('!').finishes();

          const turn = await starter.ended();
          const expected = starter.entries.map(plain);
          expect(starter.sequences).toEqual(starter.entries.map((_, number) => number));
          expect(starter.text).toBe(turn.output[0]?.content[0]?.text ?? '');
          for (const seen of await Promise.all(reads)) expect(seen.map(plain)).toEqual(expected);
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** As it crosses a wire: without what is undefined. */
function plain(entry: LogEntry): unknown {
  return JSON.parse(JSON.stringify(entry));
}

async function readSome(reading: Reading, entries: number): Promise<void> {
  while (reading.entries.length < entries && !reading.finished) await reading.more();
  await reading.leave();
}
