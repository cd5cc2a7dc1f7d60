import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { fleet } from '@parley/contracts';
import { FleetView } from '../../../domain/fleet-view.ts';
import { statusMessage } from './fleet-messages.ts';

/** parley.monitoring.v1.Fleet/GetFleet */
@Controller()
export class GetFleetController {
  readonly #view: FleetView;

  constructor(@Inject(FleetView) view: FleetView) {
    this.#view = view;
  }

  @GrpcMethod('parley.monitoring.v1.Fleet', 'GetFleet')
  getFleet(): fleet.FleetStatus {
    return statusMessage(this.#view.status());
  }
}
