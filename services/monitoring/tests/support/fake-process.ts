import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { instance } from '@parley/contracts';
import { describeAnswer } from './describe-answer.ts';

const script = fileURLToPath(new URL('describe-process.ts', import.meta.url));

/** A service of the fleet as a process that can be stopped, continued and killed. */
export class FakeProcess implements AsyncDisposable {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** @param port 0 = any free one */
  static async start(service: string, instanceId: string, port = 0): Promise<FakeProcess> {
    const answer = instance.DescribeResponse.encode(describeAnswer({ service, instanceId })).finish();
    const args = [script, String(port), Buffer.from(answer).toString('base64')];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    for await (const line of createInterface(child.stdout)) return new FakeProcess(child, Number(line));
    throw new Error(`The fake ${service} did not start.`);
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(name);
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
