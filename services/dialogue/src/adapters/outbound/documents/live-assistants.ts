import { basename, extname } from 'node:path';
import { faultText } from '@parley/config';
import type { DocumentsReport } from '@parley/config';
import { ParleyError } from '@parley/kernel';
import { noSuchAssistant } from '../../../domain/assistant/assistant.ts';
import type { Assistant } from '../../../domain/assistant/assistant.ts';
import type { AssistantSource } from '../../../ports/assistant-source.ts';
import { assistantKind } from './assistant-schema.ts';
import type { Assistants } from './compile-documents.ts';

/** What live documents say of themselves. */
interface LiveAssistantDocuments {
  readonly current: Assistants;
  readonly report: DocumentsReport;
}

/** The assistants of the documents as they are in effect at each call. */
export class LiveAssistants implements AssistantSource {
  readonly #documents: LiveAssistantDocuments;

  constructor(documents: LiveAssistantDocuments) {
    this.#documents = documents;
  }

  find(name: string): Assistant {
    const found = this.#documents.current.get(name);
    if (found !== undefined) return found;
    throw this.#atFault(name) ?? noSuchAssistant(name, [...this.#documents.current.keys()]);
  }

  list(): readonly Assistant[] {
    return [...this.#documents.current.values()];
  }

  /** A file at fault that has no last good documents may be meant: the one of that name surely is. */
  #atFault(name: string): ParleyError | undefined {
    const { faults, documents } = this.#documents.report;
    const good = new Set(documents.map(({ file }) => file));
    const candidates = faults.filter(
      ({ file }) => file.startsWith(`${assistantKind.folder}/`) && !good.has(file),
    );
    const ofThatName = candidates.filter(({ file }) => basename(file, extname(file)) === name);
    const meant = ofThatName.length > 0 ? ofThatName : candidates;
    if (meant.length === 0) return undefined;
    const told = meant.slice(0, 5).map(faultText).join('; ');
    const message =
      ofThatName.length > 0
        ? `The document of the assistant '${name}' is at fault: ${told}`
        : `There is no assistant '${name.slice(0, 100)}' in effect, but there are documents at fault: ${told}`;
    return new ParleyError('model_not_found', message, { param: 'model' });
  }
}
