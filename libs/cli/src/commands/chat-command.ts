import { homedir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { findFleet } from '../api/fleet-access.ts';
import type { FleetOptions } from '../api/fleet-access.ts';
import { withFleetOptions } from '../api/fleet-options.ts';
import { PipeScreen } from '../chat/chat-screen.ts';
import type { ChatOptions } from '../chat/chat.ts';
import { ChatHistory } from '../chat/history.ts';
import type { CliContext } from '../cli-context.ts';

interface Options extends FleetOptions {
  readonly model: string;
  readonly assistant?: string;
  readonly json?: boolean;
}

/** `parley chat` */
export function chatCommand(context: CliContext): Command {
  return withFleetOptions(new Command('chat'))
    .description('A chat in the terminal; in a pipe each line is a message and only the answers are printed.')
    .option('-m, --model <name>', 'a model or an alias', 'default')
    .addOption(new Option('-a, --assistant <name>', 'an assistant, instead of a model').conflicts('model'))
    .option('--json', 'one line of JSON for each answer')
    .action(async (options: Options) => chat(options, context));
}

async function chat({ model, assistant, json, ...fleet }: Options, { output }: CliContext): Promise<void> {
  const access = findFleet(fleet);
  // The official client takes a quarter of a second to load, which no other command should wait for.
  const { chatOnTerminal, chatOverPipe } = await import('../chat/chat.ts');
  const options: ChatOptions = {
    access,
    model: assistant === undefined ? model : `assistant:${assistant}`,
    signals: process,
  };
  if (process.stdin.isTTY && process.stdout.isTTY && json !== true) {
    const folder = access.data ?? homedir();
    const history = new ChatHistory(
      join(folder, access.data === undefined ? '.parley_history' : 'chat-history'),
    );
    return await chatOnTerminal(options, { input: process.stdin, output: process.stdout }, history);
  }
  const write = (piece: string): void => void process.stdout.write(piece);
  const screen = new PipeScreen(json === true ? () => undefined : write, output.err);
  const onAnswer = (answer: object): void => (json === true ? output.out(JSON.stringify(answer)) : undefined);
  await chatOverPipe({ ...options, screen, onAnswer }, process.stdin);
}
