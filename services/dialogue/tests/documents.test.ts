import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { eventually } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { ConfigFolder, assistantText } from './support/config-folder.ts';
import { RunningFleet, startRequest } from './support/running-fleet.ts';
import type { Caller } from './support/running-fleet.ts';

const good = (instructions: string, version?: string) =>
  assistantText('helper', `{ instructions: { en: "${instructions}" } }`, version);

async function start(folder: ConfigFolder) {
  const fleet = await RunningFleet.start();
  const service = await fleet.instance({ PARLEY_CONFIG: folder.path });
  const metrics = async (): Promise<string> =>
    (await fetch(`http://127.0.0.1:${service.telemetryPort}/metrics`)).text();
  return { fleet, caller: fleet.caller(service), metrics };
}

/** What the model is told when somebody asks the helper now. */
async function instructionsNow(fleet: RunningFleet, caller: Caller): Promise<string | undefined> {
  await caller.start(startRequest('Hi', { model: 'assistant:helper', store: false })).ended();
  return fleet.model.generations.at(-1)?.request.messages[0]?.content[0]?.part?.text;
}

function failureOf(text: Promise<unknown>): Promise<Error> {
  return text.then(
    () => new Error('It did not fail.'),
    (error: Error) => error,
  );
}

describe('the documents of a running service', () => {
  it('are listed and reported as they are in effect', async () => {
    await using folder = await ConfigFolder.with({
      'assistants/b.yaml': assistantText('writer', '{ model: fast }', '2.0.0'),
      'assistants/a.yaml': good('Help.'),
    });
    const { fleet, caller } = await start(folder);
    await using _ = fleet;
    expect((await caller.list()).assistants).toEqual([
      {
        name: 'helper',
        version: '1.0.0',
        title: { en: 'The helper' },
        description: {},
        model: 'default',
        strategies: [],
      },
      expect.objectContaining({ name: 'writer', version: '2.0.0', model: 'fast' }),
    ]);
    const report = await caller.report();
    expect(report).toMatchObject({ service: 'dialogue', revision: 1, faults: [], drifts: [] });
    expect(report.instanceId).not.toBe('');
    expect(Date.now() - Number(report.loadedAt)).toBeLessThan(60_000);
    expect(report.documents).toEqual([
      {
        kind: 'Assistant',
        name: 'helper',
        version: '1.0.0',
        digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        file: 'assistants/a.yaml',
      },
      expect.objectContaining({ name: 'writer', file: 'assistants/b.yaml' }),
    ]);
  });

  it('count from the next turn on when a file changes', async () => {
    await using folder = await ConfigFolder.with({ 'assistants/helper.yaml': good('Help.') });
    const { fleet, caller } = await start(folder);
    await using _ = fleet;
    expect(await instructionsNow(fleet, caller)).toBe('Help.');
    await folder.write('assistants/helper.yaml', good('Help more.', '1.1.0'));
    await eventually(async () => expect(await instructionsNow(fleet, caller)).toBe('Help more.'));
    expect((await caller.report()).revision).toBe(2);
    await folder.remove('assistants/helper.yaml');
    await eventually(async () => expect((await caller.list()).assistants).toEqual([]));
  });

  it('change together when a ConfigMap is swapped', async () => {
    await using folder = await ConfigFolder.with({});
    await folder.mount('assistants', 'one', { 'helper.yaml': good('First.') });
    const { fleet, caller } = await start(folder);
    await using _ = fleet;
    expect(await instructionsNow(fleet, caller)).toBe('First.');
    const second = { 'helper.yaml': good('Second.'), 'writer.yaml': assistantText('writer', '{}') };
    await folder.mount('assistants', 'two', second);
    await eventually(async () => expect((await caller.list()).assistants).toHaveLength(2));
    expect(await instructionsNow(fleet, caller)).toBe('Second.');
    expect((await caller.report()).documents.map(({ file }) => file)).toEqual([
      'assistants/helper.yaml',
      'assistants/writer.yaml',
    ]);
  });

  it('keep the last good ones while a file is at fault, which is reported, counted and told when it is asked for', async () => {
    await using folder = await ConfigFolder.with({ 'assistants/helper.yaml': good('Help.') });
    const { fleet, caller, metrics } = await start(folder);
    await using _ = fleet;
    expect(await metrics()).toMatch(/parley_dialogue_document_faults\{[^}]*kind="Assistant"[^}]*\} 0/);
    await folder.write('assistants/helper.yaml', good('Broken.').replace('spec:', 'spec: {}\nspecs:'));
    await folder.write('assistants/new.yaml', assistantText('new', '{ memory: { strategy: nothing } }'));
    await eventually(async () => expect((await caller.report()).faults).toHaveLength(2));
    const report = await caller.report();
    expect(report.revision).toBe(1);
    expect(report.faults).toEqual([
      { file: 'assistants/helper.yaml', line: 8, path: 'specs', message: 'is not a known key here' },
      {
        file: 'assistants/new.yaml',
        line: 7,
        path: 'spec.memory.strategy',
        message: "there is no MemoryStrategy 'nothing'; there are none",
      },
    ]);
    expect(await metrics()).toMatch(/parley_dialogue_document_faults\{[^}]*kind="Assistant"[^}]*\} 2/);
    expect(await instructionsNow(fleet, caller)).toBe('Help.');
    const refused = await failureOf(caller.start(startRequest('Hi', { model: 'assistant:new' })).ended());
    expect(refused).toMatchObject({
      code: 'model_not_found',
      message: expect.stringContaining('assistants/new.yaml:7: spec.memory.strategy') as string,
    });

    await folder.write('assistants/helper.yaml', good('Mended.'));
    await folder.remove('assistants/new.yaml');
    await eventually(async () => expect((await caller.report()).faults).toEqual([]));
    expect(await instructionsNow(fleet, caller)).toBe('Mended.');
    expect(await metrics()).toMatch(/parley_dialogue_document_faults\{[^}]*kind="Assistant"[^}]*\} 0/);
  });

  it('do not take effect when a test of their own fails', async () => {
    const tested = (expected: string) =>
      `${good('Help.')}tests: [{ name: helps, user: Hi, expect: { instructions: { contains: [${expected}] } } }]\n`;
    await using folder = await ConfigFolder.with({ 'assistants/helper.yaml': tested('Help.') });
    const { fleet, caller } = await start(folder);
    await using _ = fleet;
    await folder.write('assistants/helper.yaml', tested('Help!').replace('"Help."', '"Other."'));
    await eventually(async () => expect((await caller.report()).faults).toHaveLength(1));
    expect((await caller.report()).faults[0]).toMatchObject({
      line: 8,
      path: 'tests[0].expect.instructions.contains[0]',
      message: 'test "helps": is not in: "Other."',
    });
    expect(await instructionsNow(fleet, caller)).toBe('Help.');
  });

  it('do not keep the service from starting when they are at fault, or when there are none', async () => {
    await using broken = await ConfigFolder.with({ 'assistants/helper.yaml': 'spec: [' });
    const first = await start(broken);
    await using _ = first.fleet;
    expect((await first.caller.report()).faults[0]).toMatchObject({
      file: 'assistants/helper.yaml',
      line: 1,
    });
    expect(await first.caller.start(startRequest('Hi')).ended()).toBeDefined();

    await using folder = await ConfigFolder.with({});
    const service = await first.fleet.instance({ PARLEY_CONFIG: `${folder.path}/not-there` });
    const caller = first.fleet.caller(service);
    expect((await caller.report()).faults[0]).toMatchObject({ file: '.' });
    expect((await caller.list()).assistants).toEqual([]);
    expect(await caller.start(startRequest('Hi')).ended()).toBeDefined();
  });
});

/** Runs a program of this service from source. */
function run(program: string, ...args: readonly string[]) {
  const path = fileURLToPath(new URL(`../src/${program}.ts`, import.meta.url));
  const all = ['--conditions=@parley/source', path, ...args];
  const { status, stdout } = spawnSync(process.execPath, all, { encoding: 'utf8' });
  return { status, lines: stdout.split('\n').filter((line) => line !== '') };
}

const shipped = fileURLToPath(new URL('../../../config', import.meta.url));

describe('the programs that check documents', () => {
  it('find nothing wrong with the shipped ones', () => {
    expect(run('check-config', shipped)).toEqual({ status: 0, lines: [] });
    const { status, lines } = run('check-conversations', shipped);
    expect(status).toBe(0);
    const tests = lines.map((line) => JSON.parse(line) as { flow: string; ok: boolean });
    expect(new Set(tests.map(({ flow }) => flow))).toEqual(
      new Set(['context-memory', 'helper', 'order-desk']),
    );
    expect(tests.every(({ ok }) => ok)).toBe(true);
  });

  it('tell each fault with file, line, path and what was expected', async () => {
    await using folder = await ConfigFolder.with({
      'assistants/a.yaml': assistantText('a', '{ model: 7 }'),
      'assistants/b.yaml': `${good('Help.')}tests: [{ name: helps, user: Hi, expect: { answer: {} } }]\n`,
    });
    const { status, lines } = run('check-config', folder.path);
    expect(status).toBe(1);
    expect(lines).toEqual([
      `${folder.path}/assistants/a.yaml:7: spec.model: Invalid input: expected string, received number`,
      `${folder.path}/assistants/b.yaml:8: tests[0].expect.answer: test "helps": expected an answer without the model`,
    ]);
    const conversations = run('check-conversations', folder.path, `${folder.path}/assistants/b.yaml`);
    expect(conversations.status).toBe(1);
    expect(conversations.lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        file: 'assistants/b.yaml',
        line: 8,
        flow: 'helper',
        test: 'helps',
        ok: false,
        detail: expect.stringContaining('expected an answer without the model') as string,
      },
    ]);
  });

  it('say how they are used', () => {
    expect(run('check-config').status).toBe(2);
    expect(run('check-conversations').status).toBe(2);
  });
});
