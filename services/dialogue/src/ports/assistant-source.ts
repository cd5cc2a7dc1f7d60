import type { Assistant } from '../domain/assistant/assistant.ts';

/** The assistants in effect now; what it gives out stays as it is when they change. */
export interface AssistantSource {
  /**
   * @throws ParleyError `model_not_found` that names those there are, or says where the document of this one is wrong.
   */
  find(name: string): Assistant;
  /** In order of their names. */
  list(): readonly Assistant[];
}
