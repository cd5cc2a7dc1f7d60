import { describe, expect, it } from 'vitest';
import { ParleyError } from '@parley/kernel';
import { eventually } from '@parley/testing';
import { turnEventTypes } from '@parley/contracts';
import { TestDialogue, aRequest, bound, openWorld } from '../../../tests/support/test-dialogue.ts';

describe('a turn', () => {
  it('tells its whole story in one log, numbered from 0 without a gap', async () => {
    await using fleet = await TestDialogue.launch();
    const reading = fleet.say('Hi');
    const turn = await reading.ended();
    expect(reading.types.filter((type) => type !== 'text_delta')).toEqual([
      'turn_created',
      'turn_started',
      'item_added',
      'part_added',
      'text_done',
      'part_done',
      'item_done',
      'turn_ended',
    ]);
    expect(reading.sequences).toEqual(reading.entries.map((_, index) => index));
    expect(reading.text).toBe('Hello there');
    expect(turn).toMatchObject({ status: 'completed', finishReason: 'stop', model: { name: 'tiny' } });
    expect(turn.output.map((item) => item.content)).toEqual([[{ type: 'text', text: 'Hello there' }]]);
    expect(turn.usage).toEqual({ inputTokens: 5, cachedInputTokens: 0, outputTokens: 2 });
  });

  it('is kept as the log said it, with exactly one accepted and one terminal event', async () => {
    await using fleet = await TestDialogue.launch();
    const turn = await fleet.say('Hi').ended();
    const { document, row } = await fleet.dialogue.turns.findStored(turn.id, 'acme');
    expect(row.ended).toBe(true);
    expect(document.turn).toEqual(JSON.parse(JSON.stringify(turn)));
    const published = await fleet.published(turn.id);
    expect(published.map(({ type, sequence }) => [type, sequence])).toEqual([
      [turnEventTypes.accepted, 0],
      [turnEventTypes.completed, 1],
    ]);
  });

  it('is committed before its first entry can be seen', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = () => undefined;
    const reading = fleet.say('Hi');
    const id = await reading.id();
    expect(await fleet.world.state.turns.get(id)).toMatchObject({ ended: false, owner: 'dialogue-1' });
    expect(await fleet.world.state.turnLogs.read(id, -1, 10)).toMatchObject({ entries: [{ sequence: 0 }] });
  });

  it('shows an entry only once the store has it', async () => {
    await using world = openWorld();
    const { turnLogs } = world.state;
    const asked = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    const append: typeof turnLogs.append = async (...args) => {
      asked.resolve();
      await written.promise;
      await turnLogs.append(...args);
    };
    const slow = { ...world.state, turnLogs: bound(turnLogs, { append }) };
    await using fleet = await TestDialogue.launch({ world, ports: { state: slow } });
    fleet.model.answer = (generation) => generation.started().says('Hello');
    const reading = fleet.say('Hi');
    const attached = fleet.attach(await reading.id());
    await asked.promise;
    await new Promise((resolve) => setImmediate(resolve));
    expect([reading.types, attached.types]).toEqual([['turn_created'], ['turn_created']]);
    written.resolve();
    await Promise.all([reading.until('text_delta'), attached.until('text_delta')]);
    expect((await fleet.model.generation(0)).isStopped).toBe(false);
  });

  it('ends with everything it said although the store could write nothing meanwhile', async () => {
    await using world = openWorld();
    let broken = true;
    const { turnLogs } = world.state;
    const append: typeof turnLogs.append = (...args) =>
      broken ? Promise.reject(new Error('Disk full.')) : turnLogs.append(...args);
    const state = { ...world.state, turnLogs: bound(turnLogs, { append }) };
    await using fleet = await TestDialogue.launch({ world, ports: { state } });
    fleet.model.answer = (generation) => generation.started().says('Hello').says(' there').finishes();
    const reading = fleet.say('Hi');
    expect(await reading.ended()).toMatchObject({ status: 'completed' });
    expect(reading.text).toBe('Hello there');
    expect(reading.sequences).toEqual(reading.entries.map((_, index) => index));
    broken = false;
  });

  it('with an empty answer is complete', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.started().finishes();
    const turn = await fleet.say('Hi').ended();
    expect(turn.status).toBe('completed');
    expect(turn.output).toMatchObject([{ role: 'assistant', content: [{ text: '' }], status: 'completed' }]);
  });

  it('that reaches its token limit is incomplete for that reason', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.started().says('One, two').finishes('length');
    const turn = await fleet.say('Count', { maxOutputTokens: 2 }).ended();
    expect(turn).toMatchObject({
      status: 'incomplete',
      incompleteReason: 'max_output_tokens',
      finishReason: 'length',
      output: [{ status: 'incomplete' }],
    });
    expect(fleet.model.generations[0]?.prompt.maxOutputTokens).toBe(2);
  });

  it('sends the first chunk at once and gathers what follows', async () => {
    const slow = { intervalMs: 60_000, tokens: 4, firstAtOnce: true };
    await using fleet = await TestDialogue.launch({
      settings: { paces: { watched: slow, unwatched: slow } },
    });
    fleet.model.answer = (generation) => {
      generation.started();
      for (const word of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) generation.says(word);
      generation.finishes();
    };
    const reading = fleet.say('Hi');
    await reading.ended();
    const deltas = reading.entries.flatMap(({ body }) => (body.type === 'text_delta' ? [body.text] : []));
    expect(deltas).toEqual(['a', 'bcde', 'fg']);
  });

  it('gives a caller without interest in deltas the turn and its result only', async () => {
    await using fleet = await TestDialogue.launch();
    const reading = fleet.start(aRequest('Hi'), 'result');
    const turn = await reading.ended();
    expect(reading.types).toEqual(['turn_created', 'text_done', 'part_done', 'item_done', 'turn_ended']);
    const attached = fleet.attach(turn.id);
    await attached.ended();
    expect(attached.text).toBe('Hello there');
  });
});

describe('a turn whose model fails', () => {
  const away = (): ParleyError => new ParleyError('unavailable', 'The model went away.');

  it('is tried twice more before the first token', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation, index) => {
      if (index < 2) generation.started().fails(away());
      else generation.started().says('Here I am').finishes();
    };
    const reading = fleet.say('Hi');
    const turn = await reading.ended();
    expect(turn.status).toBe('completed');
    expect(fleet.model.generations).toHaveLength(3);
    expect(reading.types.filter((type) => type === 'turn_started')).toHaveLength(1);
  });

  it('fails with the error of the third try', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.fails(away());
    const turn = await fleet.say('Hi').ended();
    expect(turn).toMatchObject({
      status: 'failed',
      output: [],
      error: { code: 'unavailable', retryable: true },
    });
    expect(fleet.model.generations).toHaveLength(3);
  });

  it.each(['model_not_ready', 'overloaded'] as const)(
    'surfaces %s at once, with when to come back',
    async (code) => {
      await using fleet = await TestDialogue.launch();
      fleet.model.answer = (generation) =>
        generation.fails(new ParleyError(code, 'Later.', { retryAfterMs: 700 }));
      const turn = await fleet.say('Hi').ended();
      expect(turn).toMatchObject({ status: 'failed', error: { code, retryAfterMs: 700 } });
      expect(fleet.model.generations).toHaveLength(1);
    },
  );

  it('is not tried again when the request itself is at fault', async () => {
    await using fleet = await TestDialogue.launch();
    const tooLong = new ParleyError('context_length_exceeded', '2000 tokens do not fit into 1024.', {
      param: 'input',
    });
    fleet.model.answer = (generation) => generation.fails(tooLong);
    const turn = await fleet.say('Hi').ended();
    expect(turn).toMatchObject({
      status: 'failed',
      error: { code: 'context_length_exceeded', param: 'input' },
    });
    expect(fleet.model.generations).toHaveLength(1);
  });

  it('keeps the text it has after the first token', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.started().says('Half an ans').fails(away());
    const reading = fleet.say('Hi');
    const turn = await reading.ended();
    expect(turn).toMatchObject({ status: 'incomplete', incompleteReason: 'model_lost' });
    expect(turn.output[0]?.content).toEqual([{ type: 'text', text: 'Half an ans' }]);
    expect(reading.text).toBe('Half an ans');
    expect(fleet.model.generations).toHaveLength(1);
  });

  it('stops trying once failures have used up the retry budget', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.fails(away());
    await Promise.all(Array.from({ length: 15 }, () => fleet.say('Hi').ended()));
    // 15 first tries and the 20 retries that the budget holds.
    expect(fleet.model.generations).toHaveLength(35);
  });
});

describe('a turn out of time', () => {
  it('fails before the first token', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.started();
    const turn = await fleet.say('Hi', { firstTokenTimeoutMs: 30 }).ended();
    expect(turn).toMatchObject({ status: 'failed', error: { code: 'deadline_exceeded' }, output: [] });
    await fleet.model.generations[0]?.stopped;
  });

  it('is incomplete with its text after the first token', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.started(7).says('So far');
    const reading = fleet.say('Hi', { firstTokenTimeoutMs: 2_000, totalTimeoutMs: 60 });
    const turn = await reading.ended();
    expect(turn).toMatchObject({
      status: 'incomplete',
      incompleteReason: 'deadline',
      finishReason: 'deadline',
    });
    expect(turn.output[0]?.content).toEqual([{ type: 'text', text: 'So far' }]);
    expect(turn.usage).toEqual({ inputTokens: 7, cachedInputTokens: 0, outputTokens: 1 });
    await fleet.model.generations[0]?.stopped;
  });

  it('is not kept alive by retries', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.fails(new ParleyError('unavailable', 'Away.'));
    const turn = await fleet.say('Hi', { firstTokenTimeoutMs: 20 }).ended();
    expect(turn).toMatchObject({ status: 'failed', error: { code: 'deadline_exceeded' } });
  });

  it('ends the same way when the model keeps the time first', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.started().says('So').finishes('deadline');
    expect(await fleet.say('Hi').ended()).toMatchObject({
      status: 'incomplete',
      incompleteReason: 'deadline',
    });
  });
});

describe('a caller who leaves', () => {
  it('does not stop a stored turn', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.started().says('Hello');
    const reading = fleet.say('Hi');
    await reading.until('text_delta');
    const id = await reading.id();
    await reading.leave();
    const generation = await fleet.model.generation(0);
    expect(generation.isStopped).toBe(false);
    generation.says(' again').finishes();
    const attached = fleet.attach(id);
    const turn = await attached.ended();
    expect(turn.status).toBe('completed');
    expect(attached.text).toBe('Hello again');
  });

  it('stops an unstored turn, which is recorded as cancelled without its text', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.started().says('Hello');
    const reading = fleet.say('A secret', { store: false });
    await reading.until('text_delta');
    const id = await reading.id();
    await reading.leave();
    await (
      await fleet.model.generation(0)
    ).stopped;
    const published = await eventually(async () => {
      const records = await fleet.published(id);
      expect(records.map(({ type }) => type)).toEqual([turnEventTypes.accepted, turnEventTypes.cancelled]);
      return records;
    });
    const row = await fleet.world.state.turns.get(id);
    for (const text of [...published.map(({ data }) => data), row?.document ?? '']) {
      expect(text).not.toContain('Hello');
      expect(text).not.toContain('A secret');
    }
  });
});
