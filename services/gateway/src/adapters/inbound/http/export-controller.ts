import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { newPublicId, toParleyError } from '@parley/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorObject } from '../../../domain/problem.ts';
import { eventView } from '../../../domain/record-views.ts';
import { reportFailure } from '../../../domain/report-failure.ts';
import type { EventExport, EventRecord } from '../../../ports/event-record.ts';
import type { GatewayEvents } from '../../../ports/gateway-events.ts';
import { adminCall } from './admin-call.ts';
import { exportSchema } from './admin-schema.ts';
import { NdjsonWriter } from './ndjson-writer.ts';
import { contextOf } from './request-context.ts';
import { EVENT_RECORD, GATEWAY_EVENTS, STREAM_LIMITS } from './tokens.ts';
import { check } from './validation.ts';

/** A search that finds nothing for so long begins its answer, so that its job can be cancelled. */
const openAfterMs = 1000;

/** The record as lines of JSON. */
@Controller('admin/v1/export')
export class ExportController {
  readonly #record: EventRecord;
  readonly #events: GatewayEvents;
  readonly #limits: { readonly stallTimeoutMs: number };

  constructor(
    @Inject(EVENT_RECORD) record: EventRecord,
    @Inject(GATEWAY_EVENTS) events: GatewayEvents,
    @Inject(STREAM_LIMITS) limits: { readonly stallTimeoutMs: number },
  ) {
    this.#record = record;
    this.#events = events;
    this.#limits = limits;
  }

  @Post()
  async export(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const call = adminCall(request, reply);
    const body = check(exportSchema, request.body ?? {}, 'The body');
    const jobId = newPublicId('job');
    const { requestId } = contextOf(request);
    const writer = new NdjsonWriter(request, reply, {
      headers: { 'x-parley-job-id': jobId },
      stallTimeoutMs: this.#limits.stallTimeoutMs,
      onStalled: () => this.#events.slowReaderClosed(requestId),
    });
    const opening = setTimeout(() => writer.open(), openAfterMs);
    try {
      for await (const event of this.#record.export(exportOf(body, jobId), call))
        await writer.write(eventView(event));
      writer.end();
    } catch (thrown) {
      if (!writer.opened) throw thrown;
      const error = toParleyError(thrown);
      reportFailure(this.#events, error, requestId);
      await writer.breakOff({ error: errorObject(error) });
    } finally {
      clearTimeout(opening);
    }
  }
}

function exportOf(body: ReturnType<typeof exportSchema.parse>, jobId: string): EventExport {
  const { conversation = '', turn = '', types = [], tenant = '', from, to, after = '' } = body;
  return {
    conversation,
    turn,
    types,
    tenant,
    after,
    jobId,
    ...(from === undefined ? {} : { fromMs: from }),
    ...(to === undefined ? {} : { toMs: to }),
  };
}
