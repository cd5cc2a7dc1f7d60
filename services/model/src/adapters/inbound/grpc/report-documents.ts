import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { documents } from '@parley/contracts';
import { RUNTIME } from '@parley/nest';
import type { ServiceRuntime } from '@parley/nest';
import { ModelRegistry } from '../../../domain/models/model-registry.ts';
import { LiveModels } from '../../outbound/live-models.ts';

/** parley.common.v1.Documents/Report */
@Controller()
export class ReportDocumentsController {
  readonly #registry: ModelRegistry;
  readonly #live: LiveModels;
  readonly #runtime: ServiceRuntime;

  constructor(
    @Inject(ModelRegistry) registry: ModelRegistry,
    @Inject(LiveModels) live: LiveModels,
    @Inject(RUNTIME) runtime: ServiceRuntime,
  ) {
    this.#registry = registry;
    this.#live = live;
    this.#runtime = runtime;
  }

  @GrpcMethod('parley.common.v1.Documents', 'Report')
  report(): documents.DocumentsReport {
    const { instanceId } = this.#runtime;
    const { revision, loadedAtMs, documents, faults } = this.#live.report;
    return {
      service: 'model',
      instanceId,
      revision,
      loadedAt: new Date(loadedAtMs),
      documents: documents.map(({ kind, name, version, digest, file }) => ({
        kind,
        name,
        version,
        digest,
        file,
      })),
      faults: [...faults],
      drifts: [...this.#registry.aliases.drifts],
    };
  }
}
