import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { deadLetterList, retryView } from '../../../domain/record-views.ts';
import type { RecordCare } from '../../../ports/record-care.ts';
import { adminCall } from './admin-call.ts';
import { deadLettersQuery, retryLettersSchema } from './admin-schema.ts';
import { sendJson } from './responses.ts';
import { RECORD_CARE } from './tokens.ts';
import { check } from './validation.ts';

const defaultLimit = 100;

/** What could not be recorded. */
@Controller('admin/v1/events/dead-letters')
export class DeadLettersController {
  readonly #care: RecordCare;

  constructor(@Inject(RECORD_CARE) care: RecordCare) {
    this.#care = care;
  }

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const call = adminCall(request, reply);
    const { after = '', limit = defaultLimit } = check(deadLettersQuery, request.query, 'The query');
    const { letters, next } = await this.#care.deadLetters({ after, limit }, call);
    sendJson(request, reply, deadLetterList(letters, next));
  }

  @Post('retry')
  async retry(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const call = adminCall(request, reply);
    const { ids = [] } = check(retryLettersSchema, request.body ?? {}, 'The body');
    sendJson(request, reply, retryView(await this.#care.retryDeadLetters(ids, call)));
  }
}
