import { newUuid } from '@parley/kernel';
import { findServer, redisClusterKind, redisKind, stateStoreContract } from '@parley/testing';
import type { FoundServer, OpenStateStore, TestServer } from '@parley/testing';
import { afterAll, beforeAll, describe } from 'vitest';
import { openRedisState } from '../src/open-redis-state.ts';
import type { RedisLocation } from '../src/redis/redis-options.ts';
import type { StateStore } from '../src/ports.ts';

const single = await findServer(redisKind);
const cluster = await findServer(redisClusterKind);

contractOn('one Redis server', single, (url) => ({ url }));
contractOn('a Redis Cluster of three servers', cluster, (nodes) => ({ cluster: nodes }));

function contractOn<Address>(
  name: string,
  found: FoundServer<TestServer<Address>>,
  locationOf: (address: Address) => RedisLocation,
): void {
  describe.skipIf(found.skip !== undefined)(found.title(name), () => {
    let server: TestServer<Address>;
    beforeAll(async () => {
      server = await found.start();
    });
    afterAll(() => server[Symbol.asyncDispose]());
    stateStoreContract(
      name,
      opener(() => locationOf(server.address)),
    );
  });
}

/** Every store has a key prefix of its own, which is as good as an empty server. */
function opener(location: () => RedisLocation): OpenStateStore {
  return async (bounds = {}) => {
    const keyPrefix = `test-${newUuid()}`;
    const opened: StateStore[] = [];
    const connect = async (): Promise<StateStore> => {
      const store = await openRedisState({ ...location(), ...bounds, keyPrefix });
      opened.push(store);
      return store;
    };
    return {
      store: await connect(),
      connect,
      [Symbol.asyncDispose]: async () => {
        for (const store of opened) await store[Symbol.asyncDispose]();
      },
    };
  };
}
