import { createRequire } from 'node:module';

/** The part of kafkajs's request queue that matters here. */
interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests: (this: RequestQueue) => void;
}

interface RequestQueueClass {
  readonly prototype: RequestQueue;
}

const mended = new WeakSet<RequestQueueClass>();

/**
 * Lets connections of kafkajs 2.2.4 rest while they have nothing to send. Its request queue sets a timer of a negative
 * time, which Node makes 1 ms and warns of (`TimeoutNegativeWarning`), again and again: 5 % of a core per idle
 * connection. A timer is needed only while requests wait. Does nothing where kafkajs looks different.
 */
export function restIdleConnections(load: () => unknown = requestQueueOfKafkajs): void {
  const queue = load();
  if (!isRequestQueue(queue) || mended.has(queue)) return;
  mended.add(queue);
  const { prototype } = queue;
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function scheduleIfWaiting(): void {
    if (this.pending.length > 0) schedule.call(this);
  };
}

function requestQueueOfKafkajs(): unknown {
  try {
    return createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as unknown;
  } catch {
    return undefined;
  }
}

function isRequestQueue(value: unknown): value is RequestQueueClass {
  return (
    typeof value === 'function' &&
    typeof (value as { prototype?: { scheduleCheckPendingRequests?: unknown } }).prototype
      ?.scheduleCheckPendingRequests === 'function'
  );
}
