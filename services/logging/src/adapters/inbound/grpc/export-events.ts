import type { Metadata, ServerWritableStream } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { Observable } from 'rxjs';
import type { record } from '@parley/contracts';
import { callContext, relay, signalOf } from '@parley/grpc';
import { permittedFilter } from '../../../domain/event-filter.ts';
import { RecordReader } from '../../../domain/record-reader.ts';
import { eventMessage, filterOf } from './record-messages.ts';

type Call = ServerWritableStream<record.ExportEventsRequest, record.RecordedEvent>;

/** parley.logging.v1.Record/ExportEvents */
@Controller()
export class ExportEventsController {
  readonly #reader: RecordReader;

  constructor(@Inject(RecordReader) reader: RecordReader) {
    this.#reader = reader;
  }

  @GrpcMethod('parley.logging.v1.Record', 'ExportEvents')
  exportEvents(request: record.ExportEventsRequest, metadata: Metadata, call: Call): Observable<never> {
    const filter = permittedFilter(filterOf(request.filter), callContext(metadata).tenant);
    return relay(this.#reader.export(filter, signalOf(call)), call, eventMessage);
  }
}
