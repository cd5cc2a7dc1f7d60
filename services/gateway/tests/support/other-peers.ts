import { fleet, modelAdmin, record } from '@parley/contracts';
import { GrpcPeer } from './grpc-peer.ts';

const at = new Date('2026-11-24T12:00:00Z');

/** The model service: one model with an alias, one that loads. */
export function modelPeer(): GrpcPeer {
  const ready = {
    model: { name: 'parley-tiny', digest: '0123456789abcdef'.repeat(4) },
    aliases: ['default'],
    state: modelAdmin.ModelState.MODEL_STATE_READY,
    engine: 'gguf',
    contextTokens: 1024,
    slots: 4,
    fileBytes: 1000,
    reason: '',
    createdAt: at,
    license: 'MIT',
    description: 'The bundled model.',
  };
  const loading = {
    ...ready,
    model: { name: 'smollm2', digest: 'f'.repeat(64) },
    aliases: ['fast'],
    state: modelAdmin.ModelState.MODEL_STATE_LOADING,
    reason: 'loading: 40 %',
  };
  return new GrpcPeer([
    [
      modelAdmin.ModelAdminService,
      {
        listModels: (_call: unknown, callback: (error: null, answer: object) => void) =>
          callback(null, { models: [ready, loading] }),
      },
    ],
  ]);
}

/** The record: it remembers what it was asked. */
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
          callback(null, { events: [event], next: 'c1' });
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
