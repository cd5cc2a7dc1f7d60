import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { RUNTIME } from '@parley/nest';
import type { ServiceRuntime } from '@parley/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { openApiDocument } from './openapi.ts';
import { sendJson } from './responses.ts';

/** What answers without a key: probes, and the document that describes the API. */
@Controller()
export class HealthController {
  readonly #runtime: ServiceRuntime;
  readonly #document: object;

  constructor(@Inject(RUNTIME) runtime: ServiceRuntime) {
    this.#runtime = runtime;
    this.#document = openApiDocument(runtime.version);
  }

  @Get('healthz')
  alive(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    sendJson(request, reply, { status: 'ok' });
  }

  @Get('readyz')
  ready(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const report = this.#runtime.readiness.report();
    sendJson(request, reply, report, report.ready ? 200 : 503);
  }

  @Get('openapi.json')
  openApi(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    sendJson(request, reply, this.#document);
  }
}
