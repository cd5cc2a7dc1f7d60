import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { record } from '@parley/contracts';
import { callContext } from '@parley/grpc';
import { ParleyError } from '@parley/kernel';
import { requireAdminOf } from '../../../domain/permission.ts';
import type { ErasureFacts } from '../../../ports/erasure-facts.ts';
import { ERASURE_FACTS } from '../../../tokens.ts';

/** Longer than a turn's end user can be. */
const maxUserLength = 1024;

/** parley.logging.v1.Record/EraseUser */
@Controller()
export class EraseUserController {
  readonly #facts: ErasureFacts;

  constructor(@Inject(ERASURE_FACTS) facts: ErasureFacts) {
    this.#facts = facts;
  }

  @GrpcMethod('parley.logging.v1.Record', 'EraseUser')
  async eraseUser(
    { tenant, endUser }: record.EraseUserRequest,
    metadata: Metadata,
  ): Promise<record.EraseUserResponse> {
    requireAdminOf(tenant, callContext(metadata).tenant);
    if (endUser === '' || endUser.length > maxUserLength) {
      const message = `end_user must have 1 to ${maxUserLength} characters.`;
      throw new ParleyError('invalid_request', message, { param: 'end_user' });
    }
    return { eventId: await this.#facts.erased(tenant, endUser) };
  }
}
