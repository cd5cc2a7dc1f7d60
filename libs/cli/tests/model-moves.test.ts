import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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

function parley(...args: string[]): Run {
  return cli.parley(['models', ...args], gateway.env);
}

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
    gateway.jobGoes(`POST /admin/v1/models/${args[0]}`, { stage: 'loading' }, { state: 'succeeded' });
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
    gateway.jobGoes('POST /admin/v1/models/switch', { state: 'failed', error });
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
