import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { ServerUnaryCall } from '@grpc/grpc-js';
import type { Metadata } from '@grpc/grpc-js';
import type { modelAdmin } from '@parley/contracts';
import { signalOf } from '@parley/grpc';
import { bytesOf, textOf } from '../../../domain/catalog/catalog-entry.ts';
import { ModelPulls } from '../../../domain/pull/model-pulls.ts';
import type { CatalogListing } from '../../../domain/pull/model-pulls.ts';

type Call = ServerUnaryCall<modelAdmin.ListCatalogRequest, modelAdmin.ListCatalogResponse>;

/** parley.model.v1.ModelAdmin/ListCatalog */
@Controller()
export class ListCatalogController {
  readonly #pulls: ModelPulls;

  constructor(@Inject(ModelPulls) pulls: ModelPulls) {
    this.#pulls = pulls;
  }

  @GrpcMethod('parley.model.v1.ModelAdmin', 'ListCatalog')
  async listCatalog(
    _request: modelAdmin.ListCatalogRequest,
    _metadata: Metadata,
    call: Call,
  ): Promise<modelAdmin.ListCatalogResponse> {
    const listings = await this.#pulls.list(signalOf(call));
    return { entries: listings.map(entryMessage) };
  }
}

function entryMessage({ entry, installed, engineAvailable }: CatalogListing): modelAdmin.CatalogEntry {
  const { name, title, description, terms, languages, parameters, contextTokens, engine } = entry;
  return {
    name,
    title: textOf(title),
    description: textOf(description),
    license: terms.license,
    termsUrl: terms.url ?? '',
    commercialUse: terms.commercialUse,
    languages: [...languages],
    parameters,
    contextTokens,
    fileBytes: bytesOf(entry),
    installed,
    engine,
    engineAvailable,
  };
}
