import type { QuantisedRecord } from '../../ports/quantise/quantised-records.ts';
import type { ModelDefinition } from '../models/model-definition.ts';

/** The model that a quantised file is: served as its source, loaded by order only. @param folder the model cache */
export function quantisedDefinition(record: QuantisedRecord, folder: string): ModelDefinition {
  const { name, file, sha256, format, source, verdict, served } = record;
  return {
    ...served,
    name,
    description: `${source.name}, quantised to ${format}. ${verdict.reason}`,
    engine: 'gguf',
    path: `${folder}/${file}`,
    sha256,
    lineage: {
      from: source.name,
      fromSha256: source.sha256,
      format,
      passed: verdict.passed,
      ...(verdict.kept === undefined ? {} : { kept: verdict.kept }),
      verdict: verdict.reason,
    },
    aliases: [],
    // llama.cpp rearranges such weights for a CPU; a mapped file would stay in memory beside the copy.
    load: { when: 'never', mmap: false },
  };
}
