import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandLine } from './fakes/command-line.ts';
import type { CommandLine } from './fakes/command-line.ts';
import { FakeGateway, deadUrl, problem } from './fakes/fake-gateway.ts';

let cli: CommandLine;
let gateway: FakeGateway;
beforeEach(async () => {
  cli = commandLine();
  gateway = await FakeGateway.start();
});
afterEach(async () => {
  cli[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

const anEvent = (n: number) => ({
  id: `e${n}`,
  type: 'parley.turn.completed.v1',
  time: '2026-11-28T18:00:00.123Z',
  tenant: 'acme',
  key: 'conv_1',
  subject: `resp_${n}`,
  turn_id: `resp_${n}`,
  cursor: `c${n}`,
});
const aLetter = (id: string, reason = 'payload_not_json') => ({
  id,
  reason,
  detail: 'The payload is not JSON.',
  topic: 'parley.model.events.v1',
  partition: 2,
  offset: 7,
  key: 'k',
  type: 'x\u001b[31m',
  received_at: '2026-11-28T18:00:00.000Z',
});
const list = 'GET /admin/v1/events';
const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

describe('parley events tail', () => {
  it('tells what is recorded from now on, until Ctrl-C', async () => {
    let recorded = 0;
    gateway.on(list, ({ path }) => {
      const after = new URLSearchParams(path.split('?')[1]).get('after') ?? '';
      const from = after === 'end' ? recorded : Number(after.slice(1));
      const data = Array.from({ length: recorded - from }, (_, n) => anEvent(from + n + 1));
      return { object: 'list', data, next: null, reached: `c${recorded}` };
    });
    const filter = ['--conversation', 'conv_1', '--type', 'a.v1', '--type', 'b.v1'];
    const run = cli.parley(['events', 'tail', ...filter], gateway.env);
    await eventually(() => expect(gateway.requests.length).toBeGreaterThan(0), { timeoutMs: 20_000 });
    recorded = 2;
    await eventually(() => expect(lines(run.stdout())).toHaveLength(2), { timeoutMs: 10_000 });
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(0);
    expect(lines(run.stdout())[0]).toMatch(
      /^2026-11-28 18:00:00 {2}parley\.turn\.completed\.v1 +acme +conv_1 {2}resp_1$/,
    );
    const query = new URLSearchParams(gateway.requests[0]?.path.split('?')[1]);
    expect([query.get('conversation'), query.getAll('type')]).toEqual(['conv_1', ['a.v1', 'b.v1']]);
  });

  it('goes on when the gateway was away, from where it was', async () => {
    let answers = 0;
    gateway.on(list, (_request, response) => {
      answers += 1;
      if (answers === 2) return problem(response, 503, 'unavailable', 'Away.');
      return { object: 'list', data: answers === 3 ? [anEvent(1)] : [], next: null, reached: 'c0' };
    });
    const run = cli.parley(['events', 'tail', '--after', 'c0', '--json'], gateway.env);
    await eventually(() => expect(lines(run.stdout())).toHaveLength(1), { timeoutMs: 20_000 });
    run.child.kill('SIGINT');
    await run.ended;
    expect(JSON.parse(run.stdout())).toMatchObject({ id: 'e1' });
    expect(run.stderr()).toContain('waiting for it');
    expect(gateway.requests.every(({ path }) => path.includes('after=c0'))).toBe(true);
  });

  it('says at once that there is no fleet', async () => {
    const run = cli.parley(['events', 'tail'], { ...gateway.env, PARLEY_URL: await deadUrl() });
    expect(await run.ended).toBe(2);
  });
});

describe('parley events export', () => {
  /** Answers with events up to the `n`th after the cursor; then as `end` says. */
  function exporting(end: (after: number) => { upTo: number; cut: 'ends' | 'breaks' | object }): void {
    gateway.on('POST /admin/v1/export', ({ body }, response) => {
      const after = Number(String(body['after']).slice(1) || 0);
      const { upTo, cut } = end(after);
      response.setHeader('x-parley-job-id', 'job_1');
      for (let n = after + 1; n <= upTo; n++) response.write(`${JSON.stringify(anEvent(n))}\n`);
      if (cut === 'ends') response.end();
      else if (cut === 'breaks') {
        response.write('{"id":"half of an ev');
        setTimeout(() => response.destroy(), 50);
      } else {
        response.write(`${JSON.stringify(cut)}\n`);
        setTimeout(() => response.destroy(), 50);
      }
      return undefined;
    });
  }

  it('writes each event as a line, those that are asked for', async () => {
    exporting(() => ({ upTo: 3, cut: 'ends' }));
    const filter = ['--tenant', 'acme', '--type', 'a.v1', '--from', '2026-01-01T00:00Z', '--turn', 'resp_1'];
    const run = cli.parley(['events', 'export', ...filter], gateway.env);
    expect(await run.ended).toBe(0);
    expect(lines(run.stdout()).map((line) => (JSON.parse(line) as { id: string }).id)).toEqual([
      'e1',
      'e2',
      'e3',
    ]);
    expect(gateway.bodies('POST /admin/v1/export')).toEqual([
      { tenant: 'acme', types: ['a.v1'], from: '2026-01-01T00:00:00.000Z', turn: 'resp_1', after: '' },
    ]);
  });

  it('goes on after the last whole line when the connection breaks', async () => {
    exporting((after) => (after < 4 ? { upTo: after + 2, cut: 'breaks' } : { upTo: 5, cut: 'ends' }));
    const file = join(cli.dir, 'out.ndjson');
    const run = cli.parley(['events', 'export', '--out', file, '--json'], gateway.env);
    expect(await run.ended).toBe(0);
    const ids = lines(readFileSync(file, 'utf8')).map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids).toEqual(['e1', 'e2', 'e3', 'e4', 'e5']);
    expect(JSON.parse(run.stdout())).toEqual({ file, events: 5, cursor: 'c5', job: 'job_1' });
    expect(gateway.bodies('POST /admin/v1/export').map(({ after }) => after)).toEqual(['', 'c2', 'c4']);
  });

  it('ends with the reason when its job is cancelled, and says where to go on', async () => {
    exporting(() => ({ upTo: 2, cut: { error: { code: 'cancelled', message: 'The job was cancelled.' } } }));
    const run = cli.parley(['events', 'export'], gateway.env);
    expect(await run.ended).toBe(1);
    expect(run.stderr()).toContain('The job was cancelled.');
    expect(run.stderr()).toContain('--after c2');
    expect(lines(run.stdout())).toHaveLength(2);
  });

  it('does not write over a file, and adds to one that it goes on with', async () => {
    exporting((after) => ({ upTo: after + 1, cut: 'ends' }));
    const file = join(cli.dir, 'out.ndjson');
    writeFileSync(file, 'before\n');
    const refused = cli.parley(['events', 'export', '-o', file], gateway.env);
    expect(await refused.ended).toBe(1);
    expect(refused.stderr()).toContain(file);
    const run = cli.parley(['events', 'export', '-o', file, '--after', 'c7'], gateway.env);
    expect(await run.ended).toBe(0);
    expect(lines(readFileSync(file, 'utf8'))).toEqual(['before', JSON.stringify(anEvent(8))]);
  });

  it('is left by Ctrl-C with the place to go on', async () => {
    gateway.on('POST /admin/v1/export', (_request, response) => {
      response.write(`${JSON.stringify(anEvent(1))}\n`);
      return undefined;
    });
    const run = cli.parley(['events', 'export'], gateway.env);
    await eventually(() => expect(lines(run.stdout())).toHaveLength(1), { timeoutMs: 20_000 });
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(130);
    expect(run.stderr()).toContain('--after c1');
  });

  it.each([
    ['--from', 'yesterday'],
    ['--to', '32 May'],
  ])('does not take %s %s', async (option, value) => {
    const run = cli.parley(['events', 'export', option, value], gateway.env);
    expect(await run.ended).toBe(1);
    expect(run.stderr()).toContain('It must be a time');
  });
});

describe('parley events dlq', () => {
  it('lists what could not be recorded, harmless for a terminal', async () => {
    const page = { object: 'list', data: [aLetter('d1'), aLetter('d2')], next: 'd2', has_more: true };
    gateway.on('GET /admin/v1/events/dead-letters', () => page);
    const run = cli.parley(['events', 'dlq', 'list', '--limit', '2', '--after', 'd0'], gateway.env);
    expect(await run.ended).toBe(0);
    expect(gateway.requests[0]?.path).toBe('/admin/v1/events/dead-letters?limit=2&after=d0');
    expect(run.stdout()).toMatch(
      /^d1 +2026-11-28 18:00:00 +payload_not_json .*parley\.model\.events\.v1 2\/7/m,
    );
    expect(run.stdout()).not.toContain('\u001b');
    expect(run.stderr()).toContain('--after d2');
    const asJson = cli.parley(['events', 'dlq', 'list', '--json'], gateway.env);
    expect(await asJson.ended).toBe(0);
    expect(JSON.parse(asJson.stdout())).toEqual(page);
  });

  it('tries them again, and fails when one is refused', async () => {
    let outcome: object = { recorded: 2, refused: [] };
    gateway.on('POST /admin/v1/events/dead-letters/retry', () => outcome);
    const all = cli.parley(['events', 'dlq', 'retry'], gateway.env);
    expect(await all.ended).toBe(0);
    expect(all.stdout()).toContain('2 recorded, 0 refused.');
    outcome = { recorded: 1, refused: [aLetter('d2', 'turn_id_missing')] };
    const some = cli.parley(['events', 'dlq', 'retry', 'd1', 'd2', 'd3'], gateway.env);
    expect(await some.ended).toBe(1);
    expect(some.stdout()).toMatch(/1 recorded, 1 refused\.[\s\S]*d2 .*turn_id_missing/);
    expect(some.stderr()).toContain('1 of those named');
    expect(gateway.bodies('POST /admin/v1/events/dead-letters/retry')).toEqual([
      {},
      { ids: ['d1', 'd2', 'd3'] },
    ]);
  });
});
