import { openSqliteEventLog } from '@parley/events';
import type { EventLog } from '@parley/events/ports';
import type { ReceivedRecord } from '@parley/events/ports';
import { newPublicId } from '@parley/kernel';
import type { TenantContext } from '@parley/kernel';
import { openSqliteState } from '@parley/state';
import type { StateStore } from '@parley/state/ports';
import { topics } from '@parley/contracts';
import { ProtoTurnEventEncoder } from '../../src/adapters/outbound/proto-turn-event-encoder.ts';
import { assembleDialogue } from '../../src/domain/dialogue.ts';
import type { Dialogue, DialoguePorts, DialogueSettings } from '../../src/domain/dialogue.ts';
import type { LogEntry } from '../../src/domain/log/log-entry.ts';
import type { StartRequest } from '../../src/domain/start/start-request.ts';
import type { Item, Speaker } from '../../src/domain/turn/turn.ts';
import { FakeAssistantSource } from '../../src/ports/fake-assistant-source.ts';
import { FakeDialogueWatch } from '../../src/ports/fake-dialogue-watch.ts';
import { FakeModelClient } from '../../src/ports/fake-model-client.ts';
import { FakeTokenCounter } from '../../src/ports/fake-token-counter.ts';
import { Reading } from './reading.ts';
import { TestClock } from './test-clock.ts';

/** What instances of one fleet share. */
export interface World extends AsyncDisposable {
  readonly state: StateStore;
  readonly events: EventLog;
  readonly clock: TestClock;
}

export function openWorld(clock = new TestClock()): World {
  const state = openSqliteState(':memory:', { clock });
  const events = openSqliteEventLog(':memory:', { clock });
  return {
    state,
    events,
    clock,
    [Symbol.asyncDispose]: async () => {
      await events[Symbol.asyncDispose]();
      await state[Symbol.asyncDispose]();
    },
  };
}

/** A port as it is, but for some methods. */
export function bound<T extends object>(port: T, methods: Partial<T>): T {
  return new Proxy(port, {
    get: (target, name) => {
      const own: unknown = Reflect.get(methods, name);
      const value: unknown = own ?? Reflect.get(target, name);
      return typeof value === 'function' && own === undefined ? value.bind(target) : value;
    },
  });
}

export function tenant(name = 'acme'): TenantContext {
  return { tenant: name, role: 'user', keyId: `key-of-${name}`, requestId: 'request-1' };
}

export function says(text: string, role: Speaker = 'user'): Item {
  const content = [{ type: 'text', text } as const];
  return { id: newPublicId('msg'), type: 'message', role, content, status: 'completed', name: '' };
}

export function aRequest(text: string, request: Partial<StartRequest> = {}): StartRequest {
  return {
    model: '',
    input: [says(text)],
    instructions: '',
    previousTurnId: '',
    store: true,
    sampling: { logitBias: {} },
    format: { type: 'text' },
    maxOutputTokens: 0,
    stop: [],
    metadata: {},
    firstTokenTimeoutMs: 0,
    totalTimeoutMs: 0,
    endUser: '',
    languages: '',
    ...request,
  };
}

/** Rounds are made by the tests, never by time. */
const never = { sweepMs: 3_600_000, lostMs: 3_600_000, retentionMs: 3_600_000, measureMs: 3_600_000 };

/** Settings of an instance that says nothing after its launch, so that a clock set forward makes it dead. */
export const silent: Partial<DialogueSettings> = { intervals: { ...never, renewMs: 3_600_000 } };

/** Settings of an instance that stays alive, however far and often a test sets the clock forward. */
export const awake: Partial<DialogueSettings> = { intervals: { ...never, renewMs: 10 } };

const settings: Omit<DialogueSettings, 'instanceId'> = {
  mostTurns: 100,
  limits: { firstTokenMs: 5_000, mostFirstTokenMs: 5_000, totalMs: 10_000, mostTotalMs: 10_000 },
  paces: {
    watched: { intervalMs: 5, tokens: 16, firstAtOnce: true },
    unwatched: { intervalMs: 40, tokens: 128, firstAtOnce: false },
  },
  ownerTtlMs: 10_000,
  lingerMs: 30_000,
  intervals: { ...never, renewMs: 1_000 },
  retention: { logMs: 600_000, unstoredTurnMs: 600_000, storedTurnMs: 30 * 24 * 3_600_000 },
  publishing: { whenAway: 'outbox', mostWaitMs: 24 * 3_600_000 },
  drainMs: 1_000,
};

export interface TestDialogueOptions {
  readonly world?: World;
  readonly instanceId?: string;
  readonly settings?: Partial<DialogueSettings>;
  /** Replaces parts of the world as this instance sees them. */
  readonly ports?: Partial<DialoguePorts>;
}

/** Under which key something is said, and how its log is read. */
export interface KeyedSaying {
  readonly key: string;
  readonly view: 'all' | 'result';
  readonly tenantName: string;
}

/** One instance of the service without its edges. */
export class TestDialogue implements AsyncDisposable {
  readonly world: World;
  readonly model = new FakeModelClient();
  readonly watch = new FakeDialogueWatch();
  readonly assistants = new FakeAssistantSource();
  readonly tokens = new FakeTokenCounter();
  readonly dialogue: Dialogue;
  readonly #ownsWorld: boolean;
  #open = true;

  private constructor(options: TestDialogueOptions) {
    this.world = options.world ?? openWorld();
    this.#ownsWorld = options.world === undefined;
    const { state, events, clock } = this.world;
    const encoder = new ProtoTurnEventEncoder();
    const { model, watch, assistants, tokens } = this;
    this.dialogue = assembleDialogue(
      { state, events, model, encoder, assistants, tokens, watch, clock, ...options.ports },
      { ...settings, instanceId: options.instanceId ?? 'dialogue-1', ...options.settings },
    );
  }

  static async launch(options: TestDialogueOptions = {}): Promise<TestDialogue> {
    const made = new TestDialogue(options);
    await made.dialogue.launch();
    return made;
  }

  /** Starts a turn and reads it. */
  start(request: StartRequest, view: 'all' | 'result' = 'all', tenantName = 'acme'): Reading {
    const { start, follow } = this.dialogue;
    return new Reading(async function* (signal): AsyncGenerator<readonly LogEntry[]> {
      const { turn, reader } = await start.start(request, { tenant: tenant(tenantName) }, view, signal);
      yield* follow.follow(turn, reader, signal);
    });
  }

  say(text: string, request: Partial<StartRequest> = {}): Reading {
    return this.start(aRequest(text, request));
  }

  /** Starts a turn under an Idempotency-Key, or reads the one that was started under it. */
  sayKeyed(text: string, request: Partial<StartRequest> = {}, keyed: Partial<KeyedSaying> = {}): Reading {
    const { key = 'key', view = 'all', tenantName = 'acme' } = keyed;
    const idempotency = {
      route: 'POST /v1/responses',
      key,
      fingerprint: JSON.stringify([text, request]),
    };
    const caller = { tenant: tenant(tenantName) };
    return new Reading((signal) =>
      this.dialogue.startKeyed.read(aRequest(text, request), caller, view, idempotency, signal),
    );
  }

  attach(id: string, after = -1, tenantName = 'acme'): Reading {
    return new Reading((signal) => this.dialogue.attach.attach(id, after, tenantName, signal));
  }

  /** Everything in the event log about a turn, in order. */
  async published(turnId: string): Promise<ReceivedRecord[]> {
    const { records } = await this.world.events.read(topics.conversation, '', 10_000);
    return records.filter((record) => record.key === turnId);
  }

  /** Stops as at SIGTERM; once. */
  async drain(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.dialogue.drain.run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What a test left hanging would only make the drain wait.
    for (const generation of this.model.generations) if (!generation.isStopped) generation.finishes();
    await this.drain();
    if (this.#ownsWorld) await this.world[Symbol.asyncDispose]();
  }
}
