import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { jobList, jobView } from '../../../domain/model-admin-views.ts';
import type { ModelJobs } from '../../../ports/model-jobs.ts';
import { adminCall } from './admin-call.ts';
import { emptySchema, jobsQuery } from './model-admin-schema.ts';
import { pathId } from './path-id.ts';
import { sendJson } from './responses.ts';
import { MODEL_JOBS } from './tokens.ts';
import { check } from './validation.ts';

const defaultLimit = 50;

/** Slow work: how far it is, and stopping it. */
@Controller('admin/v1/jobs')
export class JobsController {
  readonly #jobs: ModelJobs;

  constructor(@Inject(MODEL_JOBS) jobs: ModelJobs) {
    this.#jobs = jobs;
  }

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const call = adminCall(request, reply);
    const { limit } = check(jobsQuery, request.query, 'The query');
    sendJson(request, reply, jobList(await this.#jobs.list(limit ?? defaultLimit, call)));
  }

  @Get(':id')
  async retrieve(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const call = adminCall(request, reply);
    sendJson(request, reply, jobView(await this.#jobs.get(pathId(request, 'job'), call)));
  }

  @Post(':id/cancel')
  async cancel(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const call = adminCall(request, reply);
    check(emptySchema, request.body, 'The body');
    sendJson(request, reply, jobView(await this.#jobs.cancel(pathId(request, 'job'), call)));
  }
}
