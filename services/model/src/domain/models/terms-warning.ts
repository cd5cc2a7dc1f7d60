import type { ModelDefinition } from './model-definition.ts';

/** What is said when a model is activated of which nobody knows how it may be used; undefined when somebody does. */
export function termsWarning({ name, terms, document, settings = {} }: ModelDefinition): string | undefined {
  // What lies in the configuration as a file is its owner's own; what runs elsewhere or was fetched is another's.
  const isOthers = document === undefined || 'baseUrl' in settings;
  if (!isOthers || terms.license !== '') return undefined;
  return `Nothing is known about the terms of model "${name}"; its owner says how it may be used. Say it in its document: terms: { license: … }.`;
}
