import { EventEmitter } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { chatOnTerminal } from '../src/chat/chat.ts';
import { ChatHistory } from '../src/chat/history.ts';
import { FakeAnswers } from './fakes/fake-answers.ts';
import type { Script } from './fakes/fake-answers.ts';
import { FakeGateway, problem } from './fakes/fake-gateway.ts';

const up = '\u001B[A';
const ctrlC = '\u0003';
const ctrlD = '\u0004';

let folder: TemporaryFolder;
let gateway: FakeGateway;
let historyFile: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  gateway = await FakeGateway.start();
  historyFile = join(folder.path, 'history');
});
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** A person at a terminal. */
class Person {
  readonly #input = new PassThrough();
  readonly #output = new PassThrough();
  readonly #signals = new EventEmitter();
  #shown = '';
  #prompts = 0;
  readonly left: Promise<void>;

  constructor() {
    this.#output.on('data', (chunk: Buffer) => (this.#shown += chunk.toString()));
    this.left = chatOnTerminal(
      { access: { url: gateway.url, apiKey: 'sk-test' }, model: 'default', signals: this.#signals },
      { input: this.#input, output: this.#output },
      new ChatHistory(historyFile),
    );
  }

  /** What the terminal shows, without what moves the cursor. */
  shown(): string {
    // oxlint-disable-next-line no-control-regex
    return this.#shown.replaceAll(/\u001B\[[0-9;?]*[A-Za-z]/g, '');
  }

  sees(text: string): Promise<void> {
    return eventually(() => expect(this.shown()).toContain(text));
  }

  /** Types as soon as the next prompt is there. */
  async types(keys: string): Promise<void> {
    this.#prompts++;
    await eventually(() =>
      expect(this.shown().match(/^› /gm)?.length ?? 0).toBeGreaterThanOrEqual(this.#prompts),
    );
    this.#input.write(keys);
  }

  interrupts(): void {
    this.#signals.emit('SIGINT');
  }
}

function aPerson(...scripts: Script[]): Person {
  void new FakeAnswers(gateway, ...scripts);
  return new Person();
}

describe('parley chat at a terminal', () => {
  it('streams answers, says who answers, and leaves with Ctrl-D', async () => {
    const person = aPerson({ model: 'parley-tiny' }, { model: 'smollm2-135m' });
    await person.types('hi\r');
    await person.sees('[parley-tiny answers]\nyou said hi\n\n');
    await person.types('again\r');
    await person.sees('[smollm2-135m answers now; it was parley-tiny before]\nyou said again\n');
    await person.types(ctrlD);
    await person.left;
    expect(gateway.bodies('POST /v1/responses')[1]?.['previous_response_id']).toBe('resp_1');
  });

  it('stops an answer with Ctrl-C and goes on after it', async () => {
    const person = aPerson({ pieces: ['one '], waits: true }, {});
    await person.types('hi\r');
    await person.sees('one ');
    person.interrupts();
    await person.sees('[stopped]');
    expect(gateway.bodies('POST /v1/responses/resp_1/cancel')).toHaveLength(1);
    await person.types('again\r');
    await person.sees('you said again');
    expect(gateway.bodies('POST /v1/responses')[1]?.['previous_response_id']).toBe('resp_1');
    await person.types('/quit\r');
    await person.left;
  });

  it('leaves with a second Ctrl-C, even from an answer that does not end', async () => {
    const person = aPerson({ pieces: ['one '], waits: true });
    gateway.on('POST /v1/responses', (_, response) => {
      const created = {
        type: 'response.created',
        sequence_number: 0,
        response: { id: 'resp_1', model: 'm', status: 'in_progress' },
      };
      response.setHeader('content-type', 'text/event-stream');
      response.write(`event: response.created\ndata: ${JSON.stringify(created)}\n\n`);
      return undefined;
    });
    await person.types('hi\r');
    await person.sees('[m answers]');
    person.interrupts();
    let hasLeft = false;
    void person.left.then(() => (hasLeft = true));
    await eventually(() => {
      person.interrupts();
      expect(hasLeft).toBe(true);
    });
  });

  it('leaves with two Ctrl-C at the prompt; the first only drops what was typed', async () => {
    const person = aPerson({});
    await person.types(`never sent${ctrlC}`);
    await person.types(ctrlC);
    await person.sees('[Ctrl-C again or Ctrl-D leaves]');
    await person.types(ctrlC);
    await person.left;
    expect(gateway.requests).toEqual([]);
  });

  it('shows a fault and goes on', async () => {
    const person = aPerson({});
    gateway.on('POST /v1/responses', (_, response) =>
      problem(response, 404, 'model_not_found', 'There is no model "x".'),
    );
    await person.types('/model x\r');
    await person.sees('x is asked.');
    await person.types('hi\r');
    await person.sees('There is no model "x".');
    await person.types('/nonsense\r');
    await person.sees('/nonsense is no command. /help lists them.');
    await person.types(ctrlD);
    await person.left;
  });

  it('re-attaches when the connection breaks, and says so', async () => {
    const person = aPerson({ pieces: ['one ', 'two ', 'three'], breaksAfter: 1 });
    await person.types('hi\r');
    await person.sees(
      'one \n[the connection is lost; looking for the answer …]\n[found; going on]\ntwo three\n',
    );
    await person.types(ctrlD);
    await person.left;
  });

  it('lists models and assistants and talks to one', async () => {
    const person = aPerson({});
    gateway.on('GET /v1/models', () => ({
      object: 'list',
      data: [{ id: 'parley-tiny' }, { id: 'default' }],
    }));
    gateway.on('GET /v1/assistants', () => ({
      object: 'list',
      data: [{ name: 'helper', title: { en: 'Helper' } }],
    }));
    await person.types('/models\r');
    await person.sees('  parley-tiny\n* default\n');
    await person.types('/assistant\r');
    await person.sees('  helper  Helper\n');
    await person.types('/assistant helper\r');
    await person.types('hi\r');
    await person.sees('you said hi');
    expect(gateway.bodies('POST /v1/responses')[0]?.['model']).toBe('assistant:helper');
    await person.types(ctrlD);
    await person.left;
  });

  it('sends what was pasted as one message', async () => {
    const person = aPerson({});
    await person.types('first line\rsecond line\r');
    await person.sees('you said first line');
    expect(gateway.bodies('POST /v1/responses').map(({ input }) => input)).toEqual([
      'first line\nsecond line',
    ]);
    await person.types(ctrlD);
    await person.left;
  });

  it('lets no answer move the cursor', async () => {
    const person = aPerson({ pieces: ['\u001B]0;title\u0007calm\u001B[2J'] });
    await person.types('hi\r');
    await person.sees(']0;titlecalm[2J');
    await person.types(ctrlD);
    await person.left;
  });
});

describe('the history of a chat', () => {
  it('is kept for the next chat, readable by its owner only', async () => {
    const first = aPerson({});
    await first.types('what is this\r');
    await first.sees('you said what is this');
    await first.types(ctrlD);
    await first.left;
    expect(statSync(historyFile).mode & 0o777).toBe(0o600);
    const second = aPerson({});
    await second.types(`${up}\r`);
    await second.sees('you said what is this');
    await second.types(ctrlD);
    await second.left;
    expect(readFileSync(historyFile, 'utf8')).toBe('what is this\n');
  });

  it('keeps the last 1000 lines', () => {
    writeFileSync(historyFile, Array.from({ length: 1500 }, (_, index) => `line ${index}\n`).join(''));
    const history = new ChatHistory(historyFile);
    history.add('two\nlines');
    expect(history.newestFirst()).toHaveLength(1000);
    expect(history.newestFirst().slice(0, 2)).toEqual(['two lines', 'line 1499']);
    expect(readFileSync(historyFile, 'utf8').split('\n')[0]).toBe('line 500');
  });

  it('that cannot be kept is no reason not to chat', () => {
    const history = new ChatHistory('/nowhere/at/all');
    history.add('hi');
    expect(history.newestFirst()).toEqual(['hi']);
  });
});
