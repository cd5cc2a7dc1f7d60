import { bytesText, countText, tableText } from '../table.ts';

/** What the model service's program says of a file. */
export interface Inspection {
  readonly files: readonly string[];
  readonly architecture: string;
  readonly name: string;
  readonly license: string;
  readonly quantization?: string;
  readonly precision?: string;
  readonly parameters?: number;
  readonly layers: number;
  readonly trainedContextTokens: number;
  readonly fileBytes: number;
  readonly hasTemplate: boolean;
  readonly windowTokens?: number;
  readonly windowKvBytesPerToken?: number;
  readonly memory: {
    readonly availableBytes: number;
    readonly reserveBytes: number;
    readonly largestContext: number;
  };
  readonly contexts: readonly {
    readonly contextTokens: number;
    readonly kvBytes: number;
    readonly totalBytes: number;
    readonly fittingSlots: number;
  }[];
}

/** What a file is, what each size of context takes, and what fits into this machine. */
export function inspectText(told: Inspection): string {
  const rows: [string, string][] = [
    ['Architecture', told.architecture || '–'],
    ['Name', told.name || '–'],
    ['Licence', told.license || 'not known'],
    ['Weights', countText(told.parameters ?? 0)],
    ['Quantisation', withPrecision(told)],
    ['Size', sizeText(told)],
    ['Layers', String(told.layers)],
    ['Context', contextText(told)],
    ['Chat template', told.hasTemplate ? 'yes' : 'no: the document must give one as spec.profile.template'],
  ];
  const facts = rows.map(([head, text]) => `${head.padEnd(14)}${text}`);
  const table = tableText(
    [
      { head: 'CONTEXT', text: ({ contextTokens }) => String(contextTokens), alignRight: true },
      { head: 'KV A REQUEST', text: ({ kvBytes }) => bytesText(kvBytes), alignRight: true },
      { head: 'ONE AT ONCE', text: ({ totalBytes }) => bytesText(totalBytes), alignRight: true },
      { head: 'FIT HERE AT ONCE', text: ({ fittingSlots }) => slotsText(fittingSlots), alignRight: true },
    ],
    told.contexts,
  );
  return [...facts, '', table, '', roomText(told)].join('\n');
}

function withPrecision({ quantization = '', precision }: Inspection): string {
  if (quantization === '') return 'not known';
  return precision === undefined ? quantization : `${quantization} (${precision})`;
}

function sizeText({ fileBytes, files }: Inspection): string {
  return files.length > 1 ? `${bytesText(fileBytes)} in ${files.length} parts` : bytesText(fileBytes);
}

function contextText(told: Inspection): string {
  const { trainedContextTokens: trained, windowTokens = 0, windowKvBytesPerToken = 0 } = told;
  const trainedText = trained > 0 ? `${trained} tokens as trained` : 'not known';
  return windowKvBytesPerToken > 0
    ? `${trainedText}; some layers see ${windowTokens} tokens only`
    : trainedText;
}

/** The engine takes 256 at most, so more of them need not fit. */
function slotsText(slots: number): string {
  return slots >= 256 ? '256 (the most)' : String(slots);
}

function roomText({ memory, contexts }: Inspection): string {
  const { availableBytes, reserveBytes, largestContext } = memory;
  const room = `${bytesText(availableBytes)} of memory are free here, of which ${bytesText(reserveBytes)} stay in reserve.`;
  if (contexts.some(({ fittingSlots }) => fittingSlots > 0)) return room;
  return largestContext >= 64
    ? `${room} One request at once fits with ${largestContext} tokens of context.`
    : `${room} It does not fit.`;
}
