import { jsonSchemaOf } from '@parley/config';
import { catalogKind } from './adapters/outbound/catalog/catalog-schema.ts';
import { modelKind } from './adapters/outbound/model-document-schema.ts';

/** The JSON Schemas of this service's documents, for editors: file name in config/schemas to schema. */
const schemas = { model: jsonSchemaOf(modelKind), 'model-catalog': jsonSchemaOf(catalogKind) };
process.stdout.write(`${JSON.stringify(schemas)}\n`);
