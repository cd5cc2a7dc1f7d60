import { instance } from '@parley/contracts';
import { createGrpcClient, isServiceError, unary } from '@parley/grpc';
import type { FleetTokens } from '@parley/grpc';
import { Deadline, newUuid, toParleyError } from '@parley/kernel';
import type { TenantContext } from '@parley/kernel';
import type { Target } from '../../domain/instance-status.ts';
import type { Description, Observation } from '../../domain/observation.ts';
import type { InstanceProbe } from '../../ports/instance-probe.ts';

/** How grpc-js words that nobody listens: the system's error code is in its text only. */
const nobodyListens =
  /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENOTFOUND|EAI_AGAIN|Name resolution failed/;

/** Asks over gRPC, with a channel for each address. */
export class GrpcInstanceProbe implements InstanceProbe {
  readonly #tokens: FleetTokens;
  readonly #timeoutMs: number;
  readonly #clients = new Map<string, instance.InstanceClient>();

  /** @throws ParleyError `config_invalid` when one of the addresses cannot be used. */
  constructor(tokens: FleetTokens, timeoutMs: number, addresses: readonly string[]) {
    this.#tokens = tokens;
    this.#timeoutMs = timeoutMs;
    for (const address of addresses) this.#clientOf(address);
  }

  async ask({ address }: Target, signal: AbortSignal): Promise<Observation> {
    try {
      const client = this.#clientOf(address);
      const deadline = Deadline.in(this.#timeoutMs);
      const answer = await unary(client.describe.bind(client), {}, { tenant: itself(), deadline, signal });
      return { kind: 'answered', description: description(answer) };
    } catch (error) {
      return this.#failure(error);
    }
  }

  forget({ address }: Target): void {
    this.#clients.get(address)?.close();
    this.#clients.delete(address);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  #clientOf(address: string): instance.InstanceClient {
    const known = this.#clients.get(address);
    if (known !== undefined) return known;
    const client = createGrpcClient(instance.InstanceClient, { addresses: [address], tokens: this.#tokens });
    this.#clients.set(address, client);
    return client;
  }

  #failure(thrown: unknown): Observation {
    const error = toParleyError(thrown);
    const text = isServiceError(error.cause) ? error.cause.details : '';
    if (error.code === 'unavailable' && nobodyListens.test(text)) {
      return { kind: 'refused', reason: 'Nobody listens at its address.' };
    }
    if (error.code === 'unavailable')
      return { kind: 'silent', reason: 'The connection broke before it answered.' };
    if (error.code === 'deadline_exceeded' || error.code === 'cancelled') {
      return { kind: 'silent', reason: `No answer within ${this.#timeoutMs} ms.` };
    }
    return { kind: 'faulty', reason: `It answers with the error ${error.code}: ${error.message}` };
  }
}

/** Monitoring asks on nobody's behalf. */
function itself(): TenantContext {
  return { tenant: '', role: 'user', keyId: '', requestId: `monitoring-${newUuid()}` };
}

function description(answer: instance.DescribeResponse): Description {
  const { service, instanceId, version, residentMemoryBytes, ready, checks } = answer;
  return { service, instanceId, version, residentMemoryBytes, ready, checks };
}
