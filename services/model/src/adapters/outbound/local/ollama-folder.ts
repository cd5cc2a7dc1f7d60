import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { CallProfile } from '../../../domain/models/model-definition.ts';
import type { LocalModel } from '../../../ports/pull/local-models.ts';
import { fileProblem } from './gguf-folder.ts';

/** Manifests, licences and parameters are small; what is larger is something else. */
const maxSmallBytes = 256 * 1024;
const maxLicenseLength = 80;

const manifestSchema = z.object({
  layers: z.array(z.object({ mediaType: z.string(), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) })),
});

type Manifest = z.infer<typeof manifestSchema>;

/** How Ollama calls a model; what has no counterpart here is left out. */
const paramsSchema = z
  .object({
    stop: z.union([z.string(), z.array(z.string())]),
    temperature: z.number().min(0).max(2),
    top_p: z.number().min(0).max(1),
    top_k: z.int().min(0),
    min_p: z.number().min(0).max(1),
    repeat_penalty: z.number().min(0.1).max(10),
    presence_penalty: z.number().min(-2).max(2),
    frequency_penalty: z.number().min(-2).max(2),
  })
  .partial();

const layerType = (name: string): string => `application/vnd.ollama.image.${name}`;
const plain: CallProfile = { sampling: {}, stop: [], systemRole: true };

/** The models of Ollama: manifests by name, their content by digest. */
export async function ollamaModels(folder: string): Promise<LocalModel[]> {
  const manifests = join(folder, 'manifests');
  const paths = await readdir(manifests, { recursive: true }).catch(() => []);
  const models: LocalModel[] = [];
  for (const path of paths.map((it) => it.replaceAll('\\', '/')).toSorted()) {
    const name = nameOf(path);
    if (name === undefined) continue;
    const manifest = await readManifest(join(manifests, path));
    if (manifest !== undefined) models.push(await localModel(name, manifest, join(folder, 'blobs')));
  }
  return models;
}

/** `registry.ollama.ai/library/qwen3/0.6b` is qwen3:0.6b; other registries and owners stay in the name. */
function nameOf(path: string): string | undefined {
  const [host, owner, model, tag, ...rest] = path.split('/');
  if (host === undefined || owner === undefined || model === undefined || tag === undefined) return undefined;
  if (rest.length > 0) return undefined;
  const isOwn = host === 'registry.ollama.ai';
  const before = isOwn ? (owner === 'library' ? '' : `${owner}/`) : `${host}/${owner}/`;
  return `${before}${model}:${tag}`;
}

async function localModel(name: string, { layers }: Manifest, blobs: string): Promise<LocalModel> {
  const digestsOf = (type: string): string[] =>
    layers.filter(({ mediaType }) => mediaType === layerType(type)).map(({ digest }) => digest.slice(7));
  const pathOf = (digest: string): string => join(blobs, `sha256-${digest}`);
  const [sha256, ...others] = digestsOf('model');
  const about = {
    program: 'ollama',
    name,
    license: await licenseOf(digestsOf('license').map(pathOf)),
    profile: await profileOf(digestsOf('params').map(pathOf)),
  } as const;
  if (sha256 === undefined)
    return { ...about, paths: [], bytes: 0, problem: 'Ollama holds no GGUF file of it.' };
  const path = pathOf(sha256);
  const bytes = (await stat(path).catch(() => undefined))?.size ?? 0;
  const isMore = others.length > 0 || digestsOf('adapter').length > 0;
  const problem = isMore ? 'it has an adapter or several files of weights.' : await fileProblem(path);
  return { ...about, paths: [path], bytes, sha256, problem };
}

async function readManifest(path: string): Promise<Manifest | undefined> {
  try {
    return manifestSchema.parse(JSON.parse(await readSmall(path)));
  } catch {
    // A folder, or what another version has written.
    return undefined;
  }
}

/** The first words of the licence, which is its name in all that are common. */
async function licenseOf([path]: readonly string[]): Promise<string> {
  if (path === undefined) return '';
  const text = await readSmall(path).catch(() => '');
  const [line = ''] = text.split('\n').filter((it) => it.trim() !== '');
  return line.trim().slice(0, maxLicenseLength);
}

async function profileOf([path]: readonly string[]): Promise<CallProfile> {
  if (path === undefined) return plain;
  try {
    const { stop = [], temperature, ...params } = paramsSchema.parse(JSON.parse(await readSmall(path)));
    const sampling = {
      temperature,
      topP: params.top_p,
      topK: params.top_k,
      minP: params.min_p,
      repeatPenalty: params.repeat_penalty,
      presencePenalty: params.presence_penalty,
      frequencyPenalty: params.frequency_penalty,
    };
    const told = Object.entries(sampling).filter(([, value]) => value !== undefined);
    return { ...plain, sampling: Object.fromEntries(told), stop: [stop].flat().slice(0, 16) };
  } catch {
    return plain;
  }
}

async function readSmall(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > maxSmallBytes) throw new Error('too large');
  return readFile(path, 'utf8');
}
