import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { record } from '@parley/contracts';
import { callContext } from '@parley/grpc';
import { DeadLetters } from '../../../domain/dead-letters.ts';
import { requireAdmin } from '../../../domain/permission.ts';
import { deadLetterMessage } from './dead-letter-message.ts';

/** parley.logging.v1.Record/ListDeadLetters */
@Controller()
export class ListDeadLettersController {
  readonly #letters: DeadLetters;

  constructor(@Inject(DeadLetters) letters: DeadLetters) {
    this.#letters = letters;
  }

  @GrpcMethod('parley.logging.v1.Record', 'ListDeadLetters')
  async listDeadLetters(
    { after, limit }: record.ListDeadLettersRequest,
    metadata: Metadata,
  ): Promise<record.ListDeadLettersResponse> {
    requireAdmin(callContext(metadata).tenant);
    const { letters, next } = await this.#letters.list(after, limit);
    return { letters: letters.map(deadLetterMessage), next };
  }
}
