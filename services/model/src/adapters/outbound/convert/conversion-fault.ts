import { ParleyError } from '@parley/kernel';
import { z } from 'zod';
import type { ShardFolder } from '../../../ports/convert/shard-folder.ts';
import { CacheFault } from '../../../ports/pull/model-cache.ts';
import { lastWords } from './run-tool.ts';
import type { ToolEnd } from './run-tool.ts';

const answerSchema = z.union([
  z.object({ done: z.literal(true) }),
  z.object({
    fault: z.enum(['architecture', 'tokenizer', 'lacking', 'system', 'other']),
    message: z.string(),
    errno: z.number().optional(),
  }),
]);

/** ENOSPC and EDQUOT, as Python tells them. */
const fullDisk = [28, 122];

/** What was being converted, by what, to where. */
interface Conversion {
  readonly folder: ShardFolder;
  readonly release: string;
  readonly cacheFolder: string;
}

/** What came of a converter's run, as an error; undefined when all went well. */
export function conversionFault(end: ToolEnd, conversion: Conversion): ParleyError | undefined {
  const answer = answerOf(end.stdout);
  const { folder, release, cacheFolder } = conversion;
  if (answer === undefined) {
    const words = lastWords(end.stderr);
    const message = `The process that converts ${folder.name} ${end.how}${words === '' ? '' : `: ${words}`}.`;
    return new ParleyError('engine_failed', message, { retryable: false });
  }
  if ('done' in answer) return undefined;
  const { fault, message, errno } = answer;
  switch (fault) {
    case 'architecture':
      return refused(
        `The converter of llama.cpp ${release} does not know the architecture ${message} of ${folder.name}. Let a server ` +
          'such as vLLM run it, and describe that with engine: openai.',
      );
    case 'tokenizer':
      return refused(
        `The converter of llama.cpp ${release} does not recognise the tokenizer of ${folder.name}: it knows them by how ` +
          'they cut a text. Say how this one does with --pre-tokenizer (pre_tokenizer), such as qwen2, llama-bpe or gpt-2, ' +
          'as the model that it was made from has it.',
      );
    case 'lacking':
      return refused(
        `Converting ${folder.name} (${folder.architecture}) needs PyTorch itself (${message}). Install torch, transformers ` +
          'and sentencepiece for a Python of yours and name it in PARLEY_CONVERT_PYTHON.',
      );
    case 'system':
      if (fullDisk.includes(errno ?? 0))
        return new CacheFault(`The model cache ${cacheFolder} cannot be written: the disk is full.`);
      break;
    case 'other':
  }
  const text = `${folder.name} could not be converted: ${message}`;
  return new ParleyError('engine_failed', text, { retryable: false });
}

function answerOf(stdout: string): z.infer<typeof answerSchema> | undefined {
  const [line = ''] = stdout.trim().split('\n').slice(-1);
  try {
    return answerSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function refused(message: string): ParleyError {
  return new ParleyError('unsupported', message, { param: 'folder' });
}
