import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileServer, status } from './support/pull/file-server.ts';
import { bytesOf, digestOf, HeardProgress, TestPulls, wanted } from './support/pull/test-pulls.ts';

const content = bytesOf(300_000);
const other = bytesOf(300_000, 2);
const etag = '"one"';

describe('a download', () => {
  it('becomes a verified file, and tells its bytes', async () => {
    await using server = (await FileServer.start()).on('/model', { content, etag });
    await using pulls = await TestPulls.start();
    const progress = new HeardProgress();
    const kept = await pulls.pull(wanted(content, server.url('/model')), progress);
    expect(kept).toMatchObject({ sha256: digestOf(content), bytes: 300_000, source: server.url('/model') });
    expect(await pulls.read()).toEqual(content);
    expect(await pulls.files()).toEqual(['model.gguf', 'model.gguf.kept.json']);
    expect([progress.doneBytes, progress.totalBytes, progress.notes]).toEqual([300_000, 300_000, []]);
    await pulls.pull(wanted(content, server.url('/model')));
    expect(server.requests).toHaveLength(1);
  });

  it('goes on where its connection was cut, as often as that happens', async () => {
    const cut = { content, etag, cutAfter: 90_000 };
    await using server = (await FileServer.start()).on('/model', cut);
    await using pulls = await TestPulls.start();
    await pulls.pull(wanted(content, server.url('/model')));
    expect(await pulls.read()).toEqual(content);
    const [first, ...later] = server.requests.map(({ headers }) => headers);
    expect(first?.range).toBeUndefined();
    const ranges = later.flatMap(({ range }) => (range === undefined ? [] : [range]));
    expect(ranges.length).toBeGreaterThanOrEqual(3);
    const begins = ranges.map((range) => Number(/^bytes=(\d+)-$/.exec(range)?.[1]));
    expect(begins).toEqual(begins.toSorted((a, b) => a - b));
    for (const { range, 'if-range': ifRange } of later) expect(ifRange).toBe(range && etag);
  });

  it('begins anew where a source does not go on in the middle', async () => {
    const cut = { content, etag, cutAfter: 90_000 };
    const ignorant = { content, etag, ignoreRange: true };
    await using server = (await FileServer.start()).on('/model', cut, ignorant);
    await using pulls = await TestPulls.start();
    const progress = new HeardProgress();
    await pulls.pull(wanted(content, server.url('/model')), progress);
    expect(await pulls.read()).toEqual(content);
    expect(progress.notes).toEqual([expect.stringContaining('begins anew')]);
  });

  it('begins anew where a source says nothing by which its file could be known again', async () => {
    await using server = (await FileServer.start()).on('/model', { content, cutAfter: 90_000 }, { content });
    await using pulls = await TestPulls.start();
    await pulls.pull(wanted(content, server.url('/model')));
    expect(await pulls.read()).toEqual(content);
  });

  it('takes the new file as a whole when it changed in between', async () => {
    const before = { content: other, etag: '"old"', cutAfter: 90_000 };
    await using server = (await FileServer.start())
      .on('/polite', before, { content, etag })
      .on('/rude', before, { content, etag, ignoreIfRange: true });
    for (const path of ['/polite', '/rude']) {
      await using pulls = await TestPulls.start();
      await pulls.pull(wanted(content, server.url(path)));
      expect(await pulls.read()).toEqual(content);
    }
    expect(server.rangesOf('/polite')).toHaveLength(2);
  });

  it('is tried again when its source stalls, and given up when that goes on', async () => {
    const stalled = { content, etag, stallAfter: 90_000 };
    const dead = { content, etag, stallAfter: 0 };
    await using server = (await FileServer.start())
      .on('/once', stalled, { content, etag })
      .on('/always', dead);
    await using pulls = await TestPulls.start({ times: { stallMs: 100, firstPauseMs: 1 } });
    const hopeless = pulls.pull(wanted(content, server.url('/always')));
    await expect(hopeless).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/nothing came for 0.1 s, 5 times/),
    });
    expect(server.rangesOf('/always')).toHaveLength(5);
    await pulls.pull(wanted(content, server.url('/once')));
    expect(await pulls.read()).toEqual(content);
  });

  it('waits as long as a busy source says', async () => {
    await using server = (await FileServer.start()).on(
      '/model',
      status(503, { 'retry-after': '0' }),
      status(429),
      { content, etag },
    );
    await using pulls = await TestPulls.start();
    await pulls.pull(wanted(content, server.url('/model')));
    expect(server.requests).toHaveLength(3);
  });

  it('that was cancelled leaves its beginning, and goes on there the next time', async () => {
    await using server = (await FileServer.start()).on(
      '/model',
      { content, etag, stallAfter: 200_000 },
      {
        content,
        etag,
      },
    );
    await using pulls = await TestPulls.start({ times: { stallMs: 30_000, firstPauseMs: 1 } });
    const progress = new HeardProgress(
      (done, { abort }) => done >= 200_000 && abort.abort(new Error('stop')),
    );
    await expect(pulls.pull(wanted(content, server.url('/model')), progress)).rejects.toThrow('stop');
    expect(await pulls.files()).toEqual(['model.gguf.part', 'model.gguf.part.json']);
    await pulls.pull(wanted(content, server.url('/model')));
    expect(server.rangesOf('/model')).toEqual([undefined, 'bytes=200000-']);
    expect(await pulls.read()).toEqual(content);
  });

  it('whose beginning was spoilt is fetched as a whole once more', async () => {
    await using server = (await FileServer.start()).on('/model', { content, etag });
    await using pulls = await TestPulls.start();
    await pulls.pull(wanted(bytesOf(1), server.url('/nowhere'))).catch(() => undefined);
    const part = join(pulls.folder, 'model.gguf.part');
    await writeFile(part, bytesOf(1000, 9));
    const state = { source: server.url('/model'), validator: etag, totalBytes: content.length };
    await writeFile(`${part}.json`, JSON.stringify(state));
    const progress = new HeardProgress();
    await pulls.pull(wanted(content, server.url('/model')), progress);
    expect(await pulls.read()).toEqual(content);
    expect(server.rangesOf('/model')).toEqual(['bytes=1000-', undefined]);
    expect(progress.notes).toEqual([expect.stringContaining('does not fit')]);
  });

  it('is not fetched twice by two who want it at the same time', async () => {
    await using server = (await FileServer.start()).on('/model', { content, etag });
    await using pulls = await TestPulls.start();
    const file = wanted(content, server.url('/model'));
    const progress = [new HeardProgress(), new HeardProgress()];
    const [first, second] = await Promise.all(progress.map((heard) => pulls.pull(file, heard)));
    expect(first).toEqual(second);
    expect(server.requests).toHaveLength(1);
    expect(progress.flatMap(({ notes }) => notes)).toEqual([expect.stringContaining('waiting for it')]);
  });

  it('does not trust a file that was changed after it was verified', async () => {
    await using server = (await FileServer.start()).on('/model', { content, etag });
    await using pulls = await TestPulls.start();
    const file = wanted(content, server.url('/model'));
    await pulls.pull(file);
    const spoilt = Buffer.from(content);
    spoilt[0] = 255 - (spoilt[0] ?? 0);
    await writeFile(join(pulls.folder, 'model.gguf'), spoilt);
    await pulls.pull(file);
    expect(await readFile(join(pulls.folder, 'model.gguf'))).toEqual(content);
    await appendFile(join(pulls.folder, 'model.gguf'), 'x');
    expect(await pulls.parts.cache.find(file, new AbortController().signal)).toBeUndefined();
  });
});
