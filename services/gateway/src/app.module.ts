import type { DynamicModule, Provider } from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { dialogue, fleet, instance, modelAdmin, record } from '@parley/contracts';
import { Deadline } from '@parley/kernel';
import type { ServiceRuntime } from '@parley/nest';
import { AdminController } from './adapters/inbound/http/admin-controller.ts';
import { ApiKeys } from './adapters/inbound/http/api-keys.ts';
import { ChatController } from './adapters/inbound/http/chat-controller.ts';
import { HealthController } from './adapters/inbound/http/health-controller.ts';
import { installHttpEdge } from './adapters/inbound/http/http-edge.ts';
import { ModelsController } from './adapters/inbound/http/models-controller.ts';
import { ProblemFilter } from './adapters/inbound/http/problem-filter.ts';
import { ResponsesController } from './adapters/inbound/http/responses-controller.ts';
import {
  DIALOGUE,
  EVENT_RECORD,
  FLEET,
  GATEWAY_EVENTS,
  MODELS,
  TURN_ANSWERS,
  TURN_FOLLOWER,
} from './adapters/inbound/http/tokens.ts';
import { TurnAnswers } from './adapters/inbound/http/turn-answers.ts';
import { DialogueProbe } from './adapters/outbound/dialogue-probe.ts';
import { GrpcDialogue } from './adapters/outbound/grpc-dialogue.ts';
import { GrpcEventRecord } from './adapters/outbound/grpc-event-record.ts';
import { GrpcFleet } from './adapters/outbound/grpc-fleet.ts';
import { GrpcModels } from './adapters/outbound/grpc-models.ts';
import { neighbour } from './adapters/outbound/neighbour.ts';
import type { GatewayConfig } from './config.ts';
import { TurnFollower } from './domain/follow-turn.ts';
import { StreamSlots } from './domain/stream-slots.ts';
import { TelemetryEvents } from './events.ts';

/** The composition root: the only place that binds ports to adapters. */
export class AppModule {
  static register(config: GatewayConfig, runtime: ServiceRuntime): DynamicModule {
    const events = new TelemetryEvents(runtime.metrics, runtime.logger);
    const ports = connectPorts(config, runtime);
    const { turnTimeoutMs, reattachGraceMs, maxStreams } = config.turns;
    const follower = new TurnFollower(ports.dialogue, { turnTimeoutMs, graceMs: reattachGraceMs }, (error) =>
      events.interrupted(error),
    );
    const answers = new TurnAnswers(new StreamSlots(maxStreams), events, config.streams);
    runtime.shutdown.add('finish running answers', (signal) => answers.drain(drainDeadline(config), signal));
    const bound: Provider[] = [
      { provide: GATEWAY_EVENTS, useValue: events },
      { provide: DIALOGUE, useValue: ports.dialogue },
      { provide: MODELS, useValue: ports.models },
      { provide: EVENT_RECORD, useValue: ports.record },
      { provide: FLEET, useValue: ports.fleet },
      { provide: TURN_FOLLOWER, useValue: follower },
      { provide: TURN_ANSWERS, useValue: answers },
    ];
    return {
      module: AppModule,
      controllers: [ChatController, ResponsesController, ModelsController, AdminController, HealthController],
      providers: [...bound, { provide: APP_FILTER, useClass: ProblemFilter }, httpEdge(config, events)],
    };
  }
}

/** The last tenth of the drain's time is for telling the rest. */
function drainDeadline(config: GatewayConfig): Deadline {
  return Deadline.in(config.service.drainTimeoutMs * 0.9);
}

const HTTP_EDGE = Symbol('HTTP_EDGE');

/** Installed while providers are made, which is before Nest adds its own body parsers. */
function httpEdge(config: GatewayConfig, events: TelemetryEvents): Provider {
  const holder = { tenant: 'default', role: 'admin', keyId: 'default-admin' } as const;
  return {
    provide: HTTP_EDGE,
    inject: [HttpAdapterHost],
    useFactory: (host: HttpAdapterHost<FastifyAdapter>) => {
      const keys = new ApiKeys([{ secret: config.http.apiKey, holder }]);
      installHttpEdge(host.httpAdapter, { keys, events, bodyLimitBytes: config.http.bodyLimitBytes });
      return true;
    },
  };
}

function connectPorts({ neighbours, turns }: GatewayConfig, runtime: ServiceRuntime) {
  const { tokens, shutdown, readiness } = runtime;
  const turnsNeighbour = neighbour('dialogue', dialogue.TurnsClient, neighbours.dialogue, tokens);
  const models = neighbour('model', modelAdmin.ModelAdminClient, neighbours.model, tokens);
  const logging = neighbour('logging', record.RecordClient, neighbours.logging, tokens);
  const monitoring = neighbour('monitoring', fleet.FleetClient, neighbours.monitoring, tokens);
  const probed = neighbour('dialogue', instance.InstanceClient, neighbours.dialogue, tokens);
  const probe = new DialogueProbe(probed);
  probe.start();
  readiness.add('dialogue', () => probe.result);
  shutdown.addAfterClose('close neighbours', async () => {
    await probe[Symbol.asyncDispose]();
    for (const each of [turnsNeighbour, models, logging, monitoring, probed]) each.close();
  });
  return {
    dialogue: new GrpcDialogue(turnsNeighbour, { ...turns, graceMs: turns.reattachGraceMs }),
    models: new GrpcModels(models),
    record: new GrpcEventRecord(logging),
    fleet: new GrpcFleet(monitoring),
  };
}
