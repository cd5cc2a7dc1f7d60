import { createInterface } from 'node:readline';
import type { ChatHistory } from './history.ts';
import { chatCommands } from './chat-commands.ts';

/** Lines that come this close together were pasted: they are one message. */
const pasteMs = 30;

/** What a person did at the prompt. */
export type Entry =
  | { readonly type: 'text'; readonly text: string }
  /** Ctrl-C; whether there was text, which is dropped. */
  | { readonly type: 'interrupt'; readonly hadText: boolean }
  /** Ctrl-D, or the input has ended. */
  | { readonly type: 'end' };

/** Where a person types. */
export interface PromptStreams {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/**
 * Asks once. Between two prompts the terminal is as any program's, so that Ctrl-C is a signal and what is typed
 * waits for the next prompt.
 */
export function ask(streams: PromptStreams, prompt: string, history: ChatHistory): Promise<Entry> {
  const { promise, resolve } = Promise.withResolvers<Entry>();
  const readline = createInterface({
    ...streams,
    prompt,
    terminal: true,
    history: history.newestFirst(),
    historySize: 1000,
    removeHistoryDuplicates: true,
    completer: (line: string) => [
      line.startsWith('/') ? chatCommands.filter((name) => name.startsWith(line)) : [],
      line,
    ],
  });
  const lines: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  readline.on('line', (line) => {
    lines.push(line);
    clearTimeout(timer);
    timer = setTimeout(() => readline.close(), pasteMs);
  });
  readline.on('SIGINT', () => {
    const hadText = readline.line !== '' || lines.length > 0;
    streams.output.write('\n');
    resolve({ type: 'interrupt', hadText });
    readline.close();
  });
  readline.on('close', () => {
    clearTimeout(timer);
    if (lines.length === 0) resolve({ type: 'end' });
    else resolve({ type: 'text', text: [...lines, readline.line].join('\n').trim() });
  });
  readline.prompt();
  return promise;
}
