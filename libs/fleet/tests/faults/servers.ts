import { findOwnServer, kafkaKind, postgresKind, redisKind } from '@parley/testing';
import type { FoundServer, KafkaAddress, OwnServer } from '@parley/testing';

/** The servers of a fleet in production that can be had here, as processes that a fault can kill. */
export class Servers implements AsyncDisposable {
  readonly redis: OwnServer<string> | undefined;
  readonly kafka: OwnServer<KafkaAddress> | undefined;
  readonly postgres: OwnServer<string> | undefined;

  private constructor({ redis, kafka, postgres }: Started) {
    this.redis = redis;
    this.kafka = kafka;
    this.postgres = postgres;
  }

  /** Starts those that `found` does not skip. */
  static async start(found: FoundServers): Promise<Servers> {
    const [redis, kafka, postgres] = await Promise.all([
      startOf(found.redis),
      startOf(found.kafka),
      startOf(found.postgres),
    ]);
    return new Servers({ redis, kafka, postgres });
  }

  /** What tells the services of a fleet where they are. */
  get env(): Record<string, string> {
    return {
      ...(this.redis && { PARLEY_REDIS_URL: this.redis.address }),
      ...(this.kafka && { PARLEY_KAFKA_BROKERS: this.kafka.address.brokers.join(',') }),
      ...(this.postgres && { PARLEY_POSTGRES_URL: this.postgres.address }),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of [this.redis, this.kafka, this.postgres]) await server?.[Symbol.asyncDispose]();
  }
}

interface Started {
  readonly redis: OwnServer<string> | undefined;
  readonly kafka: OwnServer<KafkaAddress> | undefined;
  readonly postgres: OwnServer<string> | undefined;
}

/** What was found out about them before the tests are defined. */
export interface FoundServers {
  readonly redis: FoundServer<OwnServer<string>>;
  readonly kafka: FoundServer<OwnServer<KafkaAddress>>;
  readonly postgres: FoundServer<OwnServer<string>>;
}

/** Looks for programs of this machine: what others use must not be killed. */
export async function findServers(): Promise<FoundServers> {
  return {
    redis: await findOwnServer(redisKind),
    kafka: await findOwnServer(kafkaKind),
    postgres: await findOwnServer(postgresKind),
  };
}

async function startOf<Server>(found: FoundServer<Server>): Promise<Server | undefined> {
  return found.skip === undefined ? found.start() : undefined;
}
