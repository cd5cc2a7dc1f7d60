import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { record } from '@parley/contracts';
import { callContext, signalOf } from '@parley/grpc';
import { permittedFilter } from '../../../domain/event-filter.ts';
import { RecordReader } from '../../../domain/record-reader.ts';
import { eventMessage, filterOf } from './record-messages.ts';

type Call = ServerUnaryCall<record.QueryEventsRequest, record.QueryEventsResponse>;

/** parley.logging.v1.Record/QueryEvents */
@Controller()
export class QueryEventsController {
  readonly #reader: RecordReader;

  constructor(@Inject(RecordReader) reader: RecordReader) {
    this.#reader = reader;
  }

  @GrpcMethod('parley.logging.v1.Record', 'QueryEvents')
  async queryEvents(
    request: record.QueryEventsRequest,
    metadata: Metadata,
    call: Call,
  ): Promise<record.QueryEventsResponse> {
    const filter = permittedFilter(filterOf(request.filter), callContext(metadata).tenant);
    const { after, limit } = request;
    const { events, ...places } = await this.#reader.query({ filter, after, limit }, signalOf(call));
    return { events: events.map(eventMessage), ...places };
  }
}
