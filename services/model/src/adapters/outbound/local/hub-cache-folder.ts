import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ggufModels } from './gguf-folder.ts';
import type { FoundModel } from './gguf-folder.ts';

const folderForm = /^models--([^-].*?)--(.+)$/;
const commitForm = /^[0-9a-f]{40}$/;

/**
 * The models in a cache of the hub's own clients, which llama.cpp shares: `models--ORG--REPO` with a folder for each
 * commit, whose files are links to content by digest. Of each repository only the commit that its `main` means counts.
 */
export async function hubCacheModels(cache: string): Promise<FoundModel[]> {
  const folders: string[] = await readdir(cache).catch(() => []);
  const models: FoundModel[] = [];
  for (const folder of folders.toSorted()) {
    const [, owner, repository] = folderForm.exec(folder) ?? [];
    const commit = owner === undefined ? undefined : await commitOf(join(cache, folder, 'refs'));
    if (commit === undefined) continue;
    const found = await ggufModels(join(cache, folder, 'snapshots', commit));
    models.push(...found.map((model) => ({ ...model, name: `${owner}/${repository}/${model.name}` })));
  }
  return models;
}

async function commitOf(refs: string): Promise<string | undefined> {
  const names = await readdir(refs).catch(() => []);
  for (const name of ['main', ...names.filter((it) => it !== 'main').toSorted()]) {
    const commit = (await readFile(join(refs, name), 'utf8').catch(() => '')).trim();
    if (commitForm.test(commit)) return commit;
  }
  return undefined;
}
