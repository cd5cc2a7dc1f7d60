import { expect, test } from 'vitest';
import { userIn } from './unprivileged-user.ts';

const passwd = 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65533:nobody:/:/bin/false\n';

test('a server that refuses root runs as PostgreSQL’s own user, else as nobody', () => {
  expect(userIn(passwd)).toEqual({ uid: 65_534, gid: 65_533 });
  expect(userIn(`${passwd}postgres:x:101:104::/:/bin/sh\n`)).toEqual({ uid: 101, gid: 104 });
});
