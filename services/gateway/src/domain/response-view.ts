import { httpErrors } from './error-table.ts';
import { responseItem } from './response-items.ts';
import { errorOfTurn } from './turn-outcome.ts';
import { systemFingerprint } from './turn.ts';
import type { OutputFormat, Tools, Turn, Usage } from './turn.ts';

/** A turn as the Responses API's `response` object, with every field its clients' types promise. */
export function responseView(turn: Turn) {
  return {
    id: turn.id,
    object: 'response',
    created_at: Math.floor(turn.createdAtMs / 1000),
    completed_at:
      turn.status === 'completed' ? Math.floor((turn.endedAtMs ?? turn.createdAtMs) / 1000) : null,
    status: turn.status,
    error: turn.status === 'failed' ? responseError(turn) : null,
    incomplete_details: turn.incompleteReason === undefined ? null : { reason: turn.incompleteReason },
    model: turn.model?.name ?? '',
    system_fingerprint: systemFingerprint(turn),
    assistant: turn.assistant ?? null,
    output: turn.output.map(responseItem),
    usage: turn.usage === undefined ? null : responseUsage(turn.usage),
    instructions: turn.instructions === '' ? null : turn.instructions,
    previous_response_id: turn.previousTurnId === '' ? null : turn.previousTurnId,
    max_output_tokens: turn.maxOutputTokens === 0 ? null : turn.maxOutputTokens,
    temperature: turn.sampling.temperature ?? null,
    top_p: turn.sampling.topP ?? null,
    text: { format: textFormat(turn.format) },
    metadata: turn.metadata,
    ...toolFields(turn.tools),
    store: turn.store,
    ...fixedFields,
  } as const;
}

/** What this version answers for the parts of the API that it does not have. */
const fixedFields = {
  access_programs: null,
  background: false,
  max_tool_calls: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: 'default',
  top_logprobs: 0,
  truncation: 'disabled',
} as const;

function toolFields(tools: Tools | undefined) {
  const functions = (tools?.functions ?? []).map(({ name, description, parameters }) => ({
    type: 'function' as const,
    name,
    description: description === '' ? null : description,
    parameters: parameters === '' ? null : (JSON.parse(parameters) as object),
    strict: false,
  }));
  return {
    tools: functions,
    tool_choice:
      tools?.choice === 'function'
        ? ({ type: 'function', name: tools.chosen } as const)
        : (tools?.choice ?? ('auto' as const)),
    parallel_tool_calls: tools?.single !== true,
  };
}

function responseUsage(usage: Usage) {
  return {
    input_tokens: usage.inputTokens,
    input_tokens_details: { cached_tokens: usage.cachedInputTokens, cache_write_tokens: 0 },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: usage.inputTokens + usage.outputTokens,
  };
}

function textFormat(format: OutputFormat) {
  if (format.kind === 'grammar') return { type: format.kind, grammar: format.grammar } as const;
  if (format.kind !== 'json_schema') return { type: format.kind } as const;
  return {
    type: 'json_schema',
    name: format.name,
    schema: JSON.parse(format.schema) as object,
    strict: true,
  } as const;
}

/** OpenAI's own code list is closed and other than ours, so ours goes into `type`. */
function responseError(turn: Turn) {
  const error = errorOfTurn(turn.error);
  const status = httpErrors[error.code].status;
  const code = status === 429 ? 'rate_limit_exceeded' : status === 400 ? 'invalid_prompt' : 'server_error';
  return { code, message: error.message, param: error.param ?? null, type: error.code } as const;
}
