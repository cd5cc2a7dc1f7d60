import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ParleyError } from '@parley/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { eventList, fleetView } from '../../../domain/record-views.ts';
import type { Call } from '../../../ports/call.ts';
import type { EventRecord } from '../../../ports/event-record.ts';
import type { Fleet } from '../../../ports/fleet.ts';
import { eventsQuery } from './admin-schema.ts';
import { callOf } from './request-context.ts';
import { sendJson } from './responses.ts';
import { EVENT_RECORD, FLEET } from './tokens.ts';
import { check } from './validation.ts';

const defaultLimit = 100;

/** What only an administrator of the fleet may see. */
@Controller('admin/v1')
export class AdminController {
  readonly #record: EventRecord;
  readonly #fleet: Fleet;

  constructor(@Inject(EVENT_RECORD) record: EventRecord, @Inject(FLEET) fleet: Fleet) {
    this.#record = record;
    this.#fleet = fleet;
  }

  @Get('events')
  async events(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const call = adminCall(request, reply);
    const query = check(eventsQuery, request.query, 'The query');
    const { events, next } = await this.#record.query(
      {
        conversation: query.conversation ?? '',
        turn: query.turn ?? '',
        types: [query.type ?? []]
          .flat()
          .flatMap((type) => type.split(','))
          .filter((type) => type !== ''),
        after: query.after ?? '',
        limit: query.limit ?? defaultLimit,
      },
      call,
    );
    sendJson(request, reply, eventList(events, next));
  }

  @Get('fleet')
  async fleet(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { observedAtMs, instances } = await this.#fleet.status(adminCall(request, reply));
    sendJson(request, reply, fleetView(observedAtMs, instances));
  }
}

/** @throws ParleyError `permission_denied` for a key of another role */
function adminCall(request: FastifyRequest, reply: FastifyReply): Call {
  const call = callOf(request, reply);
  if (call.tenant.role !== 'admin') {
    throw new ParleyError('permission_denied', 'This needs a key of the role admin.');
  }
  return call;
}
