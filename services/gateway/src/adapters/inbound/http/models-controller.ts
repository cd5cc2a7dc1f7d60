import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { modelEntry, modelList } from '../../../domain/model-list.ts';
import type { Models } from '../../../ports/models.ts';
import { callOf } from './request-context.ts';
import { sendJson } from './responses.ts';
import { MODELS } from './tokens.ts';

/** Which models and aliases a request may name. */
@Controller('v1/models')
export class ModelsController {
  readonly #models: Models;

  constructor(@Inject(MODELS) models: Models) {
    this.#models = models;
  }

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendJson(request, reply, modelList(await this.#models.list(callOf(request, reply))));
  }

  @Get(':id')
  async retrieve(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { id } = request.params as { id: string };
    sendJson(request, reply, modelEntry(await this.#models.list(callOf(request, reply)), id));
  }
}
