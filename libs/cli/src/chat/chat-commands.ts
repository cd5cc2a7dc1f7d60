import type { ApiClient } from '../api/api-client.ts';
import type { ApiList, AssistantEntry } from '../api/api-types.ts';
import type { ChatScreen } from './chat-screen.ts';
import type { ChatSession } from './chat-session.ts';

/** The commands of a chat, as completion offers them. */
export const chatCommands = ['/model ', '/assistant ', '/models', '/new', '/help', '/quit'];

const help = [
  '/model NAME      ask another model or alias from now on; without NAME: who is asked',
  '/assistant NAME  a new conversation with an assistant; without NAME: which there are',
  '/models          which names can be asked',
  '/new             a new conversation',
  '/quit            leave; also Ctrl-D',
  'Ctrl-C stops the answer, a second one leaves. A text that is pasted with several lines is one message.',
].join('\n');

/** Does what a line with a slash asks for. @returns whether the chat goes on. */
export async function runChatCommand(
  line: string,
  session: ChatSession,
  screen: ChatScreen,
  api: ApiClient,
): Promise<boolean> {
  const [name = '', ...rest] = line.trim().split(/\s+/);
  const argument = rest.join(' ');
  switch (name) {
    case '/model':
      if (argument !== '') session.use(argument);
      screen.say(`${session.model} is asked.`);
      return true;
    case '/assistant':
      await useAssistant(argument, session, screen, api);
      return true;
    case '/models':
      screen.say((await session.names()).map((id) => `${id === session.model ? '*' : ' '} ${id}`).join('\n'));
      return true;
    case '/new':
      session.begin();
      screen.say('A new conversation.');
      return true;
    case '/help':
      screen.say(help);
      return true;
    case '/quit':
    case '/exit':
      return false;
    default:
      screen.say(`${name} is no command. /help lists them.`);
      return true;
  }
}

async function useAssistant(
  name: string,
  session: ChatSession,
  screen: ChatScreen,
  api: ApiClient,
): Promise<void> {
  if (name !== '') {
    session.use(`assistant:${name}`);
    session.begin();
    screen.say(`A new conversation with ${name}.`);
    return;
  }
  const { data } = await api.get<ApiList<AssistantEntry>>('/v1/assistants');
  const lines = data.map((assistant) => `  ${assistant.name}  ${assistant.title['en'] ?? ''}`.trimEnd());
  screen.say(lines.length === 0 ? 'There are no assistants.' : lines.join('\n'));
}
