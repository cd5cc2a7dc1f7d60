/** Families whose models have the architecture of another one in their files. */
const sameAs: Readonly<Record<string, readonly string[]>> = {
  mistral: ['llama', 'mistral3'],
  mixtral: ['llama'],
  vicuna: ['llama'],
  tinyllama: ['llama'],
  smollm: ['llama', 'smollm3'],
  smollm2: ['llama'],
  yi: ['llama'],
  'gpt-oss': ['gpt-oss'],
};

/**
 * Whether a file's architecture belongs to the family that a document names: `qwen` has `qwen2`, `qwen3moe` and so
 * on; `mistral` has `llama`, as its files say.
 */
export function isOfFamily(family: string, architecture: string): boolean {
  const wanted = plain(family);
  const found = plain(architecture);
  if (found === wanted || (sameAs[family.toLowerCase()] ?? []).includes(architecture)) return true;
  // A generation, or a kind of it, follows the family's name.
  return found.startsWith(wanted) && /^(\d|moe|vl|next|text|embedding)/.test(found.slice(wanted.length));
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}
