import { jsonSchemaOf } from '@parley/config';
import { assistantKind } from './adapters/outbound/documents/assistant-schema.ts';
import { flowKind } from './adapters/outbound/documents/flow-schema.ts';
import { memoryStrategyKind } from './adapters/outbound/documents/memory-strategy-schema.ts';

/** Prints the JSON Schemas of the documents of this service as one JSON object, by the names of their files. */
const schemas = {
  assistant: jsonSchemaOf(assistantKind),
  'memory-strategy': jsonSchemaOf(memoryStrategyKind),
  flow: jsonSchemaOf(flowKind),
};
process.stdout.write(`${JSON.stringify(schemas, undefined, 2)}\n`);
