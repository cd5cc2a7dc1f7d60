import { noSuchAssistant } from '../domain/assistant/assistant.ts';
import type { Assistant } from '../domain/assistant/assistant.ts';
import type { AssistantSource } from './assistant-source.ts';

/** The assistants that a test gives it. */
export class FakeAssistantSource implements AssistantSource {
  assistants: readonly Assistant[] = [];

  find(name: string): Assistant {
    const found = this.assistants.find((assistant) => assistant.name === name);
    if (found !== undefined) return found;
    throw noSuchAssistant(
      name,
      this.assistants.map((assistant) => assistant.name),
    );
  }

  list(): readonly Assistant[] {
    return this.assistants;
  }
}
