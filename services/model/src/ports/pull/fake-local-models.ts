import type { AdoptedModel, AdoptedModels, LocalModel, LocalModels } from './local-models.ts';

/** The models that a test says there are. */
export class FakeLocalModels implements LocalModels {
  models: LocalModel[] = [];

  list(): Promise<LocalModel[]> {
    return Promise.resolve(this.models);
  }
}

/** Remembers in memory. */
export class FakeAdoptedModels implements AdoptedModels {
  readonly models = new Map<string, AdoptedModel>();

  list(): Promise<AdoptedModel[]> {
    return Promise.resolve([...this.models.values()]);
  }

  keep(model: AdoptedModel): Promise<void> {
    this.models.set(model.name, model);
    return Promise.resolve();
  }
}
