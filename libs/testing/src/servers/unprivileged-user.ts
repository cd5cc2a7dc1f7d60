import { readFileSync } from 'node:fs';

/** Whom a program can run as. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Who runs a server that refuses to run as root: undefined when this process is not root itself. */
export function unprivilegedUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  return userIn(users, 'postgres') ?? userIn(users, 'nobody');
}

/** A user in the lines of `/etc/passwd`: `name:password:uid:gid:…`. */
function userIn(lines: readonly string[], name: string): User | undefined {
  const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}
