/**
 * A supervisor in a process of its own, for tests that kill it: starts a fleet of the fakes whose options are its
 * argument (as JSON), and prints `ready`.
 */
import { join } from 'node:path';
import { startFleet } from '../../src/start-fleet.ts';
import type { FleetOptions } from '../../src/fleet.ts';

const { entries, ...options } = JSON.parse(process.argv[2] ?? '{}') as FleetOptions & { entries: string };
const fleet = await startFleet({ ...options, serviceEntry: (service) => join(entries, `${service}.mjs`) });
process.stdout.write(`${JSON.stringify({ ready: true, pids: fleet.instances().map(({ pid }) => pid) })}\n`);
