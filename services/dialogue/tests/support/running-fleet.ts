import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '@parley/config';
import { assistants, common, dialogue, documents } from '@parley/contracts';
import { openSqliteEventLog } from '@parley/events';
import type { EventLog } from '@parley/events/ports';
import { FleetTokens, createGrpcClient, serverStream, unary } from '@parley/grpc';
import type { MessageStream } from '@parley/grpc';
import { startService } from '@parley/nest';
import type { RunningService } from '@parley/nest';
import { temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { readConfig } from '../../src/config.ts';
import { dialogueService } from '../../src/dialogue-service.ts';
import { ModelPeer } from './model-peer.ts';
import { tenant } from './test-dialogue.ts';

const secret = 'a fleet secret that only this test knows';

export function startRequest(
  text: string,
  request: Partial<dialogue.StartTurnRequest> = {},
): dialogue.StartTurnRequest {
  const message = {
    role: common.Role.ROLE_USER,
    content: [{ part: { $case: 'text' as const, text } }],
    status: dialogue.ItemStatus.ITEM_STATUS_COMPLETED,
    name: '',
  };
  return {
    model: 'default',
    input: [{ id: '', item: { $case: 'message', message } }],
    instructions: '',
    previousTurnId: '',
    store: true,
    sampling: undefined,
    format: undefined,
    maxOutputTokens: 0,
    stop: [],
    metadata: {},
    firstTokenTimeoutMs: 0,
    totalTimeoutMs: 0,
    endUser: '',
    deltas: true,
    languages: '',
    idempotency: undefined,
    tools: undefined,
    ...request,
  };
}

/** What a caller has seen of a log. */
export class Seen {
  readonly entries: dialogue.LogEntry[] = [];
  readonly #stream: MessageStream<dialogue.LogEntries>;

  constructor(stream: MessageStream<dialogue.LogEntries>) {
    this.#stream = stream;
  }

  get text(): string {
    return this.entries
      .map(({ entry }) => (entry?.$case === 'textDelta' ? entry.textDelta.text : ''))
      .join('');
  }

  get sequences(): number[] {
    return this.entries.map(({ sequence }) => sequence);
  }

  get types(): (string | undefined)[] {
    return this.entries.map(({ entry }) => entry?.$case);
  }

  /** Reads until an entry of that kind. */
  async until(kind: NonNullable<dialogue.LogEntry['entry']>['$case']): Promise<void> {
    while (!this.types.includes(kind)) {
      const step = await this.#stream.next();
      if (step.done === true) throw new Error(`The log ended without ${kind}.`);
      this.entries.push(...step.value.entries);
    }
  }

  async id(): Promise<string> {
    await this.until('turnCreated');
    const first = this.entries[0]?.entry;
    return first?.$case === 'turnCreated' ? (first.turnCreated.turn?.id ?? '') : '';
  }

  async ended(): Promise<dialogue.Turn | undefined> {
    await this.until('turnEnded');
    const last = this.entries.at(-1)?.entry;
    return last?.$case === 'turnEnded' ? last.turnEnded.turn : undefined;
  }

  leave(): void {
    this.#stream.cancel();
  }
}

/** A caller of one instance: the gateway, unless told. */
export class Caller implements Disposable {
  readonly #client: dialogue.TurnsClient;
  readonly #assistants: assistants.AssistantsClient;
  readonly #documents: documents.DocumentsClient;

  constructor(port: number, as: 'gateway' | 'monitoring' = 'gateway') {
    const tokens = new FleetTokens([new Secret(secret)], as);
    const options = { addresses: [`127.0.0.1:${port}`], tokens };
    this.#client = createGrpcClient(dialogue.TurnsClient, options);
    this.#assistants = createGrpcClient(assistants.AssistantsClient, options);
    this.#documents = createGrpcClient(documents.DocumentsClient, options);
  }

  start(request: dialogue.StartTurnRequest, tenantName = 'acme', traceparent?: string): Seen {
    const options = { tenant: tenant(tenantName), traceparent };
    return new Seen(serverStream(this.#client.startTurn.bind(this.#client), request, options));
  }

  attach(turnId: string, startingAfter?: number, tenantName = 'acme'): Seen {
    const request = { turnId, startingAfter };
    return new Seen(
      serverStream(this.#client.attachTurn.bind(this.#client), request, { tenant: tenant(tenantName) }),
    );
  }

  get(turnId: string, tenantName = 'acme'): Promise<dialogue.Turn> {
    return unary(this.#client.getTurn.bind(this.#client), { turnId }, { tenant: tenant(tenantName) });
  }

  cancel(turnId: string, tenantName = 'acme'): Promise<dialogue.Turn> {
    return unary(this.#client.cancelTurn.bind(this.#client), { turnId }, { tenant: tenant(tenantName) });
  }

  remove(turnId: string, tenantName = 'acme'): Promise<dialogue.DeleteTurnResponse> {
    return unary(this.#client.deleteTurn.bind(this.#client), { turnId }, { tenant: tenant(tenantName) });
  }

  list(): Promise<assistants.ListAssistantsResponse> {
    return unary(this.#assistants.listAssistants.bind(this.#assistants), {}, { tenant: tenant() });
  }

  report(): Promise<documents.DocumentsReport> {
    return unary(this.#documents.report.bind(this.#documents), {}, { tenant: tenant() });
  }

  [Symbol.dispose](): void {
    this.#documents.close();
    this.#assistants.close();
    this.#client.close();
  }
}

/** Instances of the real service on one data folder, with a model service in the hands of the test. */
export class RunningFleet implements AsyncDisposable {
  readonly model: ModelPeer;
  readonly events: EventLog;
  readonly #folder: TemporaryFolder;
  readonly #services: RunningService[] = [];
  readonly #callers: Caller[] = [];

  private constructor(folder: TemporaryFolder, model: ModelPeer) {
    this.#folder = folder;
    this.model = model;
    this.events = openSqliteEventLog(join(folder.path, 'fleet.db'));
  }

  static async start(): Promise<RunningFleet> {
    const folder = await temporaryFolder();
    await writeFile(join(folder.path, 'fleet-secret'), `${secret}\n`, { mode: 0o600 });
    const model = await ModelPeer.start(new FleetTokens([new Secret(secret)], 'model'));
    return new RunningFleet(folder, model);
  }

  async instance(env: NodeJS.ProcessEnv = {}): Promise<RunningService> {
    const config = readConfig({
      PARLEY_DATA: this.#folder.path,
      PARLEY_GRPC_PORT: '0',
      PARLEY_TELEMETRY_PORT: '0',
      PARLEY_LOG_LEVEL: 'silent',
      PARLEY_MODEL_ADDRESS: this.model.address,
      ...env,
    });
    const service = await startService(dialogueService(config));
    this.#services.push(service);
    return service;
  }

  caller(service: RunningService, as?: 'gateway' | 'monitoring'): Caller {
    const caller = new Caller(service.grpcPort, as);
    this.#callers.push(caller);
    return caller;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Streams that a test left open would only make the stop wait.
    this.model.kill();
    for (const caller of this.#callers) caller[Symbol.dispose]();
    await Promise.all(this.#services.map((service) => service.stop()));
    await this.events[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}
