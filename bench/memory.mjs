/** Resident memory of each service (its child processes included), idle, after one request. */
import { setTimeout as sleep } from 'node:timers/promises';
import { chat, usage, withFleet } from './harness.mjs';

export async function run() {
  return withFleet({}, async (fleet) => {
    await chat(fleet, { messages: [{ role: 'user', content: 'hi' }], model: 'default' });
    await sleep(5000);
    const rows = Object.entries(usage(fleet)).map(([service, { rssMb }]) => ({
      service,
      rssMb: Math.round(rssMb),
    }));
    return { rows };
  });
}
