import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { DocumentsReport } from '@parley/config';
import type { documents } from '@parley/contracts';
import { RUNTIME } from '@parley/nest';
import type { ServiceRuntime } from '@parley/nest';
import { documentsService } from './service-name.ts';

/** Injects the documents of this service. */
export const DOCUMENTS = Symbol('DOCUMENTS');

@Controller()
export class DocumentsReportController {
  readonly #documents: { readonly report: DocumentsReport };
  readonly #instanceId: string;

  constructor(
    @Inject(DOCUMENTS) live: { readonly report: DocumentsReport },
    @Inject(RUNTIME) { instanceId }: ServiceRuntime,
  ) {
    this.#documents = live;
    this.#instanceId = instanceId;
  }

  @GrpcMethod(documentsService, 'Report')
  report(): documents.DocumentsReport {
    const { revision, loadedAtMs, documents: loaded, faults } = this.#documents.report;
    return {
      service: 'dialogue',
      instanceId: this.#instanceId,
      revision,
      loadedAt: new Date(loadedAtMs),
      documents: loaded.map(({ kind, name, version, digest, file }) => ({
        kind,
        name,
        version,
        digest,
        file,
      })),
      faults: [...faults],
      // What the files say is what is in effect, but for faults.
      drifts: [],
    };
  }
}
