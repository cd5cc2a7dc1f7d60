import { describe, expect, it } from 'vitest';
import { common, dialogue, topics, turnEventTypes } from '@parley/contracts';
import { ParleyError } from '@parley/kernel';
import { eventually } from '@parley/testing';
import { RunningFleet, startRequest } from './support/running-fleet.ts';

const { TurnStatus, IncompleteReason } = dialogue;

async function recordedTypes(fleet: RunningFleet, turnId: string): Promise<string[]> {
  const { records } = await fleet.events.read(topics.conversation, '', 1_000);
  return records.filter(({ key }) => key === turnId).map(({ type }) => type);
}

describe('the dialogue service', () => {
  it('streams a turn from the model to its caller, and gives it back afterwards', async () => {
    await using fleet = await RunningFleet.start();
    const caller = fleet.caller(await fleet.instance());
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const seen = caller.start(startRequest('Hi', { instructions: 'Be brief.' }), 'acme', traceparent);
    const turn = await seen.ended();
    expect(turn).toMatchObject({
      status: TurnStatus.TURN_STATUS_COMPLETED,
      model: { name: 'parley-tiny', digest: 'f'.repeat(64) },
      usage: { inputTokens: 9, outputTokens: 3 },
      timings: { queueMs: 4 },
      finishReason: common.FinishReason.FINISH_REASON_STOP,
    });
    expect(seen.text).toBe('Hello there');
    expect(seen.sequences).toEqual(seen.entries.map((_, index) => index));
    expect(await caller.get(turn?.id ?? '')).toEqual(turn);

    const [generation] = fleet.model.generations;
    expect(generation?.request).toMatchObject({
      digest: 'f'.repeat(64),
      cacheScope: expect.stringMatching(/^[\w-]{43}$/),
      turnId: turn?.id,
    });
    expect(generation?.request.messages.map(({ role }) => role)).toEqual([
      common.Role.ROLE_SYSTEM,
      common.Role.ROLE_USER,
    ]);
    expect(generation).toMatchObject({ requestId: 'request-1', traceparent });
    expect(Number(generation?.remainingMs)).toBeGreaterThan(100_000);
    expect(await recordedTypes(fleet, turn?.id ?? '')).toEqual([
      turnEventTypes.accepted,
      turnEventTypes.completed,
    ]);
  });

  it('passes sampling, format, limit and stop strings on to the model as they came', async () => {
    await using fleet = await RunningFleet.start();
    const caller = fleet.caller(await fleet.instance());
    const sampling = { temperature: 0, topP: 0.5, topK: 3, seed: 42, logitBias: { 5: -1.5 } };
    const format: common.OutputFormat = {
      form: { $case: 'jsonSchema', jsonSchema: { name: 'point', schema: '{}' } },
    };
    await caller.start(startRequest('Hi', { sampling, format, maxOutputTokens: 17, stop: ['END'] })).ended();
    expect(fleet.model.generations[0]?.request).toMatchObject({
      sampling,
      format,
      maxOutputTokens: 17,
      stop: ['END'],
    });
  });

  it('lets a stored turn go on when its caller goes, and any instance attaches to it', async () => {
    await using fleet = await RunningFleet.start();
    const [one, two] = [await fleet.instance(), await fleet.instance()];
    const [callerOne, callerTwo] = [fleet.caller(one), fleet.caller(two)];
    fleet.model.answer = (generation) => generation.started().says('Once upon');
    const seen = callerOne.start(startRequest('Tell me a story'));
    await seen.until('textDelta');
    const id = await seen.id();
    seen.leave();
    const after = seen.sequences.at(-1);
    const [here, there] = [callerOne.attach(id, after), callerTwo.attach(id)];
    await there.until('textDelta');
    fleet.model.generations[0]?.says(' a time').finishes();
    expect(await there.ended()).toEqual(await here.ended());
    expect(there.text).toBe('Once upon a time');
    expect([...seen.sequences, ...here.sequences]).toEqual(there.sequences);
    expect(there.sequences).toEqual(there.entries.map((_, index) => index));
  });

  it('stops the model when the caller of an unstored turn goes', async () => {
    await using fleet = await RunningFleet.start();
    const caller = fleet.caller(await fleet.instance());
    fleet.model.answer = (generation) => generation.started().says('Once');
    const seen = caller.start(startRequest('Hi', { store: false }));
    await seen.until('textDelta');
    const id = await seen.id();
    seen.leave();
    await fleet.model.generations[0]?.cancelled;
    await eventually(async () => {
      expect(await recordedTypes(fleet, id)).toEqual([turnEventTypes.accepted, turnEventTypes.cancelled]);
    });
  });

  it('cancels a turn from any instance, down to the model', async () => {
    await using fleet = await RunningFleet.start();
    const [one, two] = [await fleet.instance(), await fleet.instance()];
    const [callerOne, callerTwo] = [fleet.caller(one), fleet.caller(two)];
    fleet.model.answer = (generation) => generation.started().says('Once');
    for (const canceller of [callerOne, callerTwo]) {
      const seen = callerOne.start(startRequest('Hi'));
      await seen.until('textDelta');
      const turn = await canceller.cancel(await seen.id());
      expect(turn.status).toBe(TurnStatus.TURN_STATUS_CANCELLED);
      const generation = fleet.model.generations.at(-1);
      // An owner whose turn was taken over notices with the model's next word.
      if (canceller === callerTwo) generation?.says(' more');
      await generation?.cancelled;
      expect(await seen.ended()).toEqual(turn);
      expect(seen.text).toBe('Once');
    }
  });

  it('passes refusals of the model on as they are, without accepting a turn', async () => {
    await using fleet = await RunningFleet.start();
    const caller = fleet.caller(await fleet.instance());
    fleet.model.refusal = new ParleyError('model_not_found', "There is no model 'x'; there is parley-tiny.", {
      param: 'model',
    });
    await expect(caller.start(startRequest('Hi')).ended()).rejects.toMatchObject({
      code: 'model_not_found',
      param: 'model',
      message: "There is no model 'x'; there is parley-tiny.",
    });
    fleet.model.refusal = new ParleyError('model_not_ready', 'It loads.', { retryAfterMs: 1_500 });
    await expect(caller.start(startRequest('Hi')).ended()).rejects.toMatchObject({
      code: 'model_not_ready',
      retryAfterMs: 1_500,
    });
    expect((await fleet.events.read(topics.conversation, '', 10)).records).toEqual([]);
  });

  it('fails a turn whose prompt does not fit, in the words of the model', async () => {
    await using fleet = await RunningFleet.start();
    const caller = fleet.caller(await fleet.instance());
    const message = 'The prompt has 2000 tokens; the context holds 1024.';
    fleet.model.answer = (generation) =>
      generation.fails(new ParleyError('context_length_exceeded', message, { param: 'input' }));
    const turn = await caller.start(startRequest('Hi', { store: false, deltas: false })).ended();
    expect(turn).toMatchObject({
      status: TurnStatus.TURN_STATUS_FAILED,
      error: { code: 'context_length_exceeded', message, param: 'input', retryable: false },
    });
    expect(fleet.model.generations).toHaveLength(1);
  });

  it('keeps the text when the model dies in mid-answer', async () => {
    await using fleet = await RunningFleet.start();
    const caller = fleet.caller(await fleet.instance());
    fleet.model.answer = (generation) => generation.started().says('Half an');
    const seen = caller.start(startRequest('Hi'));
    await seen.until('textDelta');
    fleet.model.kill();
    expect(await seen.ended()).toMatchObject({
      status: TurnStatus.TURN_STATUS_INCOMPLETE,
      incompleteReason: IncompleteReason.INCOMPLETE_REASON_MODEL_LOST,
    });
    expect(seen.text).toBe('Half an');
  });

  it('keeps tenants apart on every call', async () => {
    await using fleet = await RunningFleet.start();
    const caller = fleet.caller(await fleet.instance());
    fleet.model.answer = (generation) => generation.started().says('Once');
    const seen = caller.start(startRequest('Hi'));
    await seen.until('textDelta');
    const id = await seen.id();
    const refused = { code: 'not_found' };
    await expect(caller.get(id, 'other')).rejects.toMatchObject(refused);
    await expect(caller.cancel(id, 'other')).rejects.toMatchObject(refused);
    await expect(caller.remove(id, 'other')).rejects.toMatchObject(refused);
    await expect(caller.attach(id, undefined, 'other').ended()).rejects.toMatchObject(refused);
    const follow = caller.start(startRequest('Hi', { previousTurnId: id }), 'other');
    await expect(follow.ended()).rejects.toMatchObject({ ...refused, param: 'previous_turn_id' });
    expect(await caller.get(id)).toMatchObject({ id, status: TurnStatus.TURN_STATUS_IN_PROGRESS });
  });

  it('refuses callers that have no business here', async () => {
    await using fleet = await RunningFleet.start();
    const caller = fleet.caller(await fleet.instance(), 'monitoring');
    await expect(caller.get('resp_1')).rejects.toMatchObject({ code: 'permission_denied' });
  });

  it('names the item that it cannot read', async () => {
    await using fleet = await RunningFleet.start();
    const caller = fleet.caller(await fleet.instance());
    const request = startRequest('Hi');
    request.input.push({ id: '', item: undefined });
    await expect(caller.start(request).ended()).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'input[1]',
    });
  });

  it('deletes a turn', async () => {
    await using fleet = await RunningFleet.start();
    const caller = fleet.caller(await fleet.instance());
    const turn = await caller.start(startRequest('Hi')).ended();
    await caller.remove(turn?.id ?? '');
    await expect(caller.get(turn?.id ?? '')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('does not let a reader that stands still hold up the turn', async () => {
    await using fleet = await RunningFleet.start();
    const caller = fleet.caller(await fleet.instance());
    const chunk = 'x'.repeat(4_096);
    const chunks = 1_000;
    fleet.model.answer = (generation) => {
      generation.started();
      for (let count = 0; count < chunks; count++) generation.says(chunk);
      generation.finishes();
    };
    const still = caller.start(startRequest('Hi'));
    const id = await still.id();
    await eventually(async () =>
      expect((await caller.get(id)).status).toBe(TurnStatus.TURN_STATUS_COMPLETED),
    );
    await still.ended();
    expect(still.text.length).toBe(chunk.length * chunks);
    expect(still.sequences).toEqual(still.entries.map((_, index) => index));
  });

  it('stops gracefully: running turns get their time, the rest ends incomplete with its text', async () => {
    await using fleet = await RunningFleet.start();
    const service = await fleet.instance({ PARLEY_DRAIN_TIMEOUT_MS: '3200' });
    const caller = fleet.caller(service);
    fleet.model.answer = (generation) => generation.started().says('Almost');
    const [ending, hanging] = [caller.start(startRequest('One')), caller.start(startRequest('Two'))];
    await Promise.all([ending.until('textDelta'), hanging.until('textDelta')]);
    const stopped = service.stop();
    fleet.model.generations[0]?.finishes();
    const turns = await Promise.all([ending.ended(), hanging.ended()]);
    const statuses = new Set(turns.map((turn) => turn?.status));
    expect(statuses).toEqual(new Set([TurnStatus.TURN_STATUS_COMPLETED, TurnStatus.TURN_STATUS_INCOMPLETE]));
    await stopped;
    for (const turn of turns) expect(await recordedTypes(fleet, turn?.id ?? '')).toHaveLength(2);
    const next = fleet.caller(await fleet.instance());
    for (const turn of turns) expect(await next.get(turn?.id ?? '')).toEqual(turn);
  });

  it('does not start where two stores are named, nor without the one that is', async () => {
    await using fleet = await RunningFleet.start();
    const both = { PARLEY_REDIS_URL: 'redis://127.0.0.1:1', PARLEY_REDIS_CLUSTER: '127.0.0.1:1' };
    await expect(fleet.instance(both)).rejects.toThrow(
      'PARLEY_REDIS_URL, PARLEY_REDIS_CLUSTER: are set at once',
    );
    const away = fleet.instance({ PARLEY_REDIS_URL: 'redis://127.0.0.1:1' });
    await expect(away).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('serves its metrics, as 0 from the start', async () => {
    await using fleet = await RunningFleet.start();
    const service = await fleet.instance();
    const caller = fleet.caller(service);
    const metrics = async (): Promise<string> =>
      (await fetch(`http://127.0.0.1:${service.telemetryPort}/metrics`)).text();
    const before = await metrics();
    for (const name of [
      'parley_dialogue_inflight_turns',
      'parley_outbox_pending',
      'parley_outbox_oldest_seconds',
    ]) {
      expect(before).toMatch(new RegExp(`^${name}\\{[^}]*\\} 0$`, 'm'));
    }
    await caller.start(startRequest('Hi')).ended();
    const after = await metrics();
    expect(after).toMatch(
      /^parley_dialogue_turn_duration_seconds_count\{[^}]*outcome="completed"[^}]*\} 1$/m,
    );
    expect(after).toMatch(/^parley_dialogue_inflight_turns\{[^}]*\} 0$/m);
    expect(service.runtime.readiness.report()).toMatchObject({ ready: true });
  });
});
