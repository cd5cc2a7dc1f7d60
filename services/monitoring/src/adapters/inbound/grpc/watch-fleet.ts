import type { Metadata, ServerWritableStream } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { Observable } from 'rxjs';
import type { fleet } from '@parley/contracts';
import { relay, signalOf } from '@parley/grpc';
import { StatusFeed } from '../../../domain/status-feed.ts';
import { statusMessage } from './fleet-messages.ts';

type Call = ServerWritableStream<fleet.WatchFleetRequest, fleet.FleetStatus>;

/** parley.monitoring.v1.Fleet/WatchFleet */
@Controller()
export class WatchFleetController {
  readonly #feed: StatusFeed;

  constructor(@Inject(StatusFeed) feed: StatusFeed) {
    this.#feed = feed;
  }

  @GrpcMethod('parley.monitoring.v1.Fleet', 'WatchFleet')
  watchFleet(_request: fleet.WatchFleetRequest, _metadata: Metadata, call: Call): Observable<never> {
    return relay(this.#feed.watch(signalOf(call)), call, statusMessage);
  }
}
