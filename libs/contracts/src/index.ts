/**
 * Everything generated from `proto/`: gRPC messages and services (ts-proto), event payload schemas (protobuf-es),
 * and the names of topics and event types.
 */
export * as common from './gen/grpc/parley/common/v1/common.ts';
export * as instance from './gen/grpc/parley/common/v1/instance.ts';
export * as documents from './gen/grpc/parley/common/v1/documents.ts';
export * as assistants from './gen/grpc/parley/dialogue/v1/assistants.ts';
export * as dialogue from './gen/grpc/parley/dialogue/v1/turns.ts';
export * as inference from './gen/grpc/parley/model/v1/inference.ts';
export * as modelAdmin from './gen/grpc/parley/model/v1/admin.ts';
export * as gateway from './gen/grpc/parley/gateway/v1/assistant.ts';
export * as record from './gen/grpc/parley/logging/v1/record.ts';
export * as fleet from './gen/grpc/parley/monitoring/v1/fleet.ts';
export * as commonEvents from './gen/es/parley/common/v1/common_pb.ts';
export * as turnEvents from './gen/es/parley/events/v1/turn_events_pb.ts';
export * as modelEvents from './gen/es/parley/events/v1/model_events_pb.ts';
export * as userEvents from './gen/es/parley/events/v1/user_events_pb.ts';
export {
  controlEventType,
  controlTopic,
  dataSchemaOf,
  deadLetterEventType,
  deadLetterTopic,
  topics,
  turnEventTypes,
  terminalTurnEventTypes,
  modelEventTypes,
  userEventTypes,
} from './event-types.ts';
export type { TurnEventType, ModelEventType } from './event-types.ts';
export { publicDescriptors } from './public-descriptors.ts';
export { userKey } from './user-key.ts';
