import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';

const modelConfig = z.object({ architectures: z.array(z.string()).optional() });

/** What lies in a folder that has no GGUF file, in one or two sentences that say what can be done. */
export async function foreignWeights(folder: string, names: readonly string[]): Promise<string> {
  const safetensors = names.filter((name) => name.endsWith('.safetensors'));
  if (safetensors.length > 0) {
    return (
      `it holds safetensors${await architectureOf(folder)} in ${safetensors.length} ` +
      `file${safetensors.length === 1 ? '' : 's'}, the form that models are trained and published in. Convert it with: ` +
      `parley models convert ${basename(folder)} (PARLEY_MODEL_CONVERT=true has the first load do it), or ${byServer}`
    );
  }
  if (names.some((name) => /^(pytorch_model.*\.bin|.*\.(pth|pt))$/.test(name))) {
    return `it holds PyTorch weights. Take its safetensors, or ${byServer}`;
  }
  if (names.some((name) => name.endsWith('.onnx'))) return 'it holds an ONNX model: set engine: onnx.';
  return names.length === 0 ? 'it is empty.' : 'it holds no GGUF file.';
}

const byServer = 'let a server such as vLLM run it and describe that with engine: openai.';

/** ` of LlamaForCausalLM`, where the folder says so. */
async function architectureOf(folder: string): Promise<string> {
  try {
    const config = modelConfig.parse(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')));
    const [first] = config.architectures ?? [];
    return first === undefined ? '' : ` of ${first.slice(0, 64)}`;
  } catch {
    return '';
  }
}
