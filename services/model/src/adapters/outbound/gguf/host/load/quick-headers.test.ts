import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readGgufFileInfo } from 'node-llama-cpp';
import { quickHeaders } from './quick-headers.ts';

const bundled = fileURLToPath(
  new URL('../../../../../../../../libs/tiny-model/model/parley-tiny.gguf', import.meta.url),
);

it('tells node-llama-cpp about a file what it would have read itself, but for the values of long lists', async () => {
  const own = await readGgufFileInfo(bundled, { sourceType: 'filesystem' });
  await quickHeaders();
  const quick = await readGgufFileInfo(bundled, { sourceType: 'filesystem' });

  const { ggml } = own.metadata.tokenizer;
  const { tokens, merges } = quick.metadata.tokenizer.ggml;
  expect(tokens).toHaveLength(ggml.tokens.length);
  expect(merges).toHaveLength(ggml.merges?.length ?? 0);
  expect(tokens[0]).toBeUndefined();
  expect(withoutTexts(quick)).toEqual(withoutTexts(own));
});

function withoutTexts(info: object): unknown {
  return JSON.parse(
    JSON.stringify(info, (_, value: unknown) =>
      Array.isArray(value) &&
      value.every((entry) => typeof entry !== 'object' || entry === null) &&
      value.length > 8
        ? value.length
        : value,
    ),
  );
}
