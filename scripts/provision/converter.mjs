/** The converter of safetensors and its Python packages: what the first `parley models convert` would put in place. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../services/model/src/prepare-converter.ts', import.meta.url));
const options = ['--conditions=@parley/source', '--disable-warning=ExperimentalWarning'];

/** Puts it in place unless it is there. @returns whether it is there now. */
export function provisionConverter() {
  const { status } = spawnSync(process.execPath, [...options, program], {
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 1_200_000,
  });
  if (status === 0) {
    console.log('provision: the converter of safetensors is there (270 MB with its Python packages)');
    return true;
  }
  console.error('provision: tests that convert safetensors will be skipped (in CI they fail).');
  return false;
}
