import { ParleyError } from '@parley/kernel';
import type { AnswerForm, EngineRequest, SamplingSettings } from '../../../ports/engine.ts';
import type { Dialect } from './dialects.ts';
import { remoteMessages, toolFields } from './remote-messages.ts';
import type { RequestForm } from './request-form.ts';

type Sampling = keyof SamplingSettings;

/** A setting at this value changes nothing, so a server that does not know it can do without. */
const neutral: Readonly<Partial<Record<Sampling, number>>> = {
  topP: 1,
  topK: 0,
  minP: 0,
  frequencyPenalty: 0,
  presencePenalty: 0,
  repeatPenalty: 1,
};

/**
 * The body of a chat completion.
 * @throws ParleyError `unsupported` for what the caller asks for and this server cannot do.
 */
export function chatRequestBody(
  request: EngineRequest,
  form: RequestForm,
): Readonly<Record<string, unknown>> {
  const { dialect, settings } = form;
  const stop = request.stop.slice(0, dialect.maxStops);
  const format = responseFormat(request.form, form);
  return {
    model: settings.model,
    messages: remoteMessages(request.messages, form),
    ...toolFields(request.tools, form),
    stream: true,
    stream_options: {
      include_usage: true,
      ...(dialect.runningUsage ? { continuous_usage_stats: true } : {}),
    },
    ...samplingFields(request, form),
    ...(request.maxOutputTokens === 0 ? {} : { [dialect.limit]: request.maxOutputTokens }),
    ...(stop.length === 0 ? {} : { stop }),
    ...(format === undefined ? {} : { response_format: format }),
  };
}

/** Whether settings of this kind reach the server. */
export function takes(setting: Sampling, { dialect, settings }: RequestForm): boolean {
  return dialect.sampling[setting] !== undefined && !settings.omit.includes(setting);
}

function samplingFields({ sampling, asked }: EngineRequest, form: RequestForm): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(sampling)) {
    const setting = name as Sampling;
    if (value === undefined) continue;
    if (takes(setting, form))
      fields[form.dialect.sampling[setting] ?? ''] = sent(setting, value, form.dialect);
    else if (value !== neutral[setting] && (asked === undefined || asked.includes(setting)))
      throw cannot(`sampling.${snakeCase(name)}`, `does not know ${snakeCase(name)}`, form);
  }
  return fields;
}

function sent(setting: Sampling, value: SamplingSettings[Sampling], { allTokens }: Dialect): unknown {
  if (setting === 'logitBias' && Array.isArray(value)) return Object.fromEntries(value as [number, number][]);
  return setting === 'topK' && value === 0 ? allTokens : value;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function responseFormat(answer: AnswerForm, form: RequestForm): unknown {
  if (answer.kind === 'text') return undefined;
  if (!form.settings.abilities.json) throw cannot('format', 'cannot enforce the form of an answer', form);
  if (answer.kind === 'gbnf') throw cannot('format', 'takes no GBNF grammar', form);
  if (answer.kind === 'json-object') return { type: 'json_object' };
  const schema: unknown = JSON.parse(answer.schema);
  return { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } };
}

function cannot(param: string, what: string, { title }: RequestForm): ParleyError {
  return new ParleyError('unsupported', `${title} ${what}.`, { param });
}
