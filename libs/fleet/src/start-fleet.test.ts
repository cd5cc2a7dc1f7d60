import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync, existsSync, chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '@parley/testing';
import { startFleet } from './start-fleet.ts';
import { fakeServices, isAlive } from '../tests/fakes/fake-services.ts';
import type { FleetEvent } from './fleet.ts';
import type { FakeServices } from '../tests/fakes/fake-services.ts';

let fakes: FakeServices;
beforeEach(() => {
  fakes = fakeServices();
});
afterEach(() => fakes[Symbol.dispose]());

interface Seen {
  service: string;
  pid: number;
  env: Record<string, string>;
  execArgv: string[];
}
const ask = async (url: string): Promise<Seen> => (await fetch(url)).json() as Promise<Seen>;

describe('starting a fleet', () => {
  it('runs the five services, the gateway last, each with its own ports and all addresses', async () => {
    const events: FleetEvent[] = [];
    await using fleet = await startFleet({ ...fakes.options(), onEvent: (event) => events.push(event) });
    const started = events.flatMap((event) => (event.type === 'starting' ? [event.service] : []));
    expect(started).toEqual(['logging', 'model', 'dialogue', 'monitoring', 'gateway']);
    expect(fleet.instances().map(({ state }) => state)).toEqual(Array(5).fill('ready'));

    const gateway = await ask(fleet.url);
    expect(gateway.service).toBe('gateway');
    for (const { service, grpcAddress, telemetryUrl } of fleet.instances()) {
      expect(gateway.env[`PARLEY_${service.toUpperCase()}_ADDRESS`]).toBe(grpcAddress);
      expect((await ask(telemetryUrl)).service).toBe(service);
    }
    expect(gateway.env).toMatchObject({
      PARLEY_SUPERVISED: 'true',
      PARLEY_HOST: '127.0.0.1',
      PARLEY_API_KEY: fleet.apiKey,
    });
    expect(gateway.execArgv).toEqual(['--enable-source-maps', '--disable-warning=ExperimentalWarning']);
  });

  it('gives the API key to the gateway only', async () => {
    await using fleet = await startFleet({ ...fakes.options(), apiKey: 'sk-mine' });
    for (const { service, telemetryUrl } of fleet.instances()) {
      expect((await ask(telemetryUrl)).env['PARLEY_API_KEY']).toBe(
        service === 'gateway' ? 'sk-mine' : undefined,
      );
    }
  });

  it('makes a private data folder whose key and secret are kept on the second start', async () => {
    const secretFile = join(fakes.dataDir, 'fleet-secret');
    let key: string;
    let secret: string;
    {
      await using fleet = await startFleet(fakes.options());
      key = fleet.apiKey;
      secret = readFileSync(secretFile, 'utf8');
      expect(statSync(fakes.dataDir).mode & 0o777).toBe(0o700);
      for (const file of [secretFile, join(fakes.dataDir, 'api-key')])
        expect(statSync(file).mode & 0o777).toBe(0o600);
    }
    await using second = await startFleet(fakes.options());
    expect(second.apiKey).toBe(key);
    expect(readFileSync(secretFile, 'utf8')).toBe(secret);
  });

  it('writes fleet.json while it runs', async () => {
    const file = join(fakes.dataDir, 'fleet.json');
    {
      await using fleet = await startFleet(fakes.options());
      const content = JSON.parse(readFileSync(file, 'utf8'));
      expect(content).toMatchObject({ url: fleet.url, pid: process.pid });
      expect(content.instances.map(({ pid }: { pid: number }) => pid)).toEqual(
        fleet.instances().map(({ pid }) => pid),
      );
      expect(JSON.stringify(content)).not.toContain(fleet.apiKey);
    }
    expect(existsSync(file)).toBe(false);
  });

  it('runs several instances of a service where asked, all of them known to the others', async () => {
    await using fleet = await startFleet({ ...fakes.options(), replicas: { gateway: 2, model: 3 } });
    const models = fleet.instances().filter(({ service }) => service === 'model');
    const gateways = fleet.instances().filter(({ service }) => service === 'gateway');
    expect((await ask(gateways[1]?.url ?? '')).env['PARLEY_MODEL_ADDRESS']).toBe(
      models.map((m) => m.grpcAddress).join(','),
    );
    expect(new Set(fleet.instances().flatMap((i) => [i.grpcAddress, i.telemetryUrl])).size).toBe(16);
  });

  it('runs several instances of logging where they have a PostgreSQL', async () => {
    const { env, ...options } = fakes.options();
    const record = { ...env, PARLEY_POSTGRES_URL: 'postgres://parley@127.0.0.1/parley' };
    await using fleet = await startFleet({ ...options, env: record, replicas: { logging: 2 } });
    const logging = fleet.instances().filter(({ service }) => service === 'logging');
    expect(logging).toHaveLength(2);
    expect((await ask(logging[1]?.telemetryUrl ?? '')).env).toMatchObject(record);
  });

  it('starts only some services, next to neighbours given by address', async () => {
    const options = {
      ...fakes.options(),
      only: ['dialogue'] as const,
      neighbours: { model: ['10.0.0.7:50051', '10.0.0.8:50051'] },
    };
    await using fleet = await startFleet(options);
    expect(fleet.instances().map(({ service }) => service)).toEqual(['dialogue']);
    expect(fleet.url).toBe('');
    expect((await ask(fleet.instances()[0]?.telemetryUrl ?? '')).env['PARLEY_MODEL_ADDRESS']).toBe(
      '10.0.0.7:50051,10.0.0.8:50051',
    );
  });
});

describe('a fleet that cannot start', () => {
  const nothingRan = (): void => expect(fakes.journal()).toEqual([]);

  it('is refused on a data folder that another fleet uses, naming that fleet', async () => {
    await using first = await startFleet(fakes.options());
    await expect(startFleet(fakes.options())).rejects.toThrow(
      `Another fleet (process ${process.pid}, ${first.url}) uses the data folder ${fakes.dataDir}. Stop it, or choose another`,
    );
    expect((await ask(first.url)).service).toBe('gateway');
    expect(fakes.journal().filter((line) => line.includes('started'))).toHaveLength(5);
  });

  it('is refused on an HTTP port that is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(startFleet({ ...fakes.options(), httpPort: port })).rejects.toThrow(
      `Port ${port} is in use by another program.`,
    );
    other.close();
    nothingRan();
  });

  it('is refused on a data folder that cannot be written', async () => {
    const file = join(fakes.dir, 'file');
    writeFileSync(file, '');
    const dataDir = join(file, 'data');
    await expect(startFleet({ ...fakes.options(), dataDir })).rejects.toThrow(
      `Cannot use ${dataDir} as the data folder: a part of the path is a file, not a folder. Choose another with --data`,
    );
    nothingRan();
  });

  it('is refused when others can read its secrets', async () => {
    mkdirSync(fakes.dataDir);
    writeFileSync(join(fakes.dataDir, 'api-key'), 'sk-old\n');
    chmodSync(join(fakes.dataDir, 'api-key'), 0o644);
    await expect(startFleet(fakes.options())).rejects.toThrow(
      /api-key can be read by others \(mode 0644\)\. Run: chmod 600/,
    );
    nothingRan();
  });

  it('is refused without its config folder, and with options that contradict each other', async () => {
    await expect(startFleet({ ...fakes.options(), configDir: '/nowhere/config' })).rejects.toThrow(
      '/nowhere/config does not exist',
    );
    await expect(startFleet({ ...fakes.options(), replicas: { logging: 2 } })).rejects.toThrow(
      'need PostgreSQL',
    );
    await expect(startFleet({ ...fakes.options(), replicas: { model: 0 } })).rejects.toThrow(
      'whole number from 1 to 16',
    );
    await expect(startFleet({ ...fakes.options(), only: ['dialogue'] })).rejects.toThrow(
      'set PARLEY_MODEL_ADDRESS',
    );
    nothingRan();
  });

  it('says what the service that failed said last, and ends the others', async () => {
    await expect(startFleet(fakes.options({ model: 'fails to start' }))).rejects.toThrow(
      'model did not start: it ended with exit code 1.\n  model: PARLEY_THING must be a number',
    );
    expect(fakes.journal()).not.toContain('gateway started');
    expect(existsSync(join(fakes.dataDir, 'fleet.json'))).toBe(false);
    await using again = await startFleet(fakes.options());
    expect(again.instances()).toHaveLength(5);
  });

  it('names the service that is not ready in time, and what it lacks', async () => {
    const events: FleetEvent[] = [];
    const onEvent = (event: FleetEvent): void => void events.push(event);
    const options = { ...fakes.options({ dialogue: 'is never ready' }), startLimitMs: 8_000, onEvent };
    await expect(startFleet(options)).rejects.toThrow(
      'dialogue did not start: it was not ready within 8 s (--start-limit or PARLEY_START_LIMIT_S): model file (loading).',
    );
    const told = events.filter((event) => event.type === 'not-ready');
    expect(told).toEqual([
      { type: 'not-ready', service: 'dialogue', index: 0, missing: 'model file (loading)' },
    ]);
  });

  it('says why the process of a service cannot be made', async () => {
    mkdirSync(join(fakes.dataDir, 'logs', 'model.log'), { recursive: true });
    await expect(startFleet(fakes.options())).rejects.toThrow(
      /^model did not start: it could not be started: EISDIR/,
    );
  });

  it('can be stopped while it starts', async () => {
    const abort = new AbortController();
    const options = fakes.options({ monitoring: 'is never ready' });
    const pids: number[] = [];
    const onEvent = (event: FleetEvent): void => {
      if (event.type === 'starting' && event.pid !== undefined) pids.push(event.pid);
      if (event.type === 'ready' && event.service === 'model') abort.abort();
    };
    await expect(startFleet({ ...options, signal: abort.signal, onEvent })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(pids.filter(isAlive)).toEqual([]);
  });
});

describe('a fleet whose supervisor is killed', () => {
  /** A supervisor in a process of its own, and the ids of its services. */
  async function supervisorOf(
    behaviour: Parameters<FakeServices['options']>[0],
  ): Promise<{ kill: () => void; pids: number[] }> {
    const { serviceEntry: _entry, ...options } = fakes.options(behaviour);
    const script = fileURLToPath(new URL('../tests/fakes/supervisor.ts', import.meta.url));
    const argument = JSON.stringify({ ...options, entries: fakes.dir });
    const stdio = ['ignore', 'pipe', 'inherit'] as const;
    const supervisor = spawn(process.execPath, ['--conditions=@parley/source', script, argument], {
      stdio: [...stdio],
    });
    const [line] = (await once(supervisor.stdout, 'data')) as [Buffer];
    const { pids } = JSON.parse(line.toString()) as { pids: number[] };
    return { pids, kill: () => supervisor.kill('SIGKILL') };
  }

  it('loses its services too', async () => {
    const { pids, kill } = await supervisorOf({});
    expect(pids.filter(isAlive)).toHaveLength(5);
    kill();
    await eventually(() => expect(pids.filter(isAlive)).toEqual([]));
    expect(fakes.journal().filter((entry) => entry.endsWith('lost its supervisor'))).toHaveLength(5);
  });

  it('is followed by the next one only when its services have ended', async () => {
    const { pids, kill } = await supervisorOf({ logging: 'drains slowly' });
    kill();
    await eventually(() => expect(fakes.journal()).toContain('logging lost its supervisor'));
    const waits: (readonly number[])[] = [];
    const aliveAtFirstStart: number[] = [];
    const onEvent = (event: FleetEvent): void => {
      if (event.type === 'waiting-for-predecessor') waits.push(event.pids);
      if (event.type === 'starting') aliveAtFirstStart.push(...pids.filter(isAlive));
    };
    await using next = await startFleet({ ...fakes.options(), onEvent });
    expect(next.instances()).toHaveLength(5);
    expect(waits).toHaveLength(1);
    expect(aliveAtFirstStart).toEqual([]);
  });

  it('is named when its services do not end', async () => {
    const { pids, kill } = await supervisorOf({ logging: 'drains slowly' });
    kill();
    await eventually(() => expect(fakes.journal()).toContain('logging lost its supervisor'));
    await expect(startFleet({ ...fakes.options(), stopLimitMs: 50 })).rejects.toThrow(
      /Services of the fleet that ran here before do not end; end their processes first: /,
    );
    await eventually(() => expect(pids.filter(isAlive)).toEqual([]));
  });
});
