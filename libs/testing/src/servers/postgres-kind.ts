import { randomUUID } from 'node:crypto';
import { startPostgresProcess } from './postgres-process.ts';
import type { PostgresLogin } from './postgres-process.ts';
import type { OwnServer, ServerKind, TestServer } from './server-kind.ts';

const postgresImage = 'postgres:17-alpine';

const containerPort = 5432;

/** One PostgreSQL server; the address is the URL of an empty database, whose user may do everything. */
export const postgresKind: ServerKind<string> = {
  name: 'PostgreSQL',
  variable: 'PARLEY_TEST_POSTGRES_URL',
  program: 'postgres',
  parse: (text) => new URL(text).href,
  startContainer,
  startProgram,
};

const newLogin = (): PostgresLogin => ({ user: 'parley', password: randomUUID(), database: 'parley' });

function urlOf({ user, password, database }: PostgresLogin, host: string): string {
  return `postgres://${user}:${password}@${host}/${database}`;
}

async function startContainer(): Promise<TestServer<string>> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const login = newLogin();
  // It starts a first time to make the database, then serves.
  const ready = Wait.forLogMessage('database system is ready to accept connections', 2);
  const container = await new GenericContainer(postgresImage)
    .withEnvironment({
      POSTGRES_USER: login.user,
      POSTGRES_PASSWORD: login.password,
      POSTGRES_DB: login.database,
    })
    .withExposedPorts(containerPort)
    .withWaitStrategy(Wait.forAll([ready, Wait.forListeningPorts()]))
    .start();
  return {
    address: urlOf(login, `${container.getHost()}:${container.getMappedPort(containerPort)}`),
    [Symbol.asyncDispose]: async () => void (await container.stop()),
  };
}

async function startProgram(path: string): Promise<OwnServer<string>> {
  const login = newLogin();
  const server = await startPostgresProcess(path, login);
  return { ...server, address: urlOf(login, `127.0.0.1:${server.address.port}`) };
}
