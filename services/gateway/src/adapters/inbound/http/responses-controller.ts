import { Controller, Delete, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { inputItemList } from '../../../domain/response-items.ts';
import { ResponseStreamView } from '../../../domain/response-stream-view.ts';
import { responseView } from '../../../domain/response-view.ts';
import { faultOf } from '../../../domain/turn-outcome.ts';
import type { Turns } from '../../../domain/turns.ts';
import { callOf, clientLanguages } from './request-context.ts';
import { sendJson } from './responses.ts';
import { responsesCommand } from './responses-command.ts';
import { inputItemsQuery, retrieveQuery } from './responses-schema.ts';
import { TURN_ANSWERS, TURNS } from './tokens.ts';
import type { TurnAnswers } from './turn-answers.ts';
import { check } from './validation.ts';

/** A turn that runs may be silent for long; its reader learns after this time that it was found. */
const attachOpensAfterMs = 2000;

const defaultPage = { order: 'desc', limit: 20 } as const;

/** The Responses API: turns that stay readable, and go on when their client leaves. */
@Controller('v1/responses')
export class ResponsesController {
  readonly #turns: Turns;
  readonly #answers: TurnAnswers;

  constructor(@Inject(TURNS) turns: Turns, @Inject(TURN_ANSWERS) answers: TurnAnswers) {
    this.#turns = turns;
    this.#answers = answers;
  }

  @Post()
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const command = responsesCommand(request.body, 'The body', clientLanguages(request));
    if (command.deltas) {
      return await this.#answers.stream(
        request,
        reply,
        (call) => this.#turns.start(command, call),
        new ResponseStreamView(),
      );
    }
    const turn = await this.#answers.whole(request, reply, (call) => this.#turns.start(command, call));
    const fault = faultOf(turn);
    if (fault !== undefined) throw fault;
    sendJson(request, reply, responseView(turn));
  }

  @Get(':id')
  async retrieve(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const id = turnIdOf(request);
    const query = check(retrieveQuery, request.query, 'The query');
    if (query.stream !== 'true' || request.method === 'HEAD') {
      return sendJson(request, reply, responseView(await this.#turns.get(id, callOf(request, reply))));
    }
    const after = query.starting_after ?? lastEventIdOf(request);
    await this.#answers.stream(
      request,
      reply,
      (call) => this.#turns.attach(id, after, call),
      new ResponseStreamView(after),
      attachOpensAfterMs,
    );
  }

  @Post(':id/cancel')
  async cancel(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendJson(
      request,
      reply,
      responseView(await this.#turns.cancel(turnIdOf(request), callOf(request, reply))),
    );
  }

  @Delete(':id')
  async delete(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const id = turnIdOf(request);
    await this.#turns.delete(id, callOf(request, reply));
    sendJson(request, reply, { id, object: 'response', deleted: true });
  }

  @Get(':id/input_items')
  async inputItems(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const id = turnIdOf(request);
    const { order, limit, after } = check(inputItemsQuery, request.query, 'The query');
    const turn = await this.#turns.get(id, callOf(request, reply));
    const page = { order: order ?? defaultPage.order, limit: limit ?? defaultPage.limit, after };
    sendJson(request, reply, inputItemList(turn.input, page));
  }
}

function turnIdOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}

/** Where a browser's EventSource goes on after a lost connection. */
function lastEventIdOf(request: FastifyRequest): number | undefined {
  const header = request.headers['last-event-id'];
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
}
