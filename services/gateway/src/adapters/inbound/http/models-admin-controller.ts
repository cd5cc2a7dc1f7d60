import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  catalogList,
  jobView,
  localModelList,
  modelOverview,
  pruneView,
} from '../../../domain/model-admin-views.ts';
import type { Call } from '../../../ports/call.ts';
import type { Job } from '../../../ports/model-jobs.ts';
import type { ModelInventory } from '../../../ports/model-inventory.ts';
import type { ModelMoves } from '../../../ports/model-moves.ts';
import { adminCall } from './admin-call.ts';
import {
  convertSchema,
  modelSchema,
  pruneSchema,
  pullSchema,
  quantizeSchema,
  rollbackSchema,
  switchSchema,
} from './model-admin-schema.ts';
import { sendJson } from './responses.ts';
import { MODEL_INVENTORY, MODEL_MOVES } from './tokens.ts';
import { check } from './validation.ts';

const accepted = 202;

/** Which models there are, and changing that: every change is a job. */
@Controller('admin/v1/models')
export class ModelsAdminController {
  readonly #inventory: ModelInventory;
  readonly #moves: ModelMoves;

  constructor(@Inject(MODEL_INVENTORY) inventory: ModelInventory, @Inject(MODEL_MOVES) moves: ModelMoves) {
    this.#inventory = inventory;
    this.#moves = moves;
  }

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const overview = await this.#inventory.overview(adminCall(request, reply));
    sendJson(request, reply, modelOverview(overview));
  }

  @Get('catalog')
  async catalog(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendJson(request, reply, catalogList(await this.#inventory.catalog(adminCall(request, reply))));
  }

  @Get('local')
  async local(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendJson(request, reply, localModelList(await this.#inventory.local(adminCall(request, reply))));
  }

  @Post('prune')
  async prune(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const call = adminCall(request, reply);
    const { dry_run: dryRun, max_bytes: maxBytes } = check(pruneSchema, request.body ?? {}, 'The body');
    const report = await this.#inventory.prune(
      { dryRun, ...(maxBytes === undefined ? {} : { maxBytes }) },
      call,
    );
    sendJson(request, reply, pruneView(report, dryRun));
  }

  @Post('pull')
  async pull(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#start(request, reply, (call) => {
      const { source } = check(pullSchema, request.body, 'The body');
      return this.#moves.pull(source, call);
    });
  }

  @Post('quantize')
  async quantize(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#start(request, reply, (call) => {
      const { least_kept: leastKept, ...order } = check(quantizeSchema, request.body, 'The body');
      return this.#moves.quantize({ ...order, leastKept }, call);
    });
  }

  @Post('convert')
  async convert(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#start(request, reply, (call) => {
      const {
        folder,
        name = '',
        pre_tokenizer: preTokenizer = '',
      } = check(convertSchema, request.body, 'The body');
      return this.#moves.convert({ folder, name, preTokenizer }, call);
    });
  }

  @Post('load')
  async load(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#start(request, reply, (call) => {
      const { model } = check(modelSchema, request.body, 'The body');
      return this.#moves.load(model, call);
    });
  }

  @Post('unload')
  async unload(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#start(request, reply, (call) => {
      const { model } = check(modelSchema, request.body, 'The body');
      return this.#moves.unload(model, call);
    });
  }

  @Post('switch')
  async switch(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#start(request, reply, (call) => {
      const { alias, model } = check(switchSchema, request.body, 'The body');
      return this.#moves.switch(alias, model, call);
    });
  }

  @Post('rollback')
  async rollback(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#start(request, reply, (call) => {
      const { alias } = check(rollbackSchema, request.body, 'The body');
      return this.#moves.rollback(alias, call);
    });
  }

  /** Whoever may not change anything does not learn what a valid request would be. */
  async #start(
    request: FastifyRequest,
    reply: FastifyReply,
    move: (call: Call) => Promise<Job>,
  ): Promise<void> {
    const job = await move(adminCall(request, reply));
    void reply.header('location', `/admin/v1/jobs/${encodeURIComponent(job.id)}`);
    sendJson(request, reply, jobView(job), accepted);
  }
}
