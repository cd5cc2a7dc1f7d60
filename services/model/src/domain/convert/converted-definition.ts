import type { ConvertedRecord } from '../../ports/convert/converted-records.ts';
import { definitionOf } from '../catalog/catalog-entry.ts';
import { unlistedEntry, withFacts } from '../catalog/entry-of-source.ts';
import { allowsCommercialUse } from '../sources/licence-use.ts';
import type { ModelDefinition } from '../models/model-definition.ts';

/** The model that a converted file is, loaded by order only. @param folder the model cache */
export function convertedDefinition(record: ConvertedRecord, folder: string): ModelDefinition {
  const { name, file, sha256, source, format, tool, contextTokens, license, architecture } = record;
  const commercialUse = allowsCommercialUse(license);
  const terms = { license, ...(commercialUse === undefined ? {} : { commercialUse }) };
  const plain = unlistedEntry({ name, from: source.folder, files: [{ sources: [] }], terms });
  const entry =
    contextTokens === 0 ? plain : withFacts(plain, { license, trainedContextTokens: contextTokens });
  return {
    ...definitionOf(entry, folder, sha256),
    path: `${folder}/${file}`,
    description: `Converted from ${source.folder} (${architecture}).`,
    lineage: {
      // No model's name has a colon: so the result never counts as a form of a model that is called like the folder.
      from: `safetensors:${source.folder}`,
      fromSha256: source.sha256,
      format,
      passed: true,
      verdict: `Converted by ${tool}, without loss of what ${format} can hold.`,
    },
  };
}
