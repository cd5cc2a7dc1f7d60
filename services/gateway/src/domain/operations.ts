/** One operation of the public API. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** The path with its parameters in braces: `/v1/responses/{id}`. */
  readonly path: string;
  readonly summary: string;
}

/** Every operation there is: what the OpenAPI document lists and what a wrong method is told. */
export const operations = [
  { method: 'POST', path: '/v1/chat/completions', summary: 'Answer a conversation, whole or streamed' },
  {
    method: 'POST',
    path: '/v1/responses',
    summary: 'Make a response, whole or streamed; stored unless told otherwise',
  },
  { method: 'GET', path: '/v1/responses/{id}', summary: 'Read a response, or re-attach to its events' },
  { method: 'DELETE', path: '/v1/responses/{id}', summary: 'Forget a response' },
  { method: 'POST', path: '/v1/responses/{id}/cancel', summary: 'Stop a response that runs' },
  { method: 'GET', path: '/v1/responses/{id}/input_items', summary: 'List what a response answers' },
  {
    method: 'POST',
    path: '/v1/responses/input_tokens',
    summary: 'Count what a response’s instructions and input are in tokens',
  },
  { method: 'POST', path: '/v1/embeddings', summary: 'Turn texts into vectors' },
  { method: 'GET', path: '/v1/assistants', summary: 'List the assistants' },
  { method: 'GET', path: '/v1/models', summary: 'List the models and aliases' },
  { method: 'GET', path: '/v1/models/{id}', summary: 'Describe one model or alias' },
  { method: 'GET', path: '/admin/v1/events', summary: 'Read the record, oldest first' },
  {
    method: 'GET',
    path: '/admin/v1/events/dead-letters',
    summary: 'List what could not be recorded, oldest first',
  },
  {
    method: 'POST',
    path: '/admin/v1/events/dead-letters/retry',
    summary: 'Try to record dead letters again',
  },
  { method: 'POST', path: '/admin/v1/export', summary: 'Stream the record as lines of JSON, as a job' },
  {
    method: 'DELETE',
    path: '/admin/v1/users/{id}/data',
    summary: 'Erase a user’s texts from the record, now and whenever they come again',
  },
  { method: 'GET', path: '/admin/v1/turns/{id}', summary: 'Read what the record holds of one turn' },
  {
    method: 'GET',
    path: '/admin/v1/config',
    summary: 'Show the documents each instance has loaded, and their faults',
  },
  { method: 'GET', path: '/admin/v1/models', summary: 'List models and aliases with all there is to know' },
  { method: 'GET', path: '/admin/v1/models/catalog', summary: 'List the models that can be pulled by name' },
  {
    method: 'GET',
    path: '/admin/v1/models/local',
    summary: 'List the models that other programs keep on this machine',
  },
  {
    method: 'POST',
    path: '/admin/v1/models/prune',
    summary: 'Remove pulled models that nobody needs, or say which',
  },
  { method: 'POST', path: '/admin/v1/models/pull', summary: 'Fetch a model’s files, as a job' },
  {
    method: 'POST',
    path: '/admin/v1/models/quantize',
    summary: 'Write a model’s weights in fewer bits, as a job with a quality gate',
  },
  {
    method: 'POST',
    path: '/admin/v1/models/convert',
    summary: 'Make one GGUF file of a folder with safetensors, as a job',
  },
  { method: 'POST', path: '/admin/v1/models/load', summary: 'Load a model, as a job' },
  { method: 'POST', path: '/admin/v1/models/unload', summary: 'Unload a model, as a job' },
  { method: 'POST', path: '/admin/v1/models/switch', summary: 'Move an alias to another model, as a job' },
  { method: 'POST', path: '/admin/v1/models/rollback', summary: 'Move an alias back, as a job' },
  { method: 'GET', path: '/admin/v1/jobs', summary: 'List jobs, newest first' },
  { method: 'GET', path: '/admin/v1/jobs/{id}', summary: 'Show a job and how far it is' },
  { method: 'POST', path: '/admin/v1/jobs/{id}/cancel', summary: 'Stop a job' },
  { method: 'GET', path: '/admin/v1/fleet', summary: 'Show the instances of the fleet and their health' },
  { method: 'GET', path: '/healthz', summary: 'Whether the process lives' },
  { method: 'GET', path: '/readyz', summary: 'Whether it can serve' },
  { method: 'GET', path: '/openapi.json', summary: 'This document' },
] as const satisfies readonly Operation[];

export type OperationPath = (typeof operations)[number]['path'];

/** The methods that a path takes; none when there is no such path. */
export function methodsOf(path: string): readonly string[] {
  const segments = path.split('/');
  const methods = operations
    .filter((operation) => matches(operation.path.split('/'), segments))
    .map(({ method }) => method);
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, at) => part === segments[at] || (part.startsWith('{') && segments[at] !== ''))
  );
}
