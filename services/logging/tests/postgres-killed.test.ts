import { eventually, findOwnServer, postgresKind } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { openPostgresRecordStore } from '../src/adapters/outbound/postgres/postgres-record-store.ts';
import type { ReceivedRecord } from '@parley/events/ports';
import type { Recorder } from '../src/domain/recorder.ts';
import { received, turnEvent } from './support/records.ts';
import { targetOf } from './support/test-postgres.ts';
import { recordedIds, recorderOn } from './support/test-recorder.ts';

const postgres = await findOwnServer(postgresKind);

/** Records batches as the consumer does: one that fails comes again. Counts what was acknowledged. */
class Feeding {
  readonly acknowledged: string[] = [];
  readonly failures: unknown[] = [];
  readonly done: Promise<void>;
  #stopped = false;

  constructor(name: string, recorder: Recorder) {
    this.done = this.#feed(name, recorder);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.done;
  }

  async #feed(name: string, recorder: Recorder): Promise<void> {
    for (let batch = 0; !this.#stopped; batch++) {
      const records = received(
        ...Array.from({ length: 5 }, (_, n) =>
          turnEvent(`${name}_${batch}_${n}`, undefined, { occurredAtMs: Date.now() }),
        ),
      );
      await this.#untilRecorded(recorder, records);
      this.acknowledged.push(...records.map(({ id }) => id));
    }
  }

  async #untilRecorded(recorder: Recorder, records: ReceivedRecord[]): Promise<void> {
    for (;;) {
      try {
        return await recorder.record(records);
      } catch (error) {
        this.failures.push(error);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }
}

describe.skipIf(postgres.skip !== undefined)(postgres.title('a record whose PostgreSQL is killed'), () => {
  it('loses nothing that was acknowledged, has nothing twice, and goes on by itself', async () => {
    await using server = await postgres.start();
    const target = targetOf(server.address);
    await using one = (await openPostgresRecordStore(target)).store;
    await using two = (await openPostgresRecordStore(target)).store;
    const feeding = [one, two].map((store, n) => new Feeding(`resp_${n}`, recorderOn(store).recorder));
    for (let round = 0; round < 3; round++) {
      const before = feeding.map(({ acknowledged }) => acknowledged.length);
      const goesOn = (): void =>
        feeding.forEach(({ acknowledged }, n) =>
          expect(acknowledged.length).toBeGreaterThan((before[n] ?? 0) + 20),
        );
      await eventually(goesOn, { timeoutMs: 20_000 });
      await server.kill();
      await expect(one.head()).rejects.toMatchObject({ code: 'unavailable' });
      await server.start();
    }
    await Promise.all(feeding.map((each) => each.stop()));
    const recorded = await recordedIds(one);
    expect(new Set(recorded).size).toBe(recorded.length);
    expect(new Set(recorded)).toEqual(new Set(feeding.flatMap(({ acknowledged }) => acknowledged)));
    const failures = feeding.flatMap((each) => each.failures);
    expect(failures.length).toBeGreaterThan(0);
    for (const failure of failures) expect(failure).toMatchObject({ code: 'unavailable' });
  });
});
