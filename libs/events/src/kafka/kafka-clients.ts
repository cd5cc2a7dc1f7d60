import { Kafka, logLevel } from 'kafkajs';
import type { ISocketFactory, KafkaConfig } from 'kafkajs';
import { clientLines } from './client-lines.ts';
import { restIdleConnections } from './idle-timers.ts';
import type { KafkaOptions } from './kafka-options.ts';
import type { LogLines } from './log-lines.ts';
import { Sockets, openSocket } from './sockets.ts';

/** A kafkajs client and the way to end it at once. */
export interface KafkaClient {
  readonly kafka: Kafka;
  readonly sockets: Sockets;
}

/** Every number is given, because kafkajs has other defaults where NODE_ENV is `test`. */
export const shortRetry = {
  initialRetryTime: 100,
  maxRetryTime: 1_000,
  factor: 0.2,
  multiplier: 2,
  retries: 3,
} as const;

/** Outlasts a broker that restarts (20 s). */
export const longRetry = { ...shortRetry, maxRetryTime: 2_000, retries: 30 } as const;

const connectionTimeoutMs = 5_000;
/** One request; an append may need several. */
const defaultRequestTimeoutMs = 10_000;

/** What tests do otherwise. */
export interface ClientSeams {
  /** Opens connections. */
  readonly open?: ISocketFactory;
  /** How long a broker has to answer one request; default 10 s. */
  readonly requestTimeoutMs?: number;
}

/** Makes kafkajs clients. What needs to be ended on its own, or belongs to a group, has one of its own. */
export class KafkaClients {
  readonly #config: KafkaConfig;
  readonly #openSocket: ISocketFactory;

  /** @param name who this is, for the cluster's logs and quotas. */
  constructor(
    { brokers, tls, sasl }: KafkaOptions,
    name: string,
    lines: LogLines,
    { open = openSocket, requestTimeoutMs = defaultRequestTimeoutMs }: ClientSeams = {},
  ) {
    restIdleConnections();
    this.#openSocket = open;
    const say = clientLines(lines);
    this.#config = {
      brokers: [...brokers],
      clientId: name,
      connectionTimeout: connectionTimeoutMs,
      authenticationTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      retry: shortRetry,
      logLevel: logLevel.WARN,
      logCreator: () => say,
      ...(tls === undefined ? {} : { ssl: tls.ca === undefined ? {} : { ca: tls.ca } }),
      ...(sasl === undefined ? {} : { sasl: loginOf(sasl) }),
    };
  }

  create(): KafkaClient {
    const sockets = new Sockets(this.#openSocket);
    return { kafka: new Kafka({ ...this.#config, socketFactory: sockets.factory }), sockets };
  }
}

/** kafkajs has one type per mechanism. */
function loginOf({
  mechanism,
  username,
  password,
}: NonNullable<KafkaOptions['sasl']>): NonNullable<KafkaConfig['sasl']> {
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password };
    case 'scram-sha-256':
      return { mechanism, username, password };
    case 'scram-sha-512':
      return { mechanism, username, password };
  }
}
