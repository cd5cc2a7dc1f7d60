import type { ToolCallFormat } from '../../../ports/engine.ts';

/** The formats that are told apart in an answer. */
export type CallMarkup = 'hermes' | 'llama3' | 'mistral';

/** What stands before, between and after the parts of a call. */
export interface MarkupText {
  /** Opens a call, or a list of calls. */
  readonly open: string;
  readonly close: string;
  /** The member of the call that holds the arguments. */
  readonly argumentsKey: 'arguments' | 'parameters';
}

export const markupTexts: Readonly<Record<CallMarkup, MarkupText>> = {
  hermes: { open: '<tool_call>', close: '</tool_call>', argumentsKey: 'arguments' },
  llama3: { open: '<|python_tag|>', close: '', argumentsKey: 'parameters' },
  mistral: { open: '[TOOL_CALLS]', close: '', argumentsKey: 'arguments' },
};

/** The format that a chat template shows; `generic` for one that knows no tools, or a format that is not read here. */
export function toolFormatOf(template: string): Exclude<ToolCallFormat, 'none'> {
  if (!/\btools\b/.test(template)) return 'generic';
  if (template.includes(markupTexts.mistral.open)) return 'mistral';
  const plain = template.replaceAll('\\"', '"');
  // Other families write XML within the same tag.
  if (template.includes(markupTexts.hermes.open))
    return /["']arguments["']/.test(plain) ? 'hermes' : 'generic';
  return /"parameters"\s*:/.test(plain) && template.includes('<|start_header_id|>') ? 'llama3' : 'generic';
}

/** How such a model writes its calls. */
export function markupOf(format: Exclude<ToolCallFormat, 'none'>): CallMarkup {
  return format === 'generic' ? 'hermes' : format;
}
