import type { Metadata, ServerWritableStream } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { Observable } from 'rxjs';
import type { record } from '@parley/contracts';
import { callContext, relay, signalOf } from '@parley/grpc';
import { permittedFilter } from '../../../domain/event-filter.ts';
import { RecordExports } from '../../../domain/record-exports.ts';
import { eventMessage, filterOf } from './record-messages.ts';

type Call = ServerWritableStream<record.ExportEventsRequest, record.RecordedEvent>;

/** parley.logging.v1.Record/ExportEvents */
@Controller()
export class ExportEventsController {
  readonly #exports: RecordExports;

  constructor(@Inject(RecordExports) exports: RecordExports) {
    this.#exports = exports;
  }

  @GrpcMethod('parley.logging.v1.Record', 'ExportEvents')
  exportEvents(request: record.ExportEventsRequest, metadata: Metadata, call: Call): Observable<never> {
    const filter = permittedFilter(filterOf(request.filter), callContext(metadata).tenant);
    const { after, jobId } = request;
    return relay(this.#exports.run({ filter, after, jobId }, signalOf(call)), call, eventMessage);
  }
}
