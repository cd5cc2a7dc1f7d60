import { dialogue } from '@parley/contracts';
import { expect, it } from 'vitest';
import { RunningFleet, startRequest } from './support/running-fleet.ts';

it('probe: how long does the long answer take', async () => {
  await using fleet = await RunningFleet.start();
  const caller = fleet.caller(await fleet.instance());
  const chunk = 'x'.repeat(4_096);
  fleet.model.answer = (generation) => {
    generation.started();
    for (let count = 0; count < 1_000; count++) generation.says(chunk);
    generation.finishes();
  };
  const t0 = performance.now();
  const still = caller.start(startRequest('Hi'));
  const id = await still.id();
  const t1 = performance.now();
  let status = 1;
  let asks = 0;
  while (performance.now() - t0 < 45_000) {
    status = (await caller.get(id)).status;
    asks++;
    if (status === dialogue.TurnStatus.TURN_STATUS_COMPLETED) break;
    await new Promise((r) => setTimeout(r, 10));
  }
  console.log('PROBE created ms', Math.round(t1 - t0), 'done ms', Math.round(performance.now() - t0), 'status', status, 'asks', asks, 'cpu', process.cpuUsage());
  await still.ended();
  expect(still.text.length).toBe(4_096_000);
});
