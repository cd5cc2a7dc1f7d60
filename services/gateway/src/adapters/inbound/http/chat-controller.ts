import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { startTurnFromChat } from '../../../domain/chat-request.ts';
import { ChatStreamView } from '../../../domain/chat-stream-view.ts';
import { chatCompletion } from '../../../domain/chat-view.ts';
import { faultOfChat } from '../../../domain/turn-outcome.ts';
import type { Turns } from '../../../domain/turns.ts';
import { chatUnsupported, rejectUnsupported } from '../../../domain/unsupported-fields.ts';
import { chatSchema } from './chat-schema.ts';
import { clientLanguages } from './request-context.ts';
import { sendJson } from './responses.ts';
import { TURN_ANSWERS, TURNS } from './tokens.ts';
import type { TurnAnswers } from './turn-answers.ts';
import { check } from './validation.ts';

/** Chat Completions: stateless; each request is a turn that nobody can read later unless it says `store: true`. */
@Controller('v1/chat/completions')
export class ChatController {
  readonly #turns: Turns;
  readonly #answers: TurnAnswers;

  constructor(@Inject(TURNS) turns: Turns, @Inject(TURN_ANSWERS) answers: TurnAnswers) {
    this.#turns = turns;
    this.#answers = answers;
  }

  @Post()
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    rejectUnsupported(request.body, chatUnsupported);
    const chat = check(chatSchema, request.body, 'The body');
    const command = startTurnFromChat(chat, clientLanguages(request));
    if (command.deltas) {
      const view = new ChatStreamView({ includeUsage: chat.stream_options?.include_usage ?? false });
      return await this.#answers.stream(request, reply, (call) => this.#turns.start(command, call), view);
    }
    const turn = await this.#answers.whole(request, reply, (call) => this.#turns.start(command, call));
    const fault = faultOfChat(turn);
    if (fault !== undefined) throw fault;
    sendJson(request, reply, chatCompletion(turn));
  }
}
