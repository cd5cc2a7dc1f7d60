import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { assistants, documents } from '@parley/contracts';

type PeerService = [ServiceDefinition, UntypedServiceImplementation];

const at = new Date('2026-11-24T12:00:00Z');

/** What an instance has loaded; `changes` make it another one. */
export function documentsService(changes: Partial<documents.DocumentsReport>): PeerService {
  const report: documents.DocumentsReport = {
    service: 'dialogue',
    instanceId: 'd1',
    revision: 3,
    loadedAt: at,
    documents: [
      {
        kind: 'Assistant',
        name: 'helper',
        version: '1.2.0',
        digest: 'a'.repeat(64),
        file: 'assistants/helper.yaml',
      },
    ],
    faults: [],
    drifts: [],
    ...changes,
  };
  const implementation: documents.DocumentsServer = { report: (_call, callback) => callback(null, report) };
  return [documents.DocumentsService, implementation];
}

/** Two assistants, as dialogue lists them. */
export function assistantsService(): PeerService {
  const helper: assistants.AssistantInfo = {
    name: 'helper',
    version: '1.2.0',
    title: { en: 'Helper', 'zh-CN': '助手' },
    description: { en: 'Helps.' },
    model: 'default',
    strategies: ['keep-facts'],
  };
  const order = { ...helper, name: 'order', version: '0.9.0', strategies: [] };
  const implementation: assistants.AssistantsServer = {
    listAssistants: (_call, callback) => callback(null, { assistants: [helper, order] }),
  };
  return [assistants.AssistantsService, implementation];
}
