import { createInterface } from 'node:readline';
import type { EventEmitter } from 'node:events';
import { styleText } from 'node:util';
import { ParleyError } from '@parley/kernel';
import { ApiClient } from '../api/api-client.ts';
import { NoFleetError } from '../api/fleet-access.ts';
import type { FleetAccess } from '../api/fleet-access.ts';
import { CommandFailed } from '../cli-context.ts';
import { watchStopRequests } from '../stop-requests.ts';
import { runChatCommand } from './chat-commands.ts';
import { TerminalScreen } from './chat-screen.ts';
import type { ChatScreen } from './chat-screen.ts';
import { ChatSession } from './chat-session.ts';
import type { ChatAnswer } from './chat-session.ts';
import type { ChatHistory } from './history.ts';
import { ask } from './prompt.ts';
import type { PromptStreams } from './prompt.ts';

/** What a chat needs from outside. */
export interface ChatOptions {
  readonly access: FleetAccess;
  /** A model, an alias or `assistant:<name>`. */
  readonly model: string;
  /** The process; tests give their own. */
  readonly signals: EventEmitter;
}

/** A chat with a person at a terminal, until they leave. */
export async function chatOnTerminal(
  { access, model, signals }: ChatOptions,
  streams: PromptStreams,
  history: ChatHistory,
): Promise<void> {
  const session = new ChatSession(access, model);
  const api = new ApiClient(access);
  const screen = new TerminalScreen(streams.output);
  const prompt = styleText('bold', '› ', { stream: streams.output });
  screen.say(`${model} at ${access.url}. /help lists the commands, Ctrl-D leaves.\n`);
  let interrupts = 0;
  for (;;) {
    const entry = await ask(streams, prompt, history);
    if (entry.type === 'end') {
      streams.output.write('\n');
      return;
    }
    if (entry.type === 'interrupt') {
      interrupts = entry.hadText ? 0 : interrupts + 1;
      if (interrupts > 1) return;
      if (interrupts === 1) screen.note('Ctrl-C again or Ctrl-D leaves');
      continue;
    }
    interrupts = 0;
    if (entry.text === '') continue;
    history.add(entry.text);
    if (!(await takeTurn(entry.text, { session, screen, api, signals }))) return;
  }
}

interface Turn {
  readonly session: ChatSession;
  readonly screen: ChatScreen;
  readonly api: ApiClient;
  readonly signals: EventEmitter;
}

/** @returns whether the chat goes on; a fault is shown and ends nothing. */
async function takeTurn(text: string, { session, screen, api, signals }: Turn): Promise<boolean> {
  const stop = new AbortController();
  const leave = new AbortController();
  using _signals = watchStopRequests(signals, { stop: () => stop.abort(), force: () => leave.abort() });
  try {
    if (text.startsWith('/')) return await runChatCommand(text, session, screen, api);
    await session.ask(text, screen, { stop: stop.signal, leave: leave.signal });
  } catch (error) {
    if (leave.signal.aborted) return false;
    if (!(error instanceof ParleyError) && !(error instanceof NoFleetError)) throw error;
    screen.failed(error.message);
  }
  screen.end();
  return true;
}

/** How a chat writes when nobody sits before it. */
export interface PipeOptions extends ChatOptions {
  readonly screen: ChatScreen;
  /** Told of each answer. */
  readonly onAnswer: (answer: ChatAnswer) => void;
}

/**
 * Takes each line of the input as a message, until it ends.
 * @throws CommandFailed 1 when an answer failed, 130 when Ctrl-C stopped one.
 */
export async function chatOverPipe(
  { access, model, signals, screen, onAnswer }: PipeOptions,
  input: NodeJS.ReadableStream,
): Promise<void> {
  const session = new ChatSession(access, model);
  const api = new ApiClient(access);
  const stop = new AbortController();
  const leave = new AbortController();
  using _signals = watchStopRequests(signals, { stop: () => stop.abort(), force: () => leave.abort() });
  const lines = createInterface({ input, signal: AbortSignal.any([stop.signal, leave.signal]) });
  try {
    for await (const line of lines) {
      if (line.trim() === '') continue;
      if (line.startsWith('/')) {
        if (await runChatCommand(line, session, screen, api)) continue;
        return;
      }
      const answer = await session.ask(line, screen, { stop: stop.signal, leave: leave.signal });
      screen.end();
      onAnswer(answer);
      if (answer.status === 'failed') throw new CommandFailed(1);
      if (stop.signal.aborted) break;
    }
  } catch (error) {
    screen.end();
    throw leave.signal.aborted ? new CommandFailed(130) : error;
  } finally {
    lines.close();
  }
  if (stop.signal.aborted) throw new CommandFailed(130);
}
