import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFleet } from '@parley/fleet';
import type { Fleet, FleetOptions, ServiceName } from '@parley/fleet';
import OpenAI from 'openai';

const root = join(import.meta.dirname, '../../../..');

/** Config folders: the shipped one with the bundled model, and one whose default is the real SmolLM2. */
export const configs = {
  shipped: join(root, 'config'),
  smollm2: join(root, 'services/model/tests/fixtures/smollm2'),
} as const;

const realModelFile = join(
  process.env['PARLEY_MODEL_CACHE'] ?? join(homedir(), '.cache/parley/models'),
  'SmolLM2-135M-Instruct.Q4_1.gguf',
);

/** Why tests on the real model cannot run here; undefined when they can. In CI they must run. */
export const noRealModel =
  existsSync(realModelFile) || process.env['CI'] === 'true'
    ? undefined
    : 'SmolLM2 is not here: npm run provision fetches it';

/** A suite name that says why the suite is skipped, where it is. */
export function onRealModel(name: string): string {
  return noRealModel === undefined ? name : `${name} (skipped: ${noRealModel})`;
}

/** What a test may choose about its fleet; `env` is added to this process's own, a `dataDir` goes with the fleet. */
export interface TestFleetOptions extends Omit<Partial<FleetOptions>, 'env'> {
  readonly env?: Record<string, string>;
}

/** A running fleet of five processes with clients for it; disposing stops it and removes its data. */
export class TestFleet implements AsyncDisposable {
  readonly fleet: Fleet;
  readonly openai: OpenAI;
  readonly dataDir: string;

  private constructor(fleet: Fleet, dataDir: string) {
    this.fleet = fleet;
    this.dataDir = dataDir;
    this.openai = new OpenAI({ baseURL: `${fleet.url}/v1`, apiKey: fleet.apiKey, maxRetries: 0 });
  }

  static async start(options: TestFleetOptions = {}): Promise<TestFleet> {
    const { env, dataDir = mkdtempSync(join(tmpdir(), 'parley-fleet-')), ...rest } = options;
    const fleet = await startFleet({
      configDir: configs.shipped,
      httpPort: 0,
      dataDir,
      env: { ...process.env, ...env },
      ...rest,
    });
    return new TestFleet(fleet, dataDir);
  }

  /** A request with the fleet's key; `path` starts with a slash. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${this.fleet.apiKey}`, 'content-type': 'application/json' };
    return fetch(this.fleet.url + path, { ...init, headers });
  }

  async post(path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
    return this.fetch(path, { method: 'POST', body: JSON.stringify(body), ...init });
  }

  async json<T>(path: string): Promise<T> {
    const response = await this.fetch(path);
    return (await response.json()) as T;
  }

  /** The process of a service (its first instance). */
  pid(service: ServiceName): number {
    const instance = this.fleet.instances().find((candidate) => candidate.service === service);
    if (instance?.pid === undefined) throw new Error(`${service} has no process`);
    return instance.pid;
  }

  /** What a service (its first instance) serves on /metrics. */
  async metrics(service: ServiceName): Promise<string> {
    const instance = this.fleet.instances().find((candidate) => candidate.service === service);
    return (await fetch(`${instance?.telemetryUrl}/metrics`)).text();
  }

  /** Terminal events of a turn in the record. */
  async terminalEvents(turnId: string): Promise<RecordedEvent[]> {
    const { data } = await this.json<{ data: RecordedEvent[] }>(`/admin/v1/events?turn=${turnId}&limit=100`);
    return data.filter((event) =>
      /^parley\.turn\.(completed|failed|cancelled|incomplete)\.v1$/.test(event.type),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fleet.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

export interface RecordedEvent {
  id: string;
  type: string;
  turn_id: string;
  sequence: number;
  data: {
    output?: { content?: { text?: string }[] }[];
    incompleteReason?: string;
    model?: { name: string; digest: string };
  };
}

/** The text that a terminal event carries. */
export function textOf(event: RecordedEvent | undefined): string {
  return (event?.data.output ?? [])
    .flatMap((item) => item.content ?? [])
    .map((part) => part.text ?? '')
    .join('');
}

/** Asks again every 50 ms until `probe` gives a value; the last error tells what was missing. */
export async function eventually<T>(
  what: string,
  withinMs: number,
  probe: () => Promise<T | undefined>,
): Promise<T> {
  const until = Date.now() + withinMs;
  let last: unknown;
  while (Date.now() < until) {
    try {
      const value = await probe();
      if (value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what}: not within ${withinMs} ms`, { cause: last });
}
