import type { DynamicModule, Provider } from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { Deadline } from '@parley/kernel';
import type { ServiceRuntime } from '@parley/nest';
import { ApiKeys } from './adapters/inbound/api-keys.ts';
import { AssistantHandlers } from './adapters/inbound/grpc/assistant-handlers.ts';
import { EventStreams } from './adapters/inbound/grpc/event-streams.ts';
import { PUBLIC_GRPC, PublicGrpcServer } from './adapters/inbound/grpc/public-grpc-server.ts';
import { AdminController } from './adapters/inbound/http/admin-controller.ts';
import { AssistantsController } from './adapters/inbound/http/assistants-controller.ts';
import { ChatController } from './adapters/inbound/http/chat-controller.ts';
import { DeadLettersController } from './adapters/inbound/http/dead-letters-controller.ts';
import { EmbeddingsController } from './adapters/inbound/http/embeddings-controller.ts';
import { ExportController } from './adapters/inbound/http/export-controller.ts';
import { HealthController } from './adapters/inbound/http/health-controller.ts';
import { installHttpEdge } from './adapters/inbound/http/http-edge.ts';
import { InputTokensController } from './adapters/inbound/http/input-tokens-controller.ts';
import { JobsController } from './adapters/inbound/http/jobs-controller.ts';
import { ModelsAdminController } from './adapters/inbound/http/models-admin-controller.ts';
import { ModelsController } from './adapters/inbound/http/models-controller.ts';
import { ProblemFilter } from './adapters/inbound/http/problem-filter.ts';
import { ResponsesController } from './adapters/inbound/http/responses-controller.ts';
import {
  ASSISTANTS,
  DOCUMENT_REPORTS,
  EMBEDDER,
  EVENT_RECORD,
  FLEET,
  GATEWAY_EVENTS,
  MODEL_INVENTORY,
  MODEL_JOBS,
  MODEL_MOVES,
  MODELS,
  RECORD_CARE,
  STREAM_LIMITS,
  TOKEN_COUNTER,
  TURN_ANSWERS,
  TURNS,
} from './adapters/inbound/http/tokens.ts';
import { TurnAnswers } from './adapters/inbound/http/turn-answers.ts';
import { UsersController } from './adapters/inbound/http/users-controller.ts';
import { WebSocketEdge } from './adapters/inbound/ws/web-socket-edge.ts';
import type { GatewayConfig } from './config.ts';
import { TurnFollower } from './domain/follow-turn.ts';
import { RunningTurns } from './domain/running-turns.ts';
import { StreamSlots } from './domain/stream-slots.ts';
import { Turns } from './domain/turns.ts';
import { TelemetryEvents } from './events.ts';
import { connectPorts } from './neighbour-ports.ts';
import type { Models } from './ports/models.ts';

/** The composition root: the only place that binds ports to adapters. */
export class AppModule {
  static register(config: GatewayConfig, runtime: ServiceRuntime): DynamicModule {
    const events = new TelemetryEvents(runtime.metrics, runtime.logger);
    const ports = connectPorts(config, runtime);
    const { turnTimeoutMs, reattachGraceMs, maxStreams } = config.turns;
    const follower = new TurnFollower(ports.dialogue, { turnTimeoutMs, graceMs: reattachGraceMs }, (error) =>
      events.interrupted(error),
    );
    const running = new RunningTurns(new StreamSlots(maxStreams));
    const answers = new TurnAnswers(running, events, config.streams);
    runtime.shutdown.add('finish running answers', (signal) => running.drain(drainDeadline(config), signal));
    const keys = new ApiKeys([{ secret: config.http.apiKey, holder: administrator }]);
    const turns = new Turns(ports.dialogue, follower, running);
    const webSockets = openWebSockets({ config, runtime, keys, turns, events });
    const publicGrpc = openPublicGrpc({ config, runtime, keys, turns, events }, ports.models);
    const bound: Provider[] = [
      { provide: GATEWAY_EVENTS, useValue: events },
      ...boundPorts(ports),
      { provide: TURNS, useValue: turns },
      { provide: TURN_ANSWERS, useValue: answers },
      { provide: STREAM_LIMITS, useValue: config.streams },
      { provide: PUBLIC_GRPC, useValue: publicGrpc },
      httpEdge(config, { keys, events, webSockets }),
    ];
    return {
      module: AppModule,
      controllers,
      providers: [...bound, { provide: APP_FILTER, useClass: ProblemFilter }],
    };
  }
}

/** Their order does not matter: no two take the same method and path. */
const controllers = [
  ChatController,
  ResponsesController,
  InputTokensController,
  EmbeddingsController,
  ModelsController,
  AssistantsController,
  ModelsAdminController,
  JobsController,
  AdminController,
  ExportController,
  DeadLettersController,
  UsersController,
  HealthController,
];

function boundPorts(ports: ReturnType<typeof connectPorts>): Provider[] {
  return [
    { provide: ASSISTANTS, useValue: ports.assistants },
    { provide: MODELS, useValue: ports.models },
    { provide: MODEL_INVENTORY, useValue: ports.models },
    { provide: MODEL_MOVES, useValue: ports.modelMoves },
    { provide: MODEL_JOBS, useValue: ports.modelJobs },
    { provide: EMBEDDER, useValue: ports.inference },
    { provide: TOKEN_COUNTER, useValue: ports.inference },
    { provide: DOCUMENT_REPORTS, useValue: ports.documents },
    { provide: EVENT_RECORD, useValue: ports.record },
    { provide: RECORD_CARE, useValue: ports.recordCare },
    { provide: FLEET, useValue: ports.fleet },
  ];
}

/** The last tenth of the drain's time is for telling the rest. */
function drainDeadline(config: GatewayConfig): Deadline {
  return Deadline.in(config.service.drainTimeoutMs * 0.9);
}

/** Whoever holds the one key there is. */
const administrator = { tenant: 'default', role: 'admin', keyId: 'default-admin' } as const;

/** What the protocols share. */
interface Protocols {
  readonly config: GatewayConfig;
  readonly runtime: ServiceRuntime;
  readonly keys: ApiKeys;
  readonly turns: Turns;
  readonly events: TelemetryEvents;
}

function openWebSockets({ config, runtime, keys, turns, events }: Protocols): WebSocketEdge {
  const webSockets = new WebSocketEdge(keys, turns, events, {
    ...config.webSockets,
    maxFrameBytes: config.http.bodyLimitBytes,
    stallTimeoutMs: config.streams.stallTimeoutMs,
  });
  runtime.readiness.onDrain(() => webSockets.drain());
  runtime.shutdown.add('close WebSockets', (signal) => webSockets.close(signal));
  return webSockets;
}

function openPublicGrpc({ config, keys, turns, events }: Protocols, models: Models): PublicGrpcServer {
  const streams = new EventStreams(turns, events, config.streams);
  return new PublicGrpcServer(new AssistantHandlers(turns, models, streams, events), keys, events, {
    host: config.service.host,
    port: config.publicGrpc.port,
    maxMessageBytes: config.http.bodyLimitBytes,
  });
}

const HTTP_EDGE = Symbol('HTTP_EDGE');

interface HttpParts {
  readonly keys: ApiKeys;
  readonly events: TelemetryEvents;
  readonly webSockets: WebSocketEdge;
}

/** Installed while providers are made, which is before Nest adds its own body parsers. */
function httpEdge(config: GatewayConfig, { keys, events, webSockets }: HttpParts): Provider {
  return {
    provide: HTTP_EDGE,
    inject: [HttpAdapterHost],
    useFactory: (host: HttpAdapterHost<FastifyAdapter>) => {
      webSockets.install(host.httpAdapter.getInstance().server);
      installHttpEdge(host.httpAdapter, { keys, events, bodyLimitBytes: config.http.bodyLimitBytes });
      return true;
    },
  };
}
