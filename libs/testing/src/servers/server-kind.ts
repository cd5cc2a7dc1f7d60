import type { SourceWorld } from './source-world.ts';

/** Where a server that tests use comes from. */
export type ServerSource = 'environment' | 'container' | 'program';

/** A real server for tests. Disposing ends it, unless it was there before. */
export interface TestServer<Address> extends AsyncDisposable {
  readonly address: Address;
}

/** A server that is a process of this machine, so that a test can let it die. */
export interface OwnServer<Address> extends TestServer<Address> {
  /** Ends it at once, as a crash does: SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on the same address and data. */
  start(): Promise<void>;
}

/** A kind of server and the ways to one; adding a kind is writing one of these. */
export interface ServerKind<Address> {
  /** For messages, such as `Redis`. */
  readonly name: string;
  /** The variable of the environment that can hold an address. */
  readonly variable: string;
  /** The program of this machine that is started. */
  readonly program: string;
  /** Where that lies when it is more than a program in a usual folder; undefined when it is not whole. */
  readonly find?: (world: Pick<SourceWorld, 'variable' | 'findProgram'>) => string | undefined;
  /** @throws Error when the text is no address. */
  parse(text: string): Address;
  /** Starts it by Docker; absent where that is no way to it. */
  readonly startContainer?: () => Promise<TestServer<Address>>;
  /** Starts the program at `path` on loopback ports with a throw-away data folder. */
  startProgram(path: string): Promise<OwnServer<Address>>;
}
