import { readFileSync } from 'node:fs';

/** Whom a program can run as. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Who runs a server that refuses to run as root; undefined when this process is not root itself. */
export function unprivilegedUser(): User | undefined {
  return process.getuid?.() === 0 ? userIn(readFileSync('/etc/passwd', 'utf8')) : undefined;
}

/** The user to take of those in the text of `/etc/passwd`: `name:password:uid:gid:…` each. */
export function userIn(passwd: string): User | undefined {
  const users = passwd.split('\n').map((line) => line.split(':'));
  const found = ['postgres', 'nobody'].map((wanted) => users.find(([name]) => name === wanted));
  const [, , uid, gid] = found.find((user) => user !== undefined) ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}
