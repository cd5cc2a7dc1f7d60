import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { record } from '@parley/contracts';
import { callContext, signalOf } from '@parley/grpc';
import { DeadLetters } from '../../../domain/dead-letters.ts';
import { requireAdmin } from '../../../domain/permission.ts';
import { deadLetterMessage } from './dead-letter-message.ts';

type Call = ServerUnaryCall<record.RetryDeadLettersRequest, record.RetryDeadLettersResponse>;

/** parley.logging.v1.Record/RetryDeadLetters */
@Controller()
export class RetryDeadLettersController {
  readonly #letters: DeadLetters;

  constructor(@Inject(DeadLetters) letters: DeadLetters) {
    this.#letters = letters;
  }

  @GrpcMethod('parley.logging.v1.Record', 'RetryDeadLetters')
  async retryDeadLetters(
    { ids }: record.RetryDeadLettersRequest,
    metadata: Metadata,
    call: Call,
  ): Promise<record.RetryDeadLettersResponse> {
    requireAdmin(callContext(metadata).tenant);
    const { recorded, refused } = await this.#letters.retry(ids, signalOf(call));
    return { recorded, refused: refused.map(deadLetterMessage) };
  }
}
