import { Controller, Delete, Inject, Req, Res } from '@nestjs/common';
import { ParleyError } from '@parley/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { erasureView } from '../../../domain/record-views.ts';
import type { RecordCare } from '../../../ports/record-care.ts';
import { adminCall } from './admin-call.ts';
import { eraseQuery } from './admin-schema.ts';
import { sendJson } from './responses.ts';
import { RECORD_CARE } from './tokens.ts';
import { check } from './validation.ts';

const accepted = 202;
/** As long as the end user of a request can be. */
const maxUserLength = 512;

/** What the fleet knows of the people in front of applications. */
@Controller('admin/v1/users')
export class UsersController {
  readonly #care: RecordCare;

  constructor(@Inject(RECORD_CARE) care: RecordCare) {
    this.#care = care;
  }

  @Delete(':id/data')
  async erase(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const call = adminCall(request, reply);
    const { tenant = call.tenant.tenant } = check(eraseQuery, request.query, 'The query');
    const { id } = request.params as { id: string };
    if (id === '' || id.length > maxUserLength) {
      const message = `A user is named by 1 to ${maxUserLength} characters, as requests name it in \`user\`.`;
      throw new ParleyError('invalid_request', message, { param: 'id' });
    }
    const eventId = await this.#care.eraseUser(tenant, id.toWellFormed(), call);
    sendJson(request, reply, erasureView(tenant, id, eventId), accepted);
  }
}
