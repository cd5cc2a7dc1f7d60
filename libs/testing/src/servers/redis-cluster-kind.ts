import { eventually } from '../eventually.ts';
import { askRedis } from './ask-redis.ts';
import { freePorts } from './free-ports.ts';
import { redisImage } from './redis-kind.ts';
import type { Place } from './own-server.ts';
import { durableAt, durableSettings, startRedisProcess } from './redis-process.ts';
import type { OwnServer, ServerKind, TestServer } from './server-kind.ts';

/** Where a node listens. */
export interface NodeAddress {
  readonly host: string;
  readonly port: number;
}

const nodeCount = 3;
const slotCount = 16_384;

/** Three Redis servers in cluster mode, without replicas; the address is that of all three. */
export const redisClusterKind: ServerKind<readonly NodeAddress[]> = {
  name: 'Redis Cluster',
  variable: 'PARLEY_TEST_REDIS_CLUSTER',
  program: 'redis-server',
  parse: (text) => text.split(',').map(nodeOf),
  startContainer,
  startProgram,
};

function nodeOf(text: string): NodeAddress {
  const { hostname, port } = new URL(`redis://${text.trim()}`);
  return { host: hostname, port: Number(port || 6379) };
}

const loopback = (ports: readonly number[]): NodeAddress[] =>
  ports.map((port) => ({ host: '127.0.0.1', port }));

function clusterSettings(bus: number): string[] {
  const names = ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf'];
  return [...names, '--cluster-port', `${bus}`, '--cluster-node-timeout', '5000'];
}

async function startProgram(path: string): Promise<OwnServer<readonly NodeAddress[]>> {
  const nodes: OwnServer<Place>[] = [];
  const each = async (act: (node: OwnServer<Place>) => Promise<void>): Promise<void> => {
    await Promise.all(nodes.map(act));
  };
  const dispose = (): Promise<void> => each(async (node) => node[Symbol.asyncDispose]());
  const argumentsAt = (place: Place): string[] => [...durableAt(place), ...clusterSettings(place.spares[0])];
  try {
    while (nodes.length < nodeCount) nodes.push(await startRedisProcess(path, argumentsAt));
    const places = nodes.map(({ address }) => address);
    await formCluster(
      places.map(({ port }) => port),
      places.map(({ spares }) => spares[0]),
    );
    return {
      address: loopback(places.map(({ port }) => port)),
      kill: () => each((node) => node.kill()),
      start: async () => {
        await each((node) => node.start());
        await untilFormed(places.map(({ port }) => port));
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** One container with all three servers, on the same ports inside and outside: so both sides know a node by one address. */
async function startContainer(): Promise<TestServer<readonly NodeAddress[]>> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const free = await freePorts(2 * nodeCount);
  const [ports, buses] = [free.slice(0, nodeCount), free.slice(nodeCount)];
  const starts = ports.map((port, at) => {
    const settings = [...durableSettings, ...clusterSettings(buses[at] ?? 0)].map(
      (setting) => `'${setting}'`,
    );
    const folder = `mkdir -p /data/${port} && cd /data/${port}`;
    return `(${folder} && redis-server --port ${port} --cluster-announce-ip 127.0.0.1 ${settings.join(' ')}) &`;
  });
  const container = await new GenericContainer(redisImage)
    .withCommand(['sh', '-c', `${starts.join(' ')} wait`])
    .withExposedPorts(...ports.map((port) => ({ container: port, host: port })))
    .withWaitStrategy(Wait.forListeningPorts())
    .start();
  await formCluster(ports, buses);
  return { address: loopback(ports), [Symbol.asyncDispose]: async () => void (await container.stop()) };
}

/** Gives each node its part of the slots, introduces all to the first, and waits until they agree. */
async function formCluster(ports: readonly number[], buses: readonly number[]): Promise<void> {
  const part = Math.ceil(slotCount / ports.length);
  for (const [at, port] of ports.entries()) {
    const last = Math.min(slotCount, (at + 1) * part) - 1;
    await askRedis(port, `CLUSTER ADDSLOTSRANGE ${at * part} ${last}`);
    await askRedis(port, `CLUSTER SET-CONFIG-EPOCH ${at + 1}`);
  }
  const [first = 0, ...others] = ports;
  for (const [at, port] of others.entries())
    await askRedis(first, `CLUSTER MEET 127.0.0.1 ${port} ${buses[at + 1]}`);
  await untilFormed(ports);
}

async function untilFormed(ports: readonly number[]): Promise<void> {
  const check = async (): Promise<void> => {
    for (const port of ports) {
      const info = await askRedis(port, 'CLUSTER INFO');
      const formed =
        info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${ports.length}`);
      if (!formed) throw new Error(`the cluster is not formed: ${info}`);
    }
  };
  await eventually(check, { timeoutMs: 30_000, everyMs: 50 });
}
