import { z } from 'zod';
import { allowsCommercialUse } from '../../../domain/sources/licence-use.ts';
import type { HubFile, HubRepository, ModelHub } from '../../../ports/pull/model-hub.ts';
import { checkAnswer } from './download-answer.ts';
import { hubAccess, hubUrl } from './hub-access.ts';
import type { HubOptions } from './hub-access.ts';
import { openUrl } from './open-url.ts';
import { networkFault, sourceFault } from './source-fault.ts';

/** A list of files has a thousand entries a page. */
const maxPages = 50;
const maxBytes = 16 * 1024 * 1024;
const timeoutMs = 30_000;

const infoSchema = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  cardData: z
    .object({
      license: z.union([z.string(), z.array(z.string())]).optional(),
      license_name: z.string().optional(),
      license_link: z.string().optional(),
    })
    .nullish(),
});

const treeSchema = z.array(
  z.object({
    type: z.string(),
    path: z.string(),
    size: z.number().default(0),
    lfs: z.object({ oid: z.string(), size: z.number() }).nullish(),
  }),
);

/** A hub that speaks the API of Hugging Face: huggingface.co, its mirrors, private ones. */
export class HubClient implements ModelHub {
  readonly #hub: HubOptions;
  readonly #allowHttp: boolean;

  constructor(hub: HubOptions, allowHttp: boolean) {
    this.#hub = hub;
    this.#allowHttp = allowHttp;
  }

  async look(repository: string, revision: string, signal: AbortSignal): Promise<HubRepository> {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      const at = hubUrl(this.#hub, ['api/models', repository, 'revision']);
      const info = infoSchema.parse(
        (await this.#read(new URL(`${at.href}/${encodeURIComponent(revision)}`), patience)).value,
      );
      const files = await this.#files(repository, info.sha, patience);
      return { repository, commit: info.sha, files, terms: this.#terms(repository, info.cardData ?? {}) };
    } catch (error) {
      signal.throwIfAborted();
      if (patience.aborted)
        throw sourceFault(`the hub did not answer within ${timeoutMs / 1000} s.`, { retryable: true });
      if (error instanceof z.ZodError || error instanceof SyntaxError)
        throw sourceFault('the hub answers in a way that is not understood.', { cause: error });
      throw networkFault(error);
    }
  }

  async #files(repository: string, commit: string, signal: AbortSignal): Promise<HubFile[]> {
    const files: HubFile[] = [];
    let url: URL | undefined = hubUrl(this.#hub, ['api/models', repository, 'tree', commit]);
    url.searchParams.set('recursive', 'true');
    for (let pages = 0; url !== undefined; pages++) {
      if (pages >= maxPages) throw sourceFault(`it has more files than ${maxPages} pages hold.`);
      const page = await this.#read(url, signal);
      for (const { type, path, size, lfs } of treeSchema.parse(page.value)) {
        if (type !== 'file') continue;
        const isDigest = lfs !== null && lfs !== undefined && /^[0-9a-f]{64}$/.test(lfs.oid);
        files.push({ path, bytes: lfs?.size ?? size, ...(isDigest ? { sha256: lfs.oid } : {}) });
      }
      url = this.#next(page.link);
    }
    return files;
  }

  /** Only an address of the hub itself: the token goes there. */
  #next(link: string): URL | undefined {
    const next = /<([^>]+)>;\s*rel="?next"?/.exec(link)?.[1];
    if (next === undefined) return undefined;
    const url = new URL(next, this.#hub.endpoint);
    const { origin } = new URL(this.#hub.endpoint);
    // A mirror may name the hub it mirrors.
    return url.origin === origin ? url : new URL(`${origin}${url.pathname}${url.search}`);
  }

  async #read(url: URL, signal: AbortSignal): Promise<{ value: unknown; link: string }> {
    const headers = { accept: 'application/json' };
    const request = { url, headers, allowHttp: this.#allowHttp, ...(await hubAccess(this.#hub)) };
    const response = await openUrl(request, signal);
    await checkAnswer(response);
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > maxBytes) throw sourceFault('the hub answers more than a list of files can be.');
    }
    return { value: JSON.parse(text), link: response.headers.get('link') ?? '' };
  }

  #terms(
    repository: string,
    card: NonNullable<z.infer<typeof infoSchema>['cardData']>,
  ): HubRepository['terms'] {
    const [stated = ''] = [card.license ?? []].flat();
    const license = stated === 'other' ? (card.license_name ?? 'other') : stated;
    if (license === '') return { license };
    const link = card.license_link ?? '';
    const url = URL.canParse(link) ? link : hubUrl(this.#hub, [repository]).href;
    const commercialUse = allowsCommercialUse(license);
    return { license, url, ...(commercialUse === undefined ? {} : { commercialUse }) };
  }
}
