import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ParleyError } from '@parley/kernel';
import type { MoveProgress } from '../../../ports/move-progress.ts';
import { onceMade } from './once-made.ts';
import { llamaCppBundle } from './own-files.ts';
import { lastWords, runTool } from './run-tool.ts';

/** What of the release is taken out. */
const taken = ['convert_hf_to_gguf.py', 'conversion', 'gguf-py', 'LICENSE'];
const timeLimitMs = 5 * 60_000;

/**
 * The converter of the engine's own llama.cpp release, taken out of the git bundle inside node-llama-cpp.
 * @param release names the folder
 * @throws ParleyError `unsupported` when git or the bundle is missing; `engine_failed`; the signal's reason.
 */
export async function converterSource(
  { folder, release }: { readonly folder: string; readonly release: string },
  environment: NodeJS.ProcessEnv,
  progress: MoveProgress,
): Promise<string> {
  const { signal } = progress;
  const onWait = (): void => progress.stage('waiting for another process that unpacks the converter');
  return onceMade(join(folder, `llama.cpp-${release}`), { signal, onWait }, async (part) => {
    progress.stage(`unpacking the converter of llama.cpp ${release}`);
    const git = async (...args: string[]): Promise<void> => {
      const what = 'that unpacks the converter of llama.cpp';
      const { code, how, stderr } = await runTool('git', args, { what, environment, signal, timeLimitMs });
      if (code === 0) return;
      throw new ParleyError('engine_failed', `git ${how}: ${lastWords(stderr)}`, { retryable: false });
    };
    const store = join(part, '.git');
    await git('clone', '--quiet', '--bare', llamaCppBundle(), store);
    await git(`--git-dir=${store}`, `--work-tree=${part}`, 'checkout', '--quiet', 'HEAD', '--', ...taken);
    await rm(store, { recursive: true });
  });
}
