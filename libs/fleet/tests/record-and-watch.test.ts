import type { ServiceName } from '@parley/fleet';
import { metricSchema } from '@parley/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestFleet, eventually } from './support/test-fleet.ts';
import type { RecordedEvent } from './support/test-fleet.ts';

interface FleetView {
  instances: { service: string; health: string; instance_id: string }[];
}

interface Page {
  data: RecordedEvent[];
  next: string | null;
}

let fleet: TestFleet;

beforeAll(async () => {
  fleet = await TestFleet.start();
});
afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

const services: readonly ServiceName[] = ['dialogue', 'gateway', 'logging', 'model', 'monitoring'];

async function instanceOf(service: string): Promise<FleetView['instances'][number] | undefined> {
  const view = await fleet.json<FleetView>('/admin/v1/fleet');
  return view.instances.find((instance) => instance.service === service);
}

async function isReady(service: string): Promise<true> {
  return eventually(`${service} is ready`, 30_000, async () =>
    (await instanceOf(service))?.health === 'ready' ? true : undefined,
  );
}

describe('the record', () => {
  it('holds the accepted and the one terminal event of a turn, in order', async () => {
    const response = await fleet.openai.responses.create({ model: 'default', input: 'hi' });
    const events = await eventually('both events are recorded', 10_000, async () => {
      const { data } = await fleet.json<Page>(`/admin/v1/events?turn=${response.id}`);
      return data.length >= 2 ? data : undefined;
    });
    expect(events.map((event) => [event.type, event.sequence])).toEqual([
      ['parley.turn.accepted.v1', 0],
      ['parley.turn.completed.v1', 1],
    ]);
  });

  it('holds the terminal event of a chat completion without its text', async () => {
    const secret = 'a sentence that nobody should keep';
    const answer = await fleet.openai.chat.completions.create({
      model: 'default',
      messages: [{ role: 'user', content: secret }],
    });
    const turn = answer.id.replace('chatcmpl-', 'resp_');
    const recorded = await eventually('it is recorded', 10_000, async () => {
      const events = await fleet.terminalEvents(turn);
      return events.length > 0 ? events : undefined;
    });
    expect(recorded).toHaveLength(1);
    expect(JSON.stringify(recorded)).not.toContain(secret);
  });

  it('holds the model events', async () => {
    const { data } = await fleet.json<Page>('/admin/v1/events?type=parley.model.loaded.v1');
    expect(data.map((event) => event.data.model?.name)).toContain('parley-tiny');
  });

  it('is paged by cursor without a gap or a repeat', async () => {
    const all = await fleet.json<Page>('/admin/v1/events?limit=1000');
    const seen: string[] = [];
    let after = '';
    for (let page = 0; page < 100 && seen.length < all.data.length; page++) {
      const cursor = after === '' ? '' : `&after=${encodeURIComponent(after)}`;
      const answer = await fleet.json<Page>(`/admin/v1/events?limit=2${cursor}`);
      seen.push(...answer.data.map((event) => event.id));
      if (answer.next === null) break;
      after = answer.next;
    }
    expect(seen).toEqual(all.data.map((event) => event.id));
  });
});

describe('the watch', () => {
  it('lists the five instances, all ready', async () => {
    for (const service of services) await isReady(service);
    const view = await fleet.json<FleetView>('/admin/v1/fleet');
    expect(view.instances.map((instance) => instance.service).toSorted()).toEqual(services);
  });

  it('shows a stopped process within 5 s, and that it is back', async () => {
    const pid = fleet.pid('logging');
    process.kill(pid, 'SIGSTOP');
    try {
      const shown = await eventually('logging is not ready any more', 5000, async () => {
        const health = (await instanceOf('logging'))?.health;
        return health === 'ready' ? undefined : health;
      });
      expect(shown).toBe('unresponsive');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await isReady('logging');
  });

  it('shows a dead process within 10 s, and its successor under another id', async () => {
    const old = (await instanceOf('logging'))?.instance_id;
    process.kill(fleet.pid('logging'), 'SIGKILL');
    await eventually('the death or the successor shows', 10_000, async () => {
      const now = await instanceOf('logging');
      return now?.health === 'down' || now?.instance_id !== old ? true : undefined;
    });
    await eventually('the successor is ready', 30_000, async () => {
      const now = await instanceOf('logging');
      return now?.health === 'ready' && now.instance_id !== old ? true : undefined;
    });
  });

  it.each(services)(
    'of %s: /healthz and /readyz tell the truth, /metrics serves only names of the schema',
    async (service) => {
      const instance = fleet.fleet.instances().find((candidate) => candidate.service === service);
      const url = instance?.telemetryUrl ?? '';
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      const text = await fleet.metrics(service);
      const served = [...text.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1] ?? '');
      const expected = Object.entries(metricSchema)
        .filter(([, metric]) => metric.service === service)
        .map(([name]) => name);
      expect(served.filter((name) => !/^(process|nodejs)_/.test(name)).toSorted()).toEqual(
        expected.toSorted(),
      );
      expect(expected.length).toBeGreaterThan(0);
    },
  );

  it('says not ready while a service waits for its model', async () => {
    process.kill(fleet.pid('model'), 'SIGKILL');
    const url = fleet.fleet.instances().find(({ service }) => service === 'model')?.telemetryUrl ?? '';
    const seen = new Set<number>();
    await eventually('model is ready again', 30_000, async () => {
      const status = await fetch(`${url}/readyz`).then(
        (response) => response.status,
        () => 0,
      );
      seen.add(status);
      return status === 200 && seen.size > 1 ? true : undefined;
    });
    expect([...seen].every((status) => [0, 200, 503].includes(status))).toBe(true);
  });
});
