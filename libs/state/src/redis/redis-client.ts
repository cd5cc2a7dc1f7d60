import { randomBytes } from 'node:crypto';
import { Cluster } from 'ioredis';
import type { Redis } from 'ioredis';
import { ParleyError } from '@parley/kernel';
import type { RedisConnection } from './connect-redis.ts';
import { functionLibrary } from './function-library.ts';
import { isFunctionMissing, stateError } from './redis-errors.ts';
import { integersOf, listOf } from './reply.ts';

/** An argument of a command. */
export type Argument = string | number;

/** One run of a function. */
export interface FunctionCall {
  readonly keys: readonly string[];
  readonly args: readonly Argument[];
}

/** How commands are sent. */
export interface RedisClientSettings {
  readonly commandTimeoutMs: number;
  /** After each writing step `WAITAOF 1 0` waits until it is on disk; one server of Redis 7.2 or later. */
  readonly waitForDisk?: boolean;
}

/** Runs the library's functions, loads the library where it is missing, bounds every wait, and names what failed. */
export class RedisClient implements AsyncDisposable {
  readonly #redis: RedisConnection;
  readonly #settings: RedisClientSettings;
  #loading: Promise<void> | undefined;

  constructor(redis: RedisConnection, settings: RedisClientSettings) {
    this.#redis = redis;
    this.#settings = settings;
  }

  /** A text that nobody else has: marks a call, so that its repetition is known, and is a new store's epoch. */
  static stamp(): string {
    return randomBytes(16).toString('hex');
  }

  /** Runs a function that writes; its keys must be of one slot. */
  async write(name: string, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    if (this.#settings.waitForDisk !== true) return this.#run('FCALL', name, keys, args);
    const [reply] = await Promise.all([this.#run('FCALL', name, keys, args), this.#waitForDisk()]);
    return reply;
  }

  /** Runs a function that only reads; its keys must be of one slot. */
  read(name: string, keys: readonly string[], args: readonly Argument[] = []): Promise<unknown> {
    return this.#run('FCALL_RO', name, keys, args);
  }

  /** Runs a function that writes once per call, each of one slot: in one step on one server, side by side in a cluster. */
  async writeEach(name: string, calls: readonly FunctionCall[]): Promise<readonly unknown[]> {
    if (calls.length === 0) return [];
    if (this.#redis instanceof Cluster)
      return Promise.all(calls.map(({ keys, args }) => this.write(name, keys, args)));
    return listOf(await this.write('write_each', keysOf(calls), argumentsOf(name, calls)));
  }

  /** The same for a function that only reads. */
  async readEach(name: string, calls: readonly FunctionCall[]): Promise<readonly unknown[]> {
    if (calls.length === 0) return [];
    if (this.#redis instanceof Cluster)
      return Promise.all(calls.map(({ keys, args }) => this.read(name, keys, args)));
    return listOf(await this.read('read_each', keysOf(calls), argumentsOf(name, calls)));
  }

  /** Sends a command of Redis itself that only reads, its first argument being a key. */
  command(name: string, args: readonly Argument[]): Promise<unknown> {
    return this.#bounded(() => this.#redis.call(name, [...args]));
  }

  /** Puts the functions in place on every primary. */
  load(): Promise<void> {
    this.#loading ??= this.#loadNow().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  /** Asks each primary for something. */
  onPrimaries<T>(ask: (node: Redis) => Promise<T>): Promise<T[]> {
    const nodes = this.#redis instanceof Cluster ? this.#redis.nodes('master') : [this.#redis];
    return this.#bounded(() => Promise.all(nodes.map(ask)));
  }

  /** Waits for the commands on their way, then closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#redis.status === 'ready') await this.#bounded(() => this.#redis.quit()).catch(() => undefined);
    this.#redis.disconnect();
  }

  async #run(
    command: 'FCALL' | 'FCALL_RO',
    name: string,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<unknown> {
    const all = [functionLibrary.functionName(name), keys.length, ...keys, ...args];
    return this.#bounded(async () => {
      try {
        return await this.#redis.call(command, all);
      } catch (error) {
        if (!isFunctionMissing(error)) throw error;
        await this.load();
        return this.#redis.call(command, all);
      }
    });
  }

  async #loadNow(): Promise<void> {
    await this.onPrimaries((node) => node.call('FUNCTION', ['LOAD', 'REPLACE', functionLibrary.text]));
  }

  async #waitForDisk(): Promise<void> {
    const { commandTimeoutMs } = this.#settings;
    const reply = await this.#bounded(() => this.#redis.call('WAITAOF', [1, 0, commandTimeoutMs]));
    if ((integersOf(reply)[0] ?? 0) >= 1) return;
    throw new ParleyError('unavailable', 'Redis did not write to its disk in time.');
  }

  /** ioredis bounds what one connection does, not the waits of a cluster that is being looked for. */
  async #bounded<T>(work: () => Promise<T>): Promise<T> {
    const { commandTimeoutMs } = this.#settings;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`no answer within ${commandTimeoutMs} ms`)),
        commandTimeoutMs,
      );
    });
    try {
      return await Promise.race([work(), late]);
    } catch (error) {
      throw stateError(error);
    } finally {
      clearTimeout(timer);
    }
  }
}

function keysOf(calls: readonly FunctionCall[]): string[] {
  return calls.flatMap(({ keys }) => keys);
}

function argumentsOf(name: string, calls: readonly FunctionCall[]): Argument[] {
  return [name, ...calls.flatMap(({ keys, args }) => [keys.length, args.length, ...args])];
}
