import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { instance } from '@parley/contracts';
import { errorStatus } from '@parley/grpc';
import { ParleyError } from '@parley/kernel';
import type { ErrorCode } from '@parley/kernel';
import { describeAnswer } from './describe-answer.ts';

type Call = ServerUnaryCall<instance.DescribeRequest, instance.DescribeResponse>;

/** A service of the fleet inside the test: what it says can be changed, and it can keep silent. */
export class FakeInstance implements AsyncDisposable {
  /** Undefined: it does not answer at all. */
  answer: instance.DescribeResponse | undefined;
  /** When set, it answers with this error instead. */
  failure: ErrorCode | undefined;
  readonly tokens: string[] = [];
  readonly #server: Server;
  port = 0;

  constructor(answer: Partial<instance.DescribeResponse>) {
    this.answer = describeAnswer(answer);
    this.#server = new Server();
    this.#server.addService(instance.InstanceService, {
      describe: (call: Call, callback: sendUnaryData<instance.DescribeResponse>) => {
        this.tokens.push(String(call.metadata.get('authorization')[0]));
        if (this.failure !== undefined) callback(errorStatus(new ParleyError(this.failure, 'No.')));
        else if (this.answer !== undefined) callback(null, this.answer);
      },
    });
  }

  async listen(): Promise<this> {
    this.port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
    return this;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#server.forceShutdown();
    return Promise.resolve();
  }
}
