import { once } from 'node:events';
import { connect } from 'node:net';

/** Version 3.0 of PostgreSQL's protocol. */
const protocolVersion = 196_608;

/** An authentication request: what a server answers that lets clients in. */
const authentication = 'R';

/**
 * Asks a PostgreSQL on this machine for a session and hangs up. Enough to see a server come up without a client library.
 * @throws Error with the server's own text when it refuses, such as while it starts, or when nobody listens.
 */
export async function askPostgres(port: number, user: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(2_000, () => socket.destroy(new Error(`PostgreSQL at port ${port} does not answer`)));
  try {
    await once(socket, 'connect');
    socket.write(startupMessage(user));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    if (answer.toString('latin1', 0, 1) !== authentication) throw new Error(answer.toString());
  } finally {
    socket.destroy();
  }
}

/** Its own length, the version, and pairs of names and values that end with an empty one. */
function startupMessage(user: string): Buffer {
  const body = Buffer.from(`\0\0\0\0\0\0\0\0user\0${user}\0\0`);
  body.writeInt32BE(body.length, 0);
  body.writeInt32BE(protocolVersion, 4);
  return body;
}
