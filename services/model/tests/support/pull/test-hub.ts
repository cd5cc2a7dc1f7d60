import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { FileServer } from './file-server.ts';
import type { Answer, ServedFile } from './file-server.ts';

const pageSize = 2;

/** A repository as a test publishes it. */
export interface PublishedRepository {
  /** By path. */
  readonly files: Readonly<Record<string, Buffer>>;
  readonly cardData?: Record<string, unknown>;
  /** Who has no such token does not learn that it exists, or, when it is gated, may not have it. */
  readonly token?: string;
  readonly gated?: boolean;
  /** How the file store serves its files. */
  readonly served?: Partial<ServedFile>;
}

/** A hub that speaks the documented API of Hugging Face, and the other host that it keeps its files on. */
export class TestHub implements AsyncDisposable {
  readonly hub: FileServer;
  readonly store: FileServer;

  private constructor(hub: FileServer, store: FileServer) {
    this.hub = hub;
    this.store = store;
  }

  static async start(): Promise<TestHub> {
    return new TestHub(await FileServer.start(), await FileServer.start());
  }

  get endpoint(): string {
    return this.hub.url('');
  }

  /** @returns the commit that its `main` means */
  publish(name: string, repository: PublishedRepository): string {
    const commit = createHash('sha1').update(name).update(Object.keys(repository.files).join()).digest('hex');
    const api = `/api/models/${name}`;
    const guarded = (answer: Answer): Answer => guard(repository, answer);
    const info = { id: name, sha: commit, gated: repository.gated === true ? 'manual' : false };
    for (const revision of ['main', commit])
      this.hub.on(`${api}/revision/${revision}`, guarded(json({ ...info, cardData: repository.cardData })));
    this.#publishTree(`${api}/tree/${commit}?recursive=true`, repository, guarded);
    for (const [path, content] of Object.entries(repository.files)) {
      const digest = createHash('sha256').update(content).digest('hex');
      const stored = `/store/${digest}`;
      this.store.on(stored, { content, etag: `"${digest}"`, ...repository.served });
      const head = {
        location: this.store.url(stored),
        'x-repo-commit': commit,
        'x-linked-etag': `"${digest}"`,
        'x-linked-size': String(content.length),
      };
      for (const revision of ['main', commit])
        this.hub.on(
          `/${name}/resolve/${revision}/${path}`,
          guarded((_, response) => void response.writeHead(302, head).end()),
        );
    }
    return commit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
  }

  #publishTree(url: string, { files }: PublishedRepository, guarded: (answer: Answer) => Answer): void {
    const entries = Object.entries(files).map(([path, content]) => ({
      type: 'file',
      oid: createHash('sha1').update(content).digest('hex'),
      path,
      size: content.length,
      lfs: {
        oid: createHash('sha256').update(content).digest('hex'),
        size: content.length,
        pointerSize: 134,
      },
    }));
    const all = [{ type: 'directory', oid: '0'.repeat(40), path: 'docs', size: 0 }, ...entries];
    for (let from = 0; from < all.length; from += pageSize) {
      const isLast = from + pageSize >= all.length;
      const next = `${this.hub.url(url)}&cursor=${from + pageSize}`;
      const headers = isLast ? {} : { link: `<${next}>; rel="next"` };
      const page = from === 0 ? url : `${url}&cursor=${from}`;
      this.hub.on(page, guarded(json(all.slice(from, from + pageSize), headers)));
    }
  }
}

function json(value: unknown, headers: Record<string, string> = {}): Answer {
  const body = JSON.stringify(value);
  return (_, response) =>
    void response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);
}

function guard({ token, gated = false }: PublishedRepository, answer: Answer): Answer {
  return (request: IncomingMessage, response: ServerResponse) => {
    if (token === undefined || request.headers.authorization === `Bearer ${token}`)
      return answer(request, response);
    if (gated) return void response.writeHead(403, { 'x-error-code': 'GatedRepo' }).end();
    return void response.writeHead(401, { 'x-error-code': 'RepoNotFound' }).end();
  };
}
