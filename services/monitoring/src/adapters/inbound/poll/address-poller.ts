import { sleep } from '@parley/kernel';
import type { Discovery } from '../../../domain/discovery.ts';
import type { FleetView } from '../../../domain/fleet-view.ts';
import type { InstanceProbe } from '../../../ports/instance-probe.ts';
import type { FleetPoller } from './fleet-poller.ts';

/** What looking for instances needs. */
export interface AddressPollerParts {
  readonly discovery: Discovery;
  readonly poller: FleetPoller;
  readonly view: FleetView;
  readonly instances: Pick<InstanceProbe, 'forget'>;
  /** Called after instances have come or gone. */
  readonly onChange: () => void;
}

/** Looks at a steady pace which addresses stand behind the names of services, so that pods come and go by themselves. */
export class AddressPoller implements AsyncDisposable {
  readonly #parts: AddressPollerParts;
  readonly #intervalMs: number;
  readonly #closing = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(parts: AddressPollerParts, intervalMs: number) {
    this.#parts = parts;
    this.#intervalMs = intervalMs;
  }

  /** One look. */
  async look(): Promise<void> {
    const { discovery, poller, view, instances, onChange } = this.#parts;
    const targets = await discovery.targets();
    if (this.#closing.signal.aborted) return;
    const { came, went } = poller.change(targets);
    for (const target of came) view.track(target);
    for (const target of went) {
      view.drop(target);
      instances.forget(target);
    }
    poller.follow(came);
    if (came.length + went.length > 0) onChange();
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.look();
      await sleep(this.#intervalMs, signal).catch(() => undefined);
    }
  }
}
