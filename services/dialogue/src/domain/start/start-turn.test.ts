import { describe, expect, it } from 'vitest';
import { ParleyError } from '@parley/kernel';
import { openSqliteState } from '@parley/state';
import { TestDialogue, bound, openWorld, says, silent } from '../../../tests/support/test-dialogue.ts';

async function accepted(fleet: TestDialogue): Promise<number> {
  return (
    (await fleet.world.state.outbox.stats()).count +
    (await fleet.world.events.read('parley.conversation.events.v1', '', 10)).records.length
  );
}

describe('starting a turn', () => {
  it('asks the model of that name, with instructions first and the tenant as the scope of its cache', async () => {
    await using fleet = await TestDialogue.launch();
    const turn = await fleet.say('Hi', { instructions: 'Be brief.', endUser: 'ada' }).ended();
    const { prompt, scope } = await fleet.model.generation(0);
    expect(prompt).toMatchObject({ turnId: turn.id, digest: 'd'.repeat(64), cache: { sharedScope: '' } });
    expect(prompt.messages.map(({ role, content }) => [role, content[0]?.text])).toEqual([
      ['system', 'Be brief.'],
      ['user', 'Hi'],
    ]);
    expect(scope.tenant).toMatchObject({ tenant: 'acme', requestId: 'request-1' });
  });

  it.each([
    ['an empty input', { input: [] }, 'input'],
    ['more than 512 messages', { input: Array.from({ length: 513 }, () => says('x')) }, 'input'],
    ['more than 4 stop strings', { stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop'],
    ['an empty stop string', { stop: [''] }, 'stop'],
    [
      'more than 16 metadata keys',
      { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, ''])) },
      'metadata',
    ],
    ['a temperature above 2', { sampling: { temperature: 2.1, logitBias: {} } }, 'temperature'],
    ['a top_p that is no number', { sampling: { topP: Number.NaN, logitBias: {} } }, 'top_p'],
    ['a bias outside -100 to 100', { sampling: { logitBias: { 5: 101 } } }, 'logit_bias'],
  ])('refuses %s and names the field', async (_, request, param) => {
    await using fleet = await TestDialogue.launch();
    expect(await fleet.say('Hi', request).over()).toMatchObject({ code: 'invalid_request', param });
    expect(await accepted(fleet)).toBe(0);
  });

  it('takes 512 messages', async () => {
    await using fleet = await TestDialogue.launch();
    const turn = await fleet.say('', { input: Array.from({ length: 512 }, () => says('x')) }).ended();
    expect(turn.status).toBe('completed');
  });

  it('refuses what the engine cannot do', async () => {
    await using fleet = await TestDialogue.launch();
    const { resolved } = fleet.model;
    fleet.model.resolved = { ...resolved, abilities: { grammar: false, logitBias: false, tools: false } };
    const format = fleet.say('Hi', { format: { type: 'json_object' } });
    expect(await format.over()).toMatchObject({ code: 'unsupported', param: 'format' });
    const bias = fleet.say('Hi', { sampling: { logitBias: { 5: 1 } } });
    expect(await bias.over()).toMatchObject({ code: 'unsupported', param: 'logit_bias' });
    const time = { name: 'time', description: '', parameters: '' };
    const tools = { functions: [time], choice: 'auto', chosen: '', single: false } as const;
    expect(await fleet.say('Hi', { tools }).over()).toMatchObject({ code: 'unsupported', param: 'tools' });
    const turn = await fleet.say('Hi', { tools: { ...tools, choice: 'none' } }).ended();
    expect(turn.status).toBe('completed');
  });

  it('accepts no turn when the model cannot be resolved, and passes the error on as it is', async () => {
    await using fleet = await TestDialogue.launch();
    const refusal = new ParleyError('model_not_found', 'There is tiny.', { param: 'model' });
    fleet.model.refusal = refusal;
    expect(await fleet.say('Hi', { model: 'gpt' }).over()).toBe(refusal);
    expect(await accepted(fleet)).toBe(0);
  });

  it('is possible at once after a pause longer than its lease: the store is asked before a turn is refused', async () => {
    await using fleet = await TestDialogue.launch({ settings: silent });
    fleet.world.clock.advance(11_000);
    expect(fleet.dialogue.owner.alive).toBe(false);
    expect(await fleet.say('Hi').ended()).toMatchObject({ status: 'completed' });
    expect(fleet.dialogue.owner.alive).toBe(true);
  });

  it('is refused while the store does not answer, and nobody waits for that long', async () => {
    const world = openWorld();
    await using _world = world;
    const answer = Promise.withResolvers<string[]>();
    const answers = [world.state.owners.renew('dialogue-1', 10_000)];
    const renew = () => answers.shift() ?? answer.promise;
    const state = bound(world.state, { owners: bound(world.state.owners, { renew }) });
    const fleet = await TestDialogue.launch({ world, settings: silent, ports: { state } });
    world.clock.advance(11_000);
    const refused = await Promise.all([fleet.say('one').over(), fleet.say('two').over()]);
    for (const error of refused) expect(error).toMatchObject({ code: 'unavailable', retryAfterMs: 1_000 });
    expect(await accepted(fleet)).toBe(0);
    answer.reject(new Error('the store is away'));
    await fleet.drain();
  });

  it('refuses more turns than there are places for, and takes one again when one has ended', async () => {
    await using fleet = await TestDialogue.launch({ settings: { mostTurns: 2 } });
    fleet.model.answer = (generation) => generation.started();
    const running = [fleet.say('one'), fleet.say('two')];
    await Promise.all(running.map((reading) => reading.until('turn_started')));
    const refused = await fleet.say('three').over();
    expect(refused).toMatchObject({ code: 'overloaded', retryable: true, retryAfterMs: 1_000 });
    (await fleet.model.generation(0)).says('Done').finishes();
    await Promise.race(running.map((reading) => reading.ended()));
    const again = fleet.say('four');
    await again.until('turn_started');
    for (const generation of fleet.model.generations) generation.finishes();
  });

  it('gives its place back when it is refused', async () => {
    await using fleet = await TestDialogue.launch({ settings: { mostTurns: 1 } });
    for (let count = 0; count < 3; count++) {
      expect(await fleet.say('', { input: [] }).over()).toMatchObject({ code: 'invalid_request' });
    }
    expect(await fleet.say('Hi').ended()).toMatchObject({ status: 'completed' });
  });

  it('is refused while too many events wait to be published', async () => {
    await using state = openSqliteState(':memory:', { maxOutboxEvents: 2 });
    await using fleet = await TestDialogue.launch({
      ports: { state, events: { append: () => Promise.reject(new Error('The event log is away.')) } },
    });
    expect(await fleet.say('Hi').ended()).toMatchObject({ status: 'completed' });
    expect(await fleet.say('Hi').over()).toMatchObject({ code: 'overloaded' });
    await fleet.drain();
  });

  it('clamps the times a request asks for to the ceilings', async () => {
    await using fleet = await TestDialogue.launch({
      settings: {
        limits: { firstTokenMs: 5_000, mostFirstTokenMs: 20, totalMs: 10_000, mostTotalMs: 10_000 },
      },
    });
    fleet.model.answer = (generation) => generation.started();
    const turn = await fleet.say('Hi', { firstTokenTimeoutMs: 3_600_000 }).ended();
    expect(turn).toMatchObject({ status: 'failed', error: { code: 'deadline_exceeded' } });
  });

  it('stops before the commit when the caller has left by then', async () => {
    await using fleet = await TestDialogue.launch();
    const resolved = Promise.withResolvers<void>();
    const { resolved: model } = fleet.model;
    fleet.model.resolve = async () => {
      await resolved.promise;
      return model;
    };
    const reading = fleet.say('Hi');
    const left = reading.leave();
    resolved.resolve();
    await left;
    expect(await reading.over()).toMatchObject({ code: 'cancelled' });
    expect(await accepted(fleet)).toBe(0);
  });
});
