import { ParleyError } from '@parley/kernel';
import type { HubRepository, ModelHub } from './model-hub.ts';

/** Has the repositories a test gives it. */
export class FakeModelHub implements ModelHub {
  readonly repositories = new Map<string, HubRepository>();

  look(repository: string): Promise<HubRepository> {
    const found = this.repositories.get(repository);
    if (found !== undefined) return Promise.resolve(found);
    return Promise.reject(new ParleyError('unavailable', 'it cannot be reached.'));
  }
}
