/** JSON Schemas of Kubernetes' own kinds, made of the API description that its module carries. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the description calls a string and the API takes as a number too. */
const alsoNumbers = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { oneOf: [{ type: 'string' }, { type: 'number' }] },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { oneOf: [{ type: 'string' }, { type: 'integer' }] },
};

/**
 * Writes one schema for each kind, named as kubeconform looks for it: `deployment-apps-v1.json`. Each is complete in
 * itself. Unknown fields and nulls are refused: an apiserver drops both without a word, or keeps a null as a change.
 */
export function writeKubernetesSchemas(swagger, folder) {
  const definitions = { ...strictEach(swagger.definitions), ...alsoNumbers };
  mkdirSync(folder, { recursive: true });
  for (const [name, definition] of Object.entries(swagger.definitions)) {
    const kinds = definition['x-kubernetes-group-version-kind'] ?? [];
    if (kinds.length !== 1) continue;
    const [{ group, version, kind }] = kinds;
    const file = [kind, group.split('.')[0], version].filter((part) => part !== '').join('-');
    const schema = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      $ref: `#/definitions/${name}`,
      definitions: Object.fromEntries(reached(definitions, name).map((each) => [each, definitions[each]])),
    };
    writeFileSync(join(folder, `${file.toLowerCase()}.json`), JSON.stringify(schema));
  }
}

/** Objects take their own fields only; notes that only Kubernetes reads, and formats, are left out. */
function strict({ properties, items, additionalProperties, ...rest }) {
  const isNote = (key) => key.startsWith('x-kubernetes-') || key === 'format';
  const schema = Object.fromEntries(Object.entries(rest).filter(([key]) => !isNote(key)));
  if (items !== undefined) schema.items = strict(items);
  if (additionalProperties !== undefined) schema.additionalProperties = strict(additionalProperties);
  if (properties === undefined) return schema;
  return { ...schema, properties: strictEach(properties), additionalProperties: false };
}

function strictEach(schemas) {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, strict(schema)]));
}

function reached(definitions, start) {
  const found = new Set();
  const look = (value) => {
    if (typeof value !== 'object' || value === null) return;
    if (typeof value.$ref === 'string') add(value.$ref.slice('#/definitions/'.length));
    for (const each of Object.values(value)) look(each);
  };
  const add = (name) => {
    if (found.has(name)) return;
    found.add(name);
    look(definitions[name]);
  };
  add(start);
  return [...found];
}
