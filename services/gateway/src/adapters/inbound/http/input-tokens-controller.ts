import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { countedItems } from '../../../domain/input-tokens-request.ts';
import { requestedTools } from '../../../domain/responses-request.ts';
import { namedModel } from '../../../domain/named-model.ts';
import { inputTokensUnsupported, rejectUnsupported } from '../../../domain/unsupported-fields.ts';
import type { TokenCounter } from '../../../ports/token-counter.ts';
import { callOf } from './request-context.ts';
import { sendJson } from './responses.ts';
import { inputTokensSchema } from './responses-schema.ts';
import { TOKEN_COUNTER } from './tokens.ts';
import { check } from './validation.ts';

/** How many tokens a response's input would be, without making one. */
@Controller('v1/responses/input_tokens')
export class InputTokensController {
  readonly #tokens: TokenCounter;

  constructor(@Inject(TOKEN_COUNTER) tokens: TokenCounter) {
    this.#tokens = tokens;
  }

  @Post()
  async count(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    rejectUnsupported(request.body, inputTokensUnsupported);
    const body = check(inputTokensSchema, request.body, 'The body');
    const why = 'An assistant adds to the input what is not known before a turn begins.';
    const model = namedModel(body.model ?? '', why);
    const inputTokens = await this.#tokens.count(
      model,
      { items: countedItems(body), tools: requestedTools(body) },
      callOf(request, reply),
    );
    sendJson(request, reply, { object: 'response.input_tokens', input_tokens: inputTokens });
  }
}
