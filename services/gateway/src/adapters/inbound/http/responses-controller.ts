import { Controller, Delete, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { ParleyError, shardOfId } from '@parley/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TurnFollower } from '../../../domain/follow-turn.ts';
import { inputItemList } from '../../../domain/response-items.ts';
import { ResponseStreamView } from '../../../domain/response-stream-view.ts';
import { responseView } from '../../../domain/response-view.ts';
import { startTurnFromResponses } from '../../../domain/responses-request.ts';
import { faultOf } from '../../../domain/turn-outcome.ts';
import { rejectUnsupported, responsesUnsupported } from '../../../domain/unsupported-fields.ts';
import type { Dialogue } from '../../../ports/dialogue.ts';
import { callOf } from './request-context.ts';
import { sendJson } from './responses.ts';
import { inputItemsQuery, responsesSchema, retrieveQuery } from './responses-schema.ts';
import { DIALOGUE, TURN_ANSWERS, TURN_FOLLOWER } from './tokens.ts';
import type { TurnAnswers } from './turn-answers.ts';
import { check } from './validation.ts';

/** A turn that runs may be silent for long; its reader learns after this time that it was found. */
const attachOpensAfterMs = 2000;

const defaultPage = { order: 'desc', limit: 20 } as const;

/** The Responses API: turns that stay readable, and go on when their client leaves. */
@Controller('v1/responses')
export class ResponsesController {
  readonly #dialogue: Dialogue;
  readonly #follower: TurnFollower;
  readonly #answers: TurnAnswers;

  constructor(
    @Inject(DIALOGUE) dialogue: Dialogue,
    @Inject(TURN_FOLLOWER) follower: TurnFollower,
    @Inject(TURN_ANSWERS) answers: TurnAnswers,
  ) {
    this.#dialogue = dialogue;
    this.#follower = follower;
    this.#answers = answers;
  }

  @Post()
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    rejectUnsupported(request.body, responsesUnsupported);
    const command = startTurnFromResponses(check(responsesSchema, request.body, 'The body'));
    if (command.previousTurnId !== '') requireTurnId(command.previousTurnId, 'previous_response_id');
    if (command.deltas) {
      return await this.#answers.stream(
        request,
        reply,
        (call) => this.#follower.start(command, call),
        new ResponseStreamView(),
      );
    }
    const turn = await this.#answers.whole(request, reply, (call) => this.#follower.start(command, call));
    const fault = faultOf(turn);
    if (fault !== undefined) throw fault;
    sendJson(request, reply, responseView(turn));
  }

  @Get(':id')
  async retrieve(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const id = turnIdOf(request);
    const query = check(retrieveQuery, request.query, 'The query');
    if (query.stream !== 'true' || request.method === 'HEAD') {
      return sendJson(request, reply, responseView(await this.#dialogue.get(id, callOf(request, reply))));
    }
    const after = query.starting_after ?? lastEventIdOf(request);
    await this.#answers.stream(
      request,
      reply,
      (call) => this.#follower.attach(id, after, call),
      new ResponseStreamView(after),
      attachOpensAfterMs,
    );
  }

  @Post(':id/cancel')
  async cancel(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendJson(
      request,
      reply,
      responseView(await this.#dialogue.cancel(turnIdOf(request), callOf(request, reply))),
    );
  }

  @Delete(':id')
  async delete(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const id = turnIdOf(request);
    await this.#dialogue.delete(id, callOf(request, reply));
    sendJson(request, reply, { id, object: 'response', deleted: true });
  }

  @Get(':id/input_items')
  async inputItems(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const id = turnIdOf(request);
    const { order, limit, after } = check(inputItemsQuery, request.query, 'The query');
    const turn = await this.#dialogue.get(id, callOf(request, reply));
    const page = { order: order ?? defaultPage.order, limit: limit ?? defaultPage.limit, after };
    sendJson(request, reply, inputItemList(turn.input, page));
  }
}

function turnIdOf(request: FastifyRequest): string {
  const { id } = request.params as { id: string };
  requireTurnId(id, 'id');
  return id;
}

/** @throws ParleyError `not_found` for a text that cannot be a response's id, without asking anybody */
function requireTurnId(id: string, param: string): void {
  if (id.startsWith('resp_') && shardOfId(id) !== undefined) return;
  throw new ParleyError('not_found', 'There is no response of that id. Response ids begin with "resp_".', {
    param,
  });
}

/** Where a browser's EventSource goes on after a lost connection. */
function lastEventIdOf(request: FastifyRequest): number | undefined {
  const header = request.headers['last-event-id'];
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
}
