import type { instance } from '@parley/contracts';
import { unary } from '@parley/grpc';
import { Deadline, newUuid, toParleyError } from '@parley/kernel';
import type { Neighbour } from './neighbour.ts';

const intervalMs = 1000;
const timeoutMs = 2000;

/**
 * Asks dialogue again and again for an answer, so that readiness can be told without asking. The gateway is of no use
 * without dialogue; without the others it still answers something, so they do not count. Nor does dialogue's own
 * readiness: what it lacks it tells each request better than a gateway that takes none.
 */
export class DialogueProbe implements AsyncDisposable {
  readonly #neighbour: Neighbour<instance.InstanceClient>;
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #result: { ok: boolean; reason?: string } = { ok: false, reason: 'dialogue has not answered yet' };

  constructor(neighbour: Neighbour<instance.InstanceClient>) {
    this.#neighbour = neighbour;
  }

  /** What was found last. */
  get result(): { ok: boolean; reason?: string } {
    return this.#result;
  }

  start(): void {
    void this.#ask();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopping.abort();
    await Promise.resolve();
  }

  async #ask(): Promise<void> {
    this.#result = await this.#describe();
    if (this.#stopping.signal.aborted) return;
    this.#timer = setTimeout(() => void this.#ask(), intervalMs);
    this.#timer.unref();
  }

  async #describe(): Promise<{ ok: boolean; reason?: string }> {
    try {
      const client = this.#neighbour.client();
      await unary<instance.DescribeRequest, instance.DescribeResponse>(
        client.describe.bind(client),
        {},
        {
          tenant: { tenant: '', role: 'admin', keyId: 'gateway', requestId: `probe_${newUuid()}` },
          deadline: Deadline.in(timeoutMs),
          signal: this.#stopping.signal,
        },
      );
      return { ok: true };
    } catch (error) {
      return { ok: false, reason: `dialogue does not answer: ${toParleyError(error).message}` };
    }
  }
}
