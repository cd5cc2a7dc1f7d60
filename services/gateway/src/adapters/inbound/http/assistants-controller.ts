import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { assistantList } from '../../../domain/assistant-list.ts';
import type { Assistants } from '../../../ports/assistants.ts';
import { callOf } from './request-context.ts';
import { sendJson } from './responses.ts';
import { ASSISTANTS } from './tokens.ts';

/** Which assistants a request may name. */
@Controller('v1/assistants')
export class AssistantsController {
  readonly #assistants: Assistants;

  constructor(@Inject(ASSISTANTS) assistants: Assistants) {
    this.#assistants = assistants;
  }

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendJson(request, reply, assistantList(await this.#assistants.list(callOf(request, reply))));
  }
}
