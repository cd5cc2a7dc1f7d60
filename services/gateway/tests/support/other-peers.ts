import { fleet, record } from '@parley/contracts';
import { GrpcPeer } from './grpc-peer.ts';
import { at, ModelPeer } from './model-peer.ts';

/** The model service, where nothing is asked about it afterwards. */
export function modelPeer(): GrpcPeer {
  return new ModelPeer().peer;
}

/** The record: one event, of the turn resp_1; it remembers what it was asked. */
export function recordPeer(asked: record.QueryEventsRequest[]): GrpcPeer {
  const event: record.RecordedEvent = {
    id: 'e1',
    type: 'parley.turn.completed.v1',
    source: '/parley/dialogue',
    subject: 'resp_1',
    occurredAt: at,
    recordedAt: at,
    tenant: 'default',
    topic: 'parley.conversation.events.v1',
    key: 'resp_1',
    sequence: 1,
    data: '{"finishReason":"FINISH_REASON_STOP"}',
    turnId: 'resp_1',
    cursor: 'c1',
  };
  return new GrpcPeer([
    [
      record.RecordService,
      {
        queryEvents: (
          call: { request: record.QueryEventsRequest },
          callback: (error: null, answer: object) => void,
        ) => {
          asked.push(call.request);
          const { turnId = '' } = call.request.filter ?? {};
          const found = call.request.after !== event.cursor && ['', event.turnId].includes(turnId);
          callback(
            null,
            found
              ? { events: [event], next: event.cursor, reached: event.cursor }
              : { events: [], next: '', reached: call.request.after },
          );
        },
      },
    ],
  ]);
}

/** Monitoring: one instance that is ready and one that is down. */
export function fleetPeer(): GrpcPeer {
  const ready: fleet.Instance = {
    service: 'dialogue',
    address: '127.0.0.1:1',
    instanceId: 'i1',
    health: fleet.InstanceHealth.INSTANCE_HEALTH_READY,
    reason: '',
    since: at,
    lastAnswerAt: at,
    version: '0.1.0',
    residentMemoryBytes: 1000,
  };
  const down = {
    ...ready,
    instanceId: '',
    health: fleet.InstanceHealth.INSTANCE_HEALTH_DOWN,
    reason: 'refused',
    lastAnswerAt: undefined,
  };
  return new GrpcPeer([
    [
      fleet.FleetService,
      {
        getFleet: (_call: unknown, callback: (error: null, answer: object) => void) =>
          callback(null, { observedAt: at, instances: [ready, down] }),
      },
    ],
  ]);
}
