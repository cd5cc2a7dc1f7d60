import { describe, expect, it } from 'vitest';
import { conversionFault } from './conversion-fault.ts';

const conversion = {
  release: 'v1',
  cacheFolder: '/cache',
  folder: {
    path: '/models/mine',
    name: 'mine',
    architecture: 'DeepseekV3ForCausalLM',
    resultBytes: 1,
    shards: ['a.safetensors'],
    files: ['a.safetensors'],
  },
};
const end = (stdout: string, stderr = '') =>
  conversionFault({ code: 0, how: 'ended with exit code 0', stdout, stderr }, conversion);

describe('what a converter says in its last line', () => {
  it('may be that all went well, whatever libraries printed before', () => {
    expect(end('a warning\n{"done": true}\n')).toBeUndefined();
  });

  it.each([
    [
      'architecture',
      'OddForCausalLM',
      'unsupported',
      'llama.cpp v1 does not know the architecture OddForCausalLM of mine.',
    ],
    ['tokenizer', 'NotImplementedError: …', 'unsupported', 'say how this one does with --pre-tokenizer'],
    [
      'lacking',
      'torch.nn',
      'unsupported',
      'mine (DeepseekV3ForCausalLM) needs PyTorch itself (torch.nn). .*PARLEY_CONVERT_PYTHON',
    ],
    ['other', 'ValueError: no', 'engine_failed', 'mine could not be converted: ValueError: no'],
    ['system', 'OSError: [Errno 5]', 'engine_failed', 'mine could not be converted: OSError'],
  ])('%s', (fault, message, code, text) => {
    const found = end(JSON.stringify({ fault, message, errno: 5 }));
    expect(found).toMatchObject({
      code,
      message: expect.stringMatching(new RegExp(text.replaceAll(/[()]/g, '\\$&'), 'i')),
    });
  });

  it('a full disk is a fault of the cache', () => {
    const found = end('{"fault":"system","message":"OSError","errno":28}');
    expect(found).toMatchObject({
      code: 'unavailable',
      message: 'The model cache /cache cannot be written: the disk is full.',
    });
  });

  it('that it says nothing is told with its last words', () => {
    const found = end('', 'Traceback\nMemoryError');
    expect(found?.message).toBe('The process that converts mine ended with exit code 0: MemoryError.');
  });
});
