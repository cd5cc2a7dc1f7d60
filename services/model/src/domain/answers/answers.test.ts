import { Deadline, ParleyError } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { aModel, aRequest as aRequestFor, TestModels } from '../../../tests/support/test-models.ts';
import { fakeDigest } from '../../ports/fake-file-digests.ts';
import type { AnswerUpdate } from './answers.ts';
import type { AnswerRequest } from './check-answer-request.ts';

const path = '/weights/small';

function aRequest(change: Partial<AnswerRequest> = {}): AnswerRequest {
  return aRequestFor(fakeDigest(path), change);
}

/** The answers of a service whose one model is ready. */
function start(): Promise<TestModels> {
  const profile = { sampling: { temperature: 0.2, topP: 0.9 }, stop: ['###'], systemRole: true };
  return TestModels.launch([aModel({ path, slots: 1, maxQueued: 0, profile })]);
}

async function all(updates: AsyncIterable<AnswerUpdate>): Promise<AnswerUpdate[]> {
  const seen: AnswerUpdate[] = [];
  for await (const update of updates) seen.push(update);
  return seen;
}

const open = { signal: new AbortController().signal };

describe('an answer', () => {
  it('starts with the model, gives its text and ends with usage and timings', async () => {
    const { answers, events } = await start();
    const updates = await all(answers.generate(aRequest(), open));
    expect(updates[0]).toEqual({
      type: 'started',
      model: { name: 'small', digest: fakeDigest(path) },
      inputTokens: 1,
    });
    expect(updates.map((update) => (update.type === 'chunk' ? update.text : '')).join('')).toBe(
      'Hello from the fake.',
    );
    expect(updates.at(-1)).toMatchObject({
      type: 'finished',
      reason: 'stop',
      inputTokens: 1,
      outputTokens: 5,
      timings: {
        queueMs: 0,
        firstTokenMs: expect.any(Number),
        totalMs: expect.any(Number),
      },
    });
    expect(events.reports).toMatchObject([
      { model: 'small', errorCode: '', inputTokens: 1, outputTokens: 5 },
    ]);
  });

  it('is sampled as the request says, else as the model is called best', async () => {
    const { answers, engine } = await start();
    await all(answers.generate(aRequest({ sampling: { temperature: 1 }, stop: ['END'] }), open));
    expect(engine.requests[0]).toMatchObject({
      sampling: { temperature: 1, topP: 0.9 },
      stop: ['END', '###'],
    });
  });

  it('gets the time that is left, less a margin to deliver it', async () => {
    const { answers, engine } = await start();
    const deadline = Deadline.in(1000, { now: () => 0 });
    await all(answers.generate(aRequest(), { ...open, deadline }));
    expect(engine.requests[0]?.timeLimitMs).toBe(950);
  });

  it('is refused when its time is over', async () => {
    const { answers, events } = await start();
    let now = 0;
    const deadline = Deadline.in(10, { now: () => now });
    now = 20;
    await expect(all(answers.generate(aRequest(), { ...open, deadline }))).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
    expect(events.use.get('small')).toEqual({ busy: 0, free: 1, queued: 0 });
  });

  it('is refused at once when all places are taken', async () => {
    const { answers, engine } = await start();
    const gate = Promise.withResolvers<void>();
    const [model] = engine.models;
    if (model !== undefined) model.gate = gate.promise;
    const first = answers.generate(aRequest(), open);
    await first.next();
    await expect(all(answers.generate(aRequest(), open))).rejects.toMatchObject({ code: 'overloaded' });
    gate.resolve();
    await all(first);
    await all(answers.generate(aRequest(), open));
  });

  it('gives its place back when its reader leaves', async () => {
    const { answers, events } = await start();
    for await (const update of answers.generate(aRequest(), open)) if (update.type === 'chunk') break;
    expect(events.use.get('small')).toEqual({ busy: 0, free: 1, queued: 0 });
    expect(events.reports).toMatchObject([{ errorCode: 'cancelled', outputTokens: 1 }]);
  });

  it('reports the code it fails with', async () => {
    const { answers, events } = await start();
    const cancelled = { signal: AbortSignal.abort() };
    await expect(all(answers.generate(aRequest(), cancelled))).rejects.toMatchObject({ code: 'cancelled' });
    expect(events.reports).toMatchObject([{ errorCode: 'cancelled' }]);
  });

  it('of a digest that is not here is for another instance', async () => {
    const { answers } = await start();
    await expect(all(answers.generate(aRequest({ digest: 'f'.repeat(64) }), open))).rejects.toMatchObject({
      code: 'model_not_here',
      retryable: true,
    });
  });

  it.each([
    [{ messages: [] }, 'messages'],
    [{ sampling: { temperature: 2.5 } }, 'sampling.temperature'],
    [{ sampling: { topP: -0.1 } }, 'sampling.top_p'],
    [{ sampling: { presencePenalty: 3 } }, 'sampling.presence_penalty'],
    [{ sampling: { temperature: Number.NaN } }, 'sampling.temperature'],
    [{ sampling: { logitBias: [[1, 101]] as const } }, 'sampling.logit_bias'],
    [{ stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop'],
    [{ stop: [''] }, 'stop'],
    [{ continues: true }, 'continue_from'],
  ])('is refused when a field is out of range: %j', async (change, param) => {
    const { answers, events } = await start();
    const refused = all(answers.generate(aRequest(change), open));
    await expect(refused).rejects.toBeInstanceOf(ParleyError);
    await expect(refused).rejects.toMatchObject({ param });
    expect(events.reports).toEqual([]);
  });
});
