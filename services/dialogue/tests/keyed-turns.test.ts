import { dialogue, topics, turnEventTypes } from '@parley/contracts';
import { eventually } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { RunningFleet, startRequest } from './support/running-fleet.ts';

const { TurnStatus } = dialogue;
const idempotency = { route: 'POST /v1/responses', key: 'order-17', fingerprint: 'the body' };

async function acceptedTurns(fleet: RunningFleet): Promise<number> {
  const { records } = await fleet.events.read(topics.conversation, '', 1_000);
  return records.filter(({ type }) => type === turnEventTypes.accepted).length;
}

describe('a request with an Idempotency-Key', () => {
  it('is one turn at all instances, and stays it when they are started anew', async () => {
    await using fleet = await RunningFleet.start();
    const [one, two] = [await fleet.instance(), await fleet.instance()];
    const request = startRequest('Hi', { idempotency });
    const seen = [one, two, one].map((service) => fleet.caller(service).start(request));
    const turns = await Promise.all(seen.map((each) => each.ended()));
    expect(turns.map((turn) => turn?.id)).toEqual(turns.map(() => turns[0]?.id));
    expect(turns[0]).toMatchObject({ keyed: true, status: TurnStatus.TURN_STATUS_COMPLETED });
    await Promise.all([one.stop(), two.stop()]);
    const three = fleet.caller(await fleet.instance());
    const again = three.start(request);
    expect(await again.ended()).toEqual(turns[0]);
    expect(again.text).toBe('Hello there');
    const other = { ...idempotency, fingerprint: 'another body' };
    await expect(three.start(startRequest('Ho', { idempotency: other })).ended()).rejects.toMatchObject({
      code: 'idempotency_mismatch',
      param: 'Idempotency-Key',
    });
    expect(fleet.model.generations).toHaveLength(1);
    await eventually(async () => expect(await acceptedTurns(fleet)).toBe(1));
  });

  it('for an unstored turn is answered with its outcome by an instance that never saw it', async () => {
    await using fleet = await RunningFleet.start();
    const one = await fleet.instance();
    const request = startRequest('Hi', { idempotency, store: false, deltas: false });
    const turn = await fleet.caller(one).start(request).ended();
    await one.stop();
    const again = await fleet
      .caller(await fleet.instance())
      .start(request)
      .ended();
    expect(again).toEqual({ ...turn, input: [] });
    expect(fleet.model.generations).toHaveLength(1);
  });
});
