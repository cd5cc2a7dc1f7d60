import type { DocumentsAnswer, InstanceDocuments } from '../ports/document-reports.ts';

/** What an instance that did not answer has to show. */
const nothing: InstanceDocuments = {
  instanceId: '',
  revision: 0,
  loadedAtMs: undefined,
  documents: [],
  faults: [],
  drifts: [],
};

/** The configuration as each instance has it; `loaded_at` is in Unix seconds. */
export function configView(answers: readonly DocumentsAnswer[]) {
  return { object: 'config', services: answers.map(instanceView) } as const;
}

function instanceView({ service, address, outcome }: DocumentsAnswer) {
  const { instanceId, revision, loadedAtMs, documents, faults, drifts } = outcome.ok
    ? outcome.report
    : nothing;
  return {
    service,
    address,
    instance_id: instanceId === '' ? null : instanceId,
    /** Why nothing is known of it now. */
    error: outcome.ok ? null : outcome.error,
    revision,
    loaded_at: loadedAtMs === undefined ? null : Math.floor(loadedAtMs / 1000),
    documents: documents.map(({ kind, name, version, digest, file }) => ({
      kind,
      name,
      version,
      digest,
      file,
    })),
    faults: faults.map(({ file, line, path, message }) => ({ file, line, path, message })),
    drifts: drifts.map(({ subject, configured, actual }) => ({ subject, configured, actual })),
  };
}
