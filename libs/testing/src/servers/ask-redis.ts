import { once } from 'node:events';
import { connect } from 'node:net';

/**
 * Sends one inline command to a Redis on this machine and gives the text of its answer. Enough to see a server come up
 * and to form a cluster without a client library.
 * @throws Error with the server's own text when it refuses, or when nobody listens.
 */
export async function askRedis(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(2_000, () => socket.destroy(new Error(`Redis at port ${port} does not answer`)));
  try {
    await once(socket, 'connect');
    socket.write(`${command}\r\n`);
    let text = '';
    for await (const chunk of socket) {
      text += String(chunk);
      const answer = answerOf(text);
      if (answer !== undefined) return answer;
    }
    throw new Error(`Redis at port ${port} closed the connection`);
  } finally {
    socket.destroy();
  }
}

/** The first answer in `text`; undefined while it is not whole. */
function answerOf(text: string): string | undefined {
  const end = text.indexOf('\r\n');
  if (end < 0) return undefined;
  const line = text.slice(1, end);
  if (text.startsWith('-')) throw new Error(line);
  if (!text.startsWith('$')) return line;
  const body = text.slice(end + 2);
  return Buffer.byteLength(body) >= Number(line) + 2 ? body.slice(0, -2) : undefined;
}
