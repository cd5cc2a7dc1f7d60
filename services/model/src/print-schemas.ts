import { jsonSchemaOf } from '@parley/config';
import { catalogKind } from './adapters/outbound/catalog/catalog-schema.ts';
import { modelKind } from './adapters/outbound/model-document-schema.ts';
import { evaluationKind } from './adapters/outbound/quantise/evaluation-schema.ts';

/** The JSON Schemas of this service's documents, for editors: file name in config/schemas to schema. */
const schemas = {
  model: jsonSchemaOf(modelKind),
  'model-catalog': jsonSchemaOf(catalogKind),
  'model-evaluation': jsonSchemaOf(evaluationKind),
};
process.stdout.write(`${JSON.stringify(schemas)}\n`);
