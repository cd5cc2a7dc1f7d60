import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { embeddingList } from '../../../domain/embedding-list.ts';
import { embeddedTexts, rejectTokenIds } from '../../../domain/embeddings-request.ts';
import { namedModel } from '../../../domain/named-model.ts';
import { embeddingsUnsupported, rejectUnsupported } from '../../../domain/unsupported-fields.ts';
import type { Embedder } from '../../../ports/embedder.ts';
import { embeddingsSchema } from './embeddings-schema.ts';
import { callOf } from './request-context.ts';
import { sendJson } from './responses.ts';
import { EMBEDDER } from './tokens.ts';
import { check } from './validation.ts';

/** Texts as vectors, by models whose engine makes them. */
@Controller('v1/embeddings')
export class EmbeddingsController {
  readonly #embedder: Embedder;

  constructor(@Inject(EMBEDDER) embedder: Embedder) {
    this.#embedder = embedder;
  }

  @Post()
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    rejectUnsupported(request.body, embeddingsUnsupported);
    rejectTokenIds(request.body);
    const body = check(embeddingsSchema, request.body, 'The body');
    const model = namedModel(body.model, 'Vectors are made by models, not by assistants.');
    const embeddings = await this.#embedder.embed(model, embeddedTexts(body), callOf(request, reply));
    sendJson(request, reply, embeddingList(embeddings, body.encoding_format ?? 'float'));
  }
}
