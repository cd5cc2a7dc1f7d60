import { z } from 'zod';
import { operations } from '../../../domain/operations.ts';
import type { OperationPath } from '../../../domain/operations.ts';
import {
  deadLettersQuery,
  eraseQuery,
  eventsQuery,
  exportSchema,
  retryLettersSchema,
} from './admin-schema.ts';
import { chatSchema } from './chat-schema.ts';
import { embeddingsSchema } from './embeddings-schema.ts';
import {
  convertSchema,
  jobsQuery,
  modelSchema,
  pruneSchema,
  pullSchema,
  quantizeSchema,
  rollbackSchema,
  switchSchema,
} from './model-admin-schema.ts';
import { inputItemsQuery, inputTokensSchema, responsesSchema, retrieveQuery } from './responses-schema.ts';

type Key = `${'GET' | 'POST' | 'DELETE'} ${OperationPath}`;

const bodies: Partial<Record<Key, z.ZodType>> = {
  'POST /v1/chat/completions': chatSchema,
  'POST /v1/responses': responsesSchema,
  'POST /v1/responses/input_tokens': inputTokensSchema,
  'POST /v1/embeddings': embeddingsSchema,
  'POST /admin/v1/events/dead-letters/retry': retryLettersSchema,
  'POST /admin/v1/export': exportSchema,
  'POST /admin/v1/models/prune': pruneSchema,
  'POST /admin/v1/models/pull': pullSchema,
  'POST /admin/v1/models/quantize': quantizeSchema,
  'POST /admin/v1/models/convert': convertSchema,
  'POST /admin/v1/models/load': modelSchema,
  'POST /admin/v1/models/unload': modelSchema,
  'POST /admin/v1/models/switch': switchSchema,
  'POST /admin/v1/models/rollback': rollbackSchema,
};

const queries: Partial<Record<Key, z.ZodObject>> = {
  'GET /v1/responses/{id}': retrieveQuery,
  'GET /v1/responses/{id}/input_items': inputItemsQuery,
  'GET /admin/v1/events': eventsQuery,
  'GET /admin/v1/events/dead-letters': deadLettersQuery,
  'DELETE /admin/v1/users/{id}/data': eraseQuery,
  'GET /admin/v1/jobs': jobsQuery,
};

const streams: ReadonlySet<string> = new Set([
  'POST /v1/chat/completions',
  'POST /v1/responses',
  'GET /v1/responses/{id}',
]);
/** Answers whose body is one JSON value a line. */
const lines: ReadonlySet<string> = new Set(['POST /admin/v1/export']);
/** What these start goes on after the answer, which is the job. */
const startsJob: ReadonlySet<string> = new Set([
  'POST /admin/v1/models/pull',
  'POST /admin/v1/models/quantize',
  'POST /admin/v1/models/convert',
  'POST /admin/v1/models/load',
  'POST /admin/v1/models/unload',
  'POST /admin/v1/models/switch',
  'POST /admin/v1/models/rollback',
]);
const erases: Key = 'DELETE /admin/v1/users/{id}/data';
const open: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/openapi.json']);

/** The OpenAPI document, made of the very schemas that check the requests. */
export function openApiDocument(version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const { method, path, summary } of operations) {
    const key: Key = `${method} ${path}`;
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(key, path, summary) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Parley',
      version,
      description:
        'OpenAI-compatible: the official clients work with another base URL and key. Fields of OpenAI’s API that are not listed are ignored, or refused with the code `unsupported` where ignoring them would change the answer.',
    },
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: problemSchema },
      responses: {
        Problem: {
          description: 'What went wrong',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

function operationOf(key: Key, path: string, summary: string): object {
  const body = bodies[key];
  const query = queries[key];
  const parameters = [
    ...pathParameters(path),
    ...(query === undefined ? [] : queryParameters(query)),
    ...(key.startsWith('POST ') ? [idempotencyParameter] : []),
  ];
  return {
    summary,
    ...(open.has(path) ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body) } } } }),
    responses: {
      ...successOf(key),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

const idempotencyParameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Under it the request may be sent again, for example after a lost connection: what it makes, a turn or a job, is made once, and every repetition gets that one while it runs and after its end. Kept for 24 hours, for a turn that is not stored 10 minutes. The same key with another body is answered 422.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[ -~]+$' },
};

function successOf(key: Key): object {
  if (lines.has(key)) {
    const description =
      'One event a line; the header x-parley-job-id names the job. A last line with `error` = it is not whole';
    return { 200: { description, content: { 'application/x-ndjson': {} } } };
  }
  const content = { 'application/json': {}, ...(streams.has(key) ? { 'text/event-stream': {} } : {}) };
  if (startsJob.has(key))
    return { 202: { description: 'The job; GET /admin/v1/jobs/{id} tells how far it is', content } };
  if (key === erases)
    return {
      202: { description: 'The event that tells it; the texts are gone once that is recorded', content },
    };
  return { 200: { description: 'The answer', content } };
}

function pathParameters(path: string): object[] {
  return path.includes('{id}')
    ? [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }]
    : [];
}

function queryParameters(query: z.ZodObject): object[] {
  return Object.entries(query.shape).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: schemaOf(schema as z.ZodType),
  }));
}

function schemaOf(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}

const text = { type: 'string' };
const textOrNull = { type: ['string', 'null'] };

const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'instance', 'error'],
  properties: {
    type: text,
    title: text,
    status: { type: 'integer' },
    detail: text,
    instance: text,
    error: {
      type: 'object',
      required: ['message', 'type', 'param', 'code'],
      properties: { message: text, type: text, param: textOrNull, code: text },
    },
  },
};
