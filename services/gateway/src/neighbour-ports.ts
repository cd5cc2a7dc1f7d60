import type { Client } from '@grpc/grpc-js';
import {
  assistants,
  dialogue,
  documents,
  fleet,
  inference,
  instance,
  modelAdmin,
  record,
} from '@parley/contracts';
import type { GrpcClientConstructor } from '@parley/grpc';
import type { ServiceRuntime } from '@parley/nest';
import { DialogueProbe } from './adapters/outbound/dialogue-probe.ts';
import { GrpcAssistants } from './adapters/outbound/grpc-assistants.ts';
import { GrpcDialogue } from './adapters/outbound/grpc-dialogue.ts';
import { GrpcDocumentReports } from './adapters/outbound/grpc-document-reports.ts';
import { GrpcEventRecord } from './adapters/outbound/grpc-event-record.ts';
import { GrpcFleet } from './adapters/outbound/grpc-fleet.ts';
import { GrpcInference } from './adapters/outbound/grpc-inference.ts';
import { GrpcModelJobs } from './adapters/outbound/grpc-model-jobs.ts';
import { GrpcModelMoves } from './adapters/outbound/grpc-model-moves.ts';
import { GrpcModels } from './adapters/outbound/grpc-models.ts';
import { GrpcRecordCare } from './adapters/outbound/grpc-record-care.ts';
import { neighbour } from './adapters/outbound/neighbour.ts';
import type { Neighbour } from './adapters/outbound/neighbour.ts';
import type { GatewayConfig } from './config.ts';

type NeighbourName = 'dialogue' | 'model' | 'logging' | 'monitoring';

/** Connects to a neighbour by its configured addresses, or by those given. */
type Connect = <C extends Client>(
  name: NeighbourName,
  constructor: GrpcClientConstructor<C>,
  addresses?: readonly string[],
) => Neighbour<C>;

/** The part of the composition root that reaches the other services: the ports of app.module.ts, over gRPC. */
export function connectPorts({ neighbours, turns }: GatewayConfig, runtime: ServiceRuntime) {
  const connected: Neighbour<Client>[] = [];
  const connect: Connect = (name, constructor, addresses = neighbours[name]) => {
    const made = neighbour(name, constructor, addresses, runtime.tokens);
    connected.push(made);
    return made;
  };
  const probe = new DialogueProbe(connect('dialogue', instance.InstanceClient));
  probe.start();
  runtime.readiness.add('dialogue', () => probe.result);
  runtime.shutdown.addAfterClose('close neighbours', async () => {
    await probe[Symbol.asyncDispose]();
    for (const each of connected) each.close();
  });
  const admin = connect('model', modelAdmin.ModelAdminClient);
  const logging = connect('logging', record.RecordClient);
  return {
    dialogue: new GrpcDialogue(connect('dialogue', dialogue.TurnsClient), {
      ...turns,
      graceMs: turns.reattachGraceMs,
    }),
    assistants: new GrpcAssistants(connect('dialogue', assistants.AssistantsClient)),
    models: new GrpcModels(admin),
    modelMoves: new GrpcModelMoves(admin),
    modelJobs: new GrpcModelJobs(admin),
    inference: new GrpcInference(connect('model', inference.InferenceClient)),
    documents: documentReports(neighbours, connect),
    record: new GrpcEventRecord(logging),
    recordCare: new GrpcRecordCare(logging),
    fleet: new GrpcFleet(connect('monitoring', fleet.FleetClient)),
  };
}

/** The services that read configuration documents, every instance by itself. */
function documentReports(neighbours: GatewayConfig['neighbours'], connect: Connect): GrpcDocumentReports {
  return new GrpcDocumentReports(
    (['dialogue', 'model'] as const).flatMap((service) =>
      neighbours[service].map((address) => ({
        service,
        address,
        neighbour: connect(service, documents.DocumentsClient, [address]),
      })),
    ),
  );
}
