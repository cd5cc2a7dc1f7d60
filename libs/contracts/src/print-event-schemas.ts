import { buffer } from 'node:stream/consumers';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { eventCatalogue } from './event-catalogue.ts';
import { jsonSchemaOfMessage } from './event-schemas/json-schema-of.ts';
import { dataSchemaOf } from './event-types.ts';

/**
 * Prints the JSON Schemas of all events and their catalogue as one JSON object, by the names of their files. Reads the
 * compiled contracts with their comments (`buf build`) from stdin.
 */
const contracts = createFileRegistry(fromBinary(FileDescriptorSetSchema, await buffer(process.stdin)));

const fileOf = (type: string): string => `${type}.schema.json`;

const schemas = Object.entries(eventCatalogue).map(([type, entry]) => {
  const message = contracts.getMessage(entry.message);
  if (message === undefined) throw new Error(`${type} carries ${entry.message}, which proto/ does not have`);
  return [fileOf(type), jsonSchemaOfMessage(message, { $id: dataSchemaOf(type), title: type })] as const;
});

const events = Object.entries(eventCatalogue).map(([type, entry]) => [
  type,
  { ...entry, schema: fileOf(type), dataschema: dataSchemaOf(type) },
]);

const files = Object.fromEntries([...schemas, ['index.json', { events: Object.fromEntries(events) }]]);
process.stdout.write(`${JSON.stringify(files, undefined, 2)}\n`);
