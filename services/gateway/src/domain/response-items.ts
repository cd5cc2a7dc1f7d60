import type { Item } from './turn.ts';

/** A text part of an answer. */
export function outputTextPart(text: string) {
  return { type: 'output_text', text, annotations: [], logprobs: [] } as const;
}

/** An item as the Responses API shows it; an answer's text and a question's text are of different types. */
export function responseItem(item: Item) {
  switch (item.type) {
    case 'message': {
      const { id, role, status, texts } = item;
      const content =
        role === 'assistant'
          ? texts.map(outputTextPart)
          : texts.map((text) => ({ type: 'input_text', text }) as const);
      return { id, type: 'message', role, status, content } as const;
    }
    case 'function_call': {
      const { id, callId, name, arguments: written, status } = item;
      return { id, type: 'function_call', call_id: callId, name, arguments: written, status } as const;
    }
    case 'function_output': {
      const { id, callId, output } = item;
      return { id, type: 'function_call_output', call_id: callId, output, status: 'completed' } as const;
    }
  }
}

/** One page of items, in OpenAI's list form. */
export interface ItemPage {
  readonly order: 'asc' | 'desc';
  readonly limit: number;
  /** The id of the item before the page; undefined = from the start. */
  readonly after: string | undefined;
}

/** The items of a turn's input, one page of them; an unknown `after` gives an empty page. */
export function inputItemList(input: readonly Item[], page: ItemPage) {
  const ordered = page.order === 'asc' ? input : input.toReversed();
  const at = page.after === undefined ? -1 : ordered.findIndex((item) => item.id === page.after);
  const start = page.after !== undefined && at === -1 ? ordered.length : at + 1;
  const data = ordered.slice(start, start + page.limit).map(responseItem);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: start + page.limit < ordered.length,
  } as const;
}
