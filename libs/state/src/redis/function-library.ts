import { createHash } from 'node:crypto';
import { commonLua } from './functions/common.ts';
import { controlLua } from './functions/control.ts';
import { idempotencyLua } from './functions/idempotency.ts';
import { jobsLua } from './functions/jobs.ts';
import { membersLua } from './functions/members.ts';
import { outboxLua } from './functions/outbox.ts';
import { ownershipLua } from './functions/ownership.ts';
import { turnLogLua } from './functions/turn-log.ts';
import { turnsLua } from './functions/turns.ts';

/** Grows when the layout of the keys changes. */
const layout = 1;

/** Registers functions by short names; `PREFIX` makes them unique on the server, whose functions share one space. */
const registrationLua = `
local callbacks = {}

local function writing(name, callback)
  callbacks[name] = callback
  redis.register_function{ function_name = 'PREFIX_' .. name, callback = callback }
end

local function reading(name, callback)
  callbacks[name] = callback
  redis.register_function{ function_name = 'PREFIX_' .. name, callback = callback, flags = { 'no-writes' } }
end

-- Runs one function several times: for a single server, where keys of several slots may meet. ARGV name, then for each
-- run the numbers of its keys and arguments, and the arguments.
local function each(keys, args)
  local callback, replies = callbacks[args[1]], {}
  local key, arg = 0, 1
  while arg < #args do
    local own, keyCount, argCount = { keys = {}, args = {} }, tonumber(args[arg + 1]), tonumber(args[arg + 2])
    for at = 1, keyCount do own.keys[at] = keys[key + at] end
    for at = 1, argCount do own.args[at] = args[arg + 2 + at] end
    key, arg = key + keyCount, arg + 2 + argCount
    replies[#replies + 1] = callback(own.keys, own.args)
  end
  return replies
end

writing('write_each', each)
reading('read_each', each)
`;

const body = [
  registrationLua,
  commonLua,
  turnLogLua,
  outboxLua,
  turnsLua,
  ownershipLua,
  controlLua,
  membersLua,
  idempotencyLua,
  jobsLua,
].join('\n');

/**
 * The library's name: the layout it works on and a digest of its text. So the libraries of two releases lie beside
 * each other on one server while the fleet is updated.
 */
const name = `parley_state_${layout}_${createHash('sha256').update(body).digest('hex').slice(0, 12)}`;

/** The functions of the state store, as `FUNCTION LOAD` wants them. */
export const functionLibrary = {
  name,
  text: `#!lua name=${name}\n${body.replaceAll('PREFIX', name)}`,
  /** What `FCALL` calls a function. */
  functionName: (short: string): string => `${name}_${short}`,
} as const;
