import { resolve } from 'node:path';
import { Command } from 'commander';
import { CommandFailed } from '../cli-context.ts';
import type { CliContext } from '../cli-context.ts';
import { documentTesters } from '../service-programs.ts';
import { configOption } from '../shared-options.ts';
import { testDocuments } from '../test-documents.ts';
import type { DocumentTest } from '../test-documents.ts';

interface TestOptions {
  readonly config: string;
  readonly json?: boolean;
}

/** `parley flows` */
export function flowsCommand({ output, testers = documentTesters }: CliContext): Command {
  const test = new Command('test')
    .description('Runs the tests that documents carry; exit code 1 when one fails.')
    .argument('[files...]', 'only these documents; without them all of the config folder')
    .addOption(configOption())
    .option('--json', 'as JSON')
    .action(async (files: string[], { config, json }: TestOptions) => {
      const paths = files.map((file) => resolve(file));
      const { tests, faults } = await testDocuments(config, paths, testers);
      const ok = faults.length === 0 && tests.every((test) => test.ok);
      if (json === true) output.out(JSON.stringify({ ok, tests, faults }));
      else {
        for (const fault of faults) output.err(fault);
        output.out(testsText(tests));
      }
      if (!ok) throw new CommandFailed(1);
    });
  return new Command('flows').description('Guided conversations.').addCommand(test);
}

/** The tests under their documents, what went wrong below each that failed, then a count. */
function testsText(tests: readonly DocumentTest[]): string {
  const groups = Map.groupBy(tests, ({ file, flow }) => `${flow}  ${file}`.trim());
  const lists = [...groups].flatMap(([head, group]) => [
    head,
    ...group.flatMap(({ file, line, test, ok, detail }) => [
      `  ${ok ? '✓' : '✗'} ${test === '' ? 'the document' : test}${ok || line === 0 ? '' : `  ${file}:${line}`}`,
      ...(ok || detail === '' ? [] : detail.split('\n').map((line) => `      ${line}`)),
    ]),
  ]);
  const failed = tests.filter(({ ok }) => !ok).length;
  const count = `${tests.length} ${tests.length === 1 ? 'test' : 'tests'}${failed === 0 ? ', all passed' : `, ${failed} failed`}`;
  return [...lists, tests.length === 0 ? 'There are no tests.' : count].join('\n');
}
