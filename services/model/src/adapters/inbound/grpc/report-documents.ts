import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { LoadedDocument } from '@parley/config';
import type { documents } from '@parley/contracts';
import { RUNTIME } from '@parley/nest';
import type { ServiceRuntime } from '@parley/nest';
import { ModelRegistry } from '../../../domain/model-registry.ts';
import { DOCUMENTS } from '../../../tokens.ts';

/** Documents are read at start only, and one at fault keeps the service from starting. */
const onlyRevision = 1;

/** parley.common.v1.Documents/Report */
@Controller()
export class ReportDocumentsController {
  readonly #registry: ModelRegistry;
  readonly #documents: readonly LoadedDocument[];
  readonly #runtime: ServiceRuntime;

  constructor(
    @Inject(ModelRegistry) registry: ModelRegistry,
    @Inject(DOCUMENTS) loaded: readonly LoadedDocument[],
    @Inject(RUNTIME) runtime: ServiceRuntime,
  ) {
    this.#registry = registry;
    this.#documents = loaded;
    this.#runtime = runtime;
  }

  @GrpcMethod('parley.common.v1.Documents', 'Report')
  report(): documents.DocumentsReport {
    const { instanceId, startedAt } = this.#runtime;
    return {
      service: 'model',
      instanceId,
      revision: onlyRevision,
      loadedAt: startedAt,
      documents: this.#documents.map(({ kind, name, version, digest, file }) => ({
        kind,
        name,
        version,
        digest,
        file,
      })),
      faults: [],
      drifts: [...this.#registry.aliases.drifts],
    };
  }
}
