import type { documents } from '@parley/contracts';
import { unary } from '@parley/grpc';
import { Deadline, toParleyError } from '@parley/kernel';
import type { Call } from '../../ports/call.ts';
import type { DocumentReports, DocumentsAnswer, InstanceDocuments } from '../../ports/document-reports.ts';
import { outgoingOf } from './neighbour.ts';
import type { Neighbour } from './neighbour.ts';

/** One that hangs must not keep the others' answers back for long. */
const timeoutMs = 5000;

/** One instance that reads documents. Each has a client of its own: one for all would ask whichever it likes. */
export interface DocumentsInstance {
  readonly service: string;
  readonly address: string;
  readonly neighbour: Neighbour<documents.DocumentsClient>;
}

/** Every instance's report over gRPC, all asked at once. */
export class GrpcDocumentReports implements DocumentReports {
  readonly #instances: readonly DocumentsInstance[];

  constructor(instances: readonly DocumentsInstance[]) {
    this.#instances = instances;
  }

  all(call: Call): Promise<readonly DocumentsAnswer[]> {
    const deadline = Deadline.in(timeoutMs);
    return Promise.all(
      this.#instances.map(async ({ service, address, neighbour }): Promise<DocumentsAnswer> => {
        try {
          return { service, address, outcome: { ok: true, report: await report(neighbour, call, deadline) } };
        } catch (thrown) {
          const error = toParleyError(thrown);
          // The client itself has gone: there is nobody to list anything for.
          if (error.code === 'cancelled') throw error;
          return { service, address, outcome: { ok: false, error: error.message } };
        }
      }),
    );
  }
}

async function report(
  neighbour: Neighbour<documents.DocumentsClient>,
  call: Call,
  deadline: Deadline,
): Promise<InstanceDocuments> {
  const client = neighbour.client();
  const { loadedAt, ...rest } = await unary<documents.ReportRequest, documents.DocumentsReport>(
    client.report.bind(client),
    {},
    { ...outgoingOf(call), deadline },
  );
  return { ...rest, loadedAtMs: loadedAt?.getTime() };
}
