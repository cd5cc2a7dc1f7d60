import type { ModelInspection } from '../../../../ports/model-files.ts';
import { inspectFiles } from '../file/inspect-files.ts';
import { partsOf } from '../weights/part-name.ts';

/** Reads what a GGUF file says about itself; of a split one, all parts. @throws ParleyError `config_invalid` when it is none. */
export function inspectGguf(path: string): Promise<ModelInspection> {
  return Promise.resolve().then(() => inspectFiles(partsOf(path)));
}
