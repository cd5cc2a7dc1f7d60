import { ParleyError } from '@parley/kernel';
import type { Admin } from 'kafkajs';
import { faultOf, kafkaError } from './kafka-errors.ts';
import { goodbyeMs, questionTimeoutMs } from './kafka-options.ts';
import type { KafkaClient, KafkaClients } from './kafka-clients.ts';
import { within } from './within.ts';

interface Life extends KafkaClient {
  readonly admin: Admin;
  readonly connected: Promise<void>;
}

/** Asks the cluster: one connection, made when first needed and made anew after a failure. */
export class KafkaAdmin implements AsyncDisposable {
  readonly #clients: KafkaClients;
  readonly #closed = new AbortController();
  #life: Life | undefined;

  constructor(clients: KafkaClients) {
    this.#clients = clients;
  }

  /**
   * Runs a question.
   * @param what it is about, for the error
   * @throws ParleyError `unavailable` when it fails or takes longer than 10 s.
   */
  async ask<T>(what: string, question: (admin: Admin) => Promise<T>): Promise<T> {
    const { signal } = this.#closed;
    const life = signal.aborted ? undefined : (this.#life ??= this.#begin());
    if (life === undefined) throw signal.reason as Error;
    const asking = life.connected.then(() => question(life.admin));
    try {
      return await within(questionTimeoutMs, what, asking, signal);
    } catch (error) {
      // An answer that says no is an answer.
      if (faultOf(error).type === '') this.#leave(life);
      throw kafkaError(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new ParleyError('unavailable', 'The event log has been closed.'));
    const life = this.#life;
    this.#life = undefined;
    if (life === undefined) return;
    await within(goodbyeMs, 'end', life.admin.disconnect()).catch(() => undefined);
    life.sockets.close();
  }

  #begin(): Life {
    const client = this.#clients.create();
    const admin = client.kafka.admin();
    return { ...client, admin, connected: admin.connect() };
  }

  /** Ends a connection that did not bring an answer, unless another question has done so already. */
  #leave(life: Life): void {
    if (this.#life === life) this.#life = undefined;
    life.sockets.close();
    void life.admin.disconnect().catch(() => undefined);
  }
}
