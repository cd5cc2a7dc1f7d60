import { join } from 'node:path';
import { checkDocuments, DocumentError, documentsOf } from '@parley/config';
import type { CompileDocuments, DocumentFault, LoadedDocument } from '@parley/config';
import type { CatalogEntry } from '../../domain/catalog/catalog-entry.ts';
import type { ModelDefinition } from '../../domain/models/model-definition.ts';
import type { Evaluation } from '../../domain/quantise/evaluation.ts';
import { catalogKind } from './catalog/catalog-schema.ts';
import { compileCatalog } from './catalog/compile-catalog.ts';
import { modelKind } from './model-document-schema.ts';
import { compileModels } from './model-documents.ts';
import type { ModelFolders } from './model-documents.ts';
import { compileEvaluations } from './quantise/compile-evaluations.ts';
import { evaluationKind } from './quantise/evaluation-schema.ts';

/** What `models/` of the configuration folder says. */
export interface ConfiguredModels {
  readonly documents: readonly LoadedDocument[];
  readonly definitions: readonly ModelDefinition[];
  /** Models that can be pulled. */
  readonly catalog: readonly CatalogEntry[];
  /** What models are measured by, by their names. */
  readonly evaluations: ReadonlyMap<string, Evaluation>;
}

const nothing: ConfiguredModels = { documents: [], definitions: [], catalog: [], evaluations: new Map() };

/** The kinds of documents that this service reads. */
export const modelKinds = [modelKind, catalogKind, evaluationKind] as const;

/** Makes models, catalogue and evaluations of documents; refuses those at fault. */
export function compileFolder(folders: ModelFolders): CompileDocuments<ConfiguredModels> {
  return (documents) => {
    const models = compileModels(documentsOf(documents, modelKind), folders);
    const catalog = compileCatalog(documentsOf(documents, catalogKind));
    const { evaluations, faults: others } = compileEvaluations(documentsOf(documents, evaluationKind));
    const value = { documents, definitions: models.definitions, catalog: catalog.entries, evaluations };
    const faults = [...models.faults, ...catalog.faults, ...others];
    const refused = documents.filter(({ file }) => faults.some((fault) => fault.file === file));
    return Promise.resolve({ value, faults, refused });
  };
}

/** @throws DocumentError with every fault of every document, files named with their folder. */
export async function readConfigFolder(folders: ModelFolders): Promise<ConfiguredModels> {
  let read = nothing;
  const compileAll = compileFolder(folders);
  const compile: CompileDocuments<ConfiguredModels> = async (documents) => {
    const compiled = await compileAll(documents);
    read = compiled.value;
    return { ...compiled, refused: [] };
  };
  const faults = await checkDocuments(folders.configDir, modelKinds, compile);
  if (faults.length === 0) return read;
  const placed = (fault: DocumentFault): DocumentFault => ({
    ...fault,
    file: join(folders.configDir, fault.file),
  });
  throw new DocumentError(faults.map(placed));
}
