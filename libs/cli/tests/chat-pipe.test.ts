import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '@parley/testing';
import { commandLine } from './fakes/command-line.ts';
import type { CommandLine, Run } from './fakes/command-line.ts';
import { FakeAnswers } from './fakes/fake-answers.ts';
import type { Script } from './fakes/fake-answers.ts';
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

function chat(input: string, scripts: Script[], ...args: string[]): Run {
  void new FakeAnswers(gateway, ...scripts);
  return cli.parley(['chat', ...args], gateway.env, input);
}

describe('parley chat in a pipe', () => {
  it('prints only the answers, each line a message of one conversation', async () => {
    const run = chat('hi\n\nagain\n', [{}]);
    expect(await run.ended).toBe(0);
    expect([run.stdout(), run.stderr()]).toEqual(['you said hi\nyou said again\n', '']);
    expect(gateway.bodies('POST /v1/responses')).toEqual([
      { model: 'default', input: 'hi', stream: true, store: true },
      { model: 'default', input: 'again', stream: true, store: true, previous_response_id: 'resp_1' },
    ]);
  });

  it('asks the model or the assistant it was told to', async () => {
    await chat('hi', [{}], '--model', 'smollm2-135m').ended;
    await cli.parley(['chat', '--assistant', 'helper'], gateway.env, 'hi').ended;
    expect(gateway.bodies('POST /v1/responses').map(({ model }) => model)).toEqual([
      'smollm2-135m',
      'assistant:helper',
    ]);
    const both = cli.parley(['chat', '--model', 'a', '--assistant', 'b'], gateway.env, 'hi');
    expect(await both.ended).toBe(1);
  });

  it('goes on over a broken connection, with no gap and no repeat', async () => {
    const run = chat('hi', [{ pieces: ['one ', 'two ', 'three ', 'four'], breaksAfter: 2 }]);
    expect(await run.ended).toBe(0);
    expect(run.stdout()).toBe('one two three four\n');
    expect(run.stderr()).toBe('[the connection is lost; looking for the answer …]\n[found; going on]\n');
    expect(gateway.requests.at(-1)?.path).toBe('/v1/responses/resp_1?stream=true&starting_after=2');
  });

  it('takes the rest from the finished response when the log has gone', async () => {
    const run = chat('hi', [{ pieces: ['one ', 'two ', 'three'], breaksAfter: 1, expires: true }]);
    expect(await run.ended).toBe(0);
    expect(run.stdout()).toBe('one two three\n');
  });

  it('says on stderr when another model answers', async () => {
    const run = chat('a\nb\nc\n', [{ model: 'parley-tiny' }, { model: 'smollm2-135m' }]);
    expect(await run.ended).toBe(0);
    expect(run.stderr()).toBe('[smollm2-135m answers now; it was parley-tiny before]\n');
  });

  it('says when an answer was cut short', async () => {
    const run = chat('a', [{ status: 'incomplete' }]);
    expect(await run.ended).toBe(0);
    expect(run.stderr()).toBe('[cut short: max_output_tokens]\n');
  });

  it('ends with 1 when an answer fails or is refused', async () => {
    const failed = chat('a\nb\n', [{ status: 'failed', pieces: ['ha'] }]);
    expect(await failed.ended).toBe(1);
    expect([failed.stdout(), failed.stderr()]).toEqual(['ha\n', 'parley: The engine failed.\n']);
    gateway.on('POST /v1/responses', (_, response) =>
      problem(response, 404, 'model_not_found', 'There is no model "x". GET /v1/models lists them.'),
    );
    const refused = cli.parley(['chat', '--model', 'x'], gateway.env, 'hi');
    expect(await refused.ended).toBe(1);
    expect(refused.stderr()).toBe('parley: There is no model "x". GET /v1/models lists them.\n');
  });

  it('ends with 2 when nothing answers', async () => {
    const url = await deadUrl();
    const run = cli.parley(['chat'], { PARLEY_URL: url, PARLEY_API_KEY: 'k' }, 'hi');
    expect(await run.ended).toBe(2);
    expect(run.stderr()).toBe(`parley: Nothing answers at ${url} (ECONNREFUSED). Check PARLEY_URL.\n`);
  });

  it('stops the answer on Ctrl-C and ends with 130', async () => {
    const run = chat('hi\nnever asked\n', [{ pieces: ['one '], waits: true }]);
    await eventually(() => expect(run.stdout()).toBe('one '), { timeoutMs: 20_000 });
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(130);
    expect(gateway.bodies('POST /v1/responses/resp_1/cancel')).toHaveLength(1);
    expect(gateway.bodies('POST /v1/responses')).toHaveLength(1);
    expect(run.stderr()).toContain('[stopped]');
  });

  it('gives a line of JSON for each answer when told so', async () => {
    const run = chat('a\nb\n', [{}], '--json');
    expect(await run.ended).toBe(0);
    expect(
      run
        .stdout()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ).toEqual([
      { id: 'resp_1', model: 'parley-tiny', status: 'completed', text: 'you said a' },
      { id: 'resp_2', model: 'parley-tiny', status: 'completed', text: 'you said b' },
    ]);
  });

  it('takes commands too', async () => {
    const run = chat('/model fast\nhi\n/new\nagain\n/quit\nnever asked\n', [{}]);
    expect(await run.ended).toBe(0);
    expect(run.stdout()).toBe('you said hi\nyou said again\n');
    const bodies = gateway.bodies('POST /v1/responses');
    expect(bodies.map(({ model, previous_response_id: previous }) => [model, previous])).toEqual([
      ['fast', undefined],
      ['fast', undefined],
    ]);
  });
});
