import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { configView } from '../../../domain/config-view.ts';
import { eventList, fleetView } from '../../../domain/record-views.ts';
import { recordedTurn } from '../../../domain/turn-record.ts';
import type { DocumentReports } from '../../../ports/document-reports.ts';
import type { EventRecord } from '../../../ports/event-record.ts';
import type { Fleet } from '../../../ports/fleet.ts';
import { adminCall } from './admin-call.ts';
import { eventsQuery } from './admin-schema.ts';
import { pathId } from './path-id.ts';
import { sendJson } from './responses.ts';
import { DOCUMENT_REPORTS, EVENT_RECORD, FLEET } from './tokens.ts';
import { check } from './validation.ts';

const defaultLimit = 100;

/** What only an administrator of the fleet may see. */
@Controller('admin/v1')
export class AdminController {
  readonly #record: EventRecord;
  readonly #fleet: Fleet;
  readonly #documents: DocumentReports;

  constructor(
    @Inject(EVENT_RECORD) record: EventRecord,
    @Inject(FLEET) fleet: Fleet,
    @Inject(DOCUMENT_REPORTS) documents: DocumentReports,
  ) {
    this.#record = record;
    this.#fleet = fleet;
    this.#documents = documents;
  }

  @Get('events')
  async events(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const call = adminCall(request, reply);
    const query = check(eventsQuery, request.query, 'The query');
    const page = await this.#record.query(
      {
        conversation: query.conversation ?? '',
        turn: query.turn ?? '',
        types: [query.type ?? []]
          .flat()
          .flatMap((type) => type.split(','))
          .filter((type) => type !== ''),
        tenant: query.tenant ?? '',
        ...(query.from === undefined ? {} : { fromMs: query.from }),
        ...(query.to === undefined ? {} : { toMs: query.to }),
        after: query.after ?? '',
        limit: query.limit ?? defaultLimit,
      },
      call,
    );
    sendJson(request, reply, { ...eventList(page.events, page.next), reached: page.reached });
  }

  @Get('turns/:id')
  async turn(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const call = adminCall(request, reply);
    const { events, next } = await recordedTurn(this.#record, pathId(request, 'turn'), call);
    sendJson(request, reply, eventList(events, next));
  }

  @Get('fleet')
  async fleet(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { observedAtMs, instances } = await this.#fleet.status(adminCall(request, reply));
    sendJson(request, reply, fleetView(observedAtMs, instances));
  }

  @Get('config')
  async config(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendJson(request, reply, configView(await this.#documents.all(adminCall(request, reply))));
  }
}
