import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readConfigFolder } from '../../../src/adapters/outbound/config-folder.ts';
import { heldOutText } from '../../../src/adapters/outbound/quantise/held-out-text.ts';
import type { Question } from '../../../src/domain/quantise/evaluation.ts';
import { bundledModelFile } from '../bundled-model.ts';

const shipped = join(import.meta.dirname, '../../../../../config');

/** Every n-th question of the bundled model's own evaluation. */
async function someQuestions(every: number): Promise<readonly Question[]> {
  const { evaluations } = await readConfigFolder({ configDir: shipped, cacheDir: '' });
  const { questions } = evaluations.get('parley-tiny') ?? { questions: [] };
  return questions.filter((_, at) => at % every === 0);
}

/** A simulated model that is ready at once, the bundled one as `tiny`, others that no test loads, and what they are measured by. */
export async function configureQuantising(
  folder: string,
  others: Readonly<Record<string, string>>,
): Promise<string> {
  const models = join(folder, 'config/models');
  await mkdir(models, { recursive: true });
  const write = (name: string, kind: string, spec: object): Promise<void> =>
    writeFile(
      join(models, `${name}.yaml`),
      JSON.stringify({ apiVersion: 'parley/v1', kind, metadata: { name, version: '1.0.0' }, spec }),
    );
  await write('sim', 'Model', {
    engine: 'simulated',
    aliases: ['default'],
    context: { tokens: 512, slots: 4 },
  });
  const never = { load: { when: 'never' }, terms: { license: 'MIT' } };
  const context = { tokens: 1024, slots: 2 };
  const profile = { sampling: { temperature: 0 } };
  await write('tiny', 'Model', { ...never, path: bundledModelFile, aliases: ['small'], context, profile });
  for (const [name, path] of Object.entries(others)) await write(name, 'Model', { ...never, path, context });
  const questions = (await someQuestions(20)).map(({ messages, expect, maxTokens }) => ({
    messages,
    maxTokens,
    ...expect,
  }));
  await write('measures', 'ModelEvaluation', { models: ['tiny'], questions });
  const text = heldOutText.slice(0, 700);
  await write('text', 'ModelEvaluation', { models: ['smol'], text });
  return join(folder, 'config');
}
