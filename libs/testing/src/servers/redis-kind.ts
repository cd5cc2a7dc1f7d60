import { durableSettings, startRedisProcess } from './redis-process.ts';
import type { OwnServer, ServerKind, TestServer } from './server-kind.ts';

/** The last Redis under the BSD licence. */
export const redisImage = 'redis:7.2-alpine';

const containerPort = 6379;

/** One Redis server that has every step on disk before its answer; the address is its URL. */
export const redisKind: ServerKind<string> = {
  name: 'Redis',
  variable: 'PARLEY_TEST_REDIS_URL',
  program: 'redis-server',
  parse: (text) => new URL(text).href,
  startContainer,
  startProgram,
};

async function startContainer(): Promise<TestServer<string>> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const container = await new GenericContainer(redisImage)
    .withCommand(['redis-server', ...durableSettings])
    .withExposedPorts(containerPort)
    .withWaitStrategy(Wait.forListeningPorts())
    .start();
  return {
    address: `redis://${container.getHost()}:${container.getMappedPort(containerPort)}`,
    [Symbol.asyncDispose]: async () => void (await container.stop()),
  };
}

async function startProgram(path: string): Promise<OwnServer<string>> {
  const server = await startRedisProcess(path);
  return { ...server, address: `redis://127.0.0.1:${server.address.port}` };
}
