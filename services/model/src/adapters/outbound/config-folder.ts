import { join } from 'node:path';
import { checkDocuments, DocumentError, documentsOf } from '@parley/config';
import type { CompileDocuments, DocumentFault, LoadedDocument } from '@parley/config';
import type { CatalogEntry } from '../../domain/catalog/catalog-entry.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import { catalogKind } from './catalog/catalog-schema.ts';
import { compileCatalog } from './catalog/compile-catalog.ts';
import { modelKind } from './model-document-schema.ts';
import { compileModels } from './model-documents.ts';
import type { ModelFolders } from './model-documents.ts';

/** What `models/` of the configuration folder says. */
export interface ConfiguredModels {
  readonly documents: readonly LoadedDocument[];
  readonly definitions: readonly ModelDefinition[];
  /** Models that can be pulled. */
  readonly catalog: readonly CatalogEntry[];
}

const nothing: ConfiguredModels = { documents: [], definitions: [], catalog: [] };

/** @throws DocumentError with every fault of every document, files named with their folder. */
export async function readConfigFolder(folders: ModelFolders): Promise<ConfiguredModels> {
  let read = nothing;
  const compile: CompileDocuments<undefined> = (documents) => {
    const models = compileModels(documentsOf(documents, modelKind), folders);
    const catalog = compileCatalog(documentsOf(documents, catalogKind));
    read = { documents, definitions: models.definitions, catalog: catalog.entries };
    const faults = [...models.faults, ...catalog.faults];
    return Promise.resolve({ value: undefined, faults, refused: [] });
  };
  const faults = await checkDocuments(folders.configDir, [modelKind, catalogKind], compile);
  if (faults.length === 0) return read;
  const placed = (fault: DocumentFault): DocumentFault => ({
    ...fault,
    file: join(folders.configDir, fault.file),
  });
  throw new DocumentError(faults.map(placed));
}
