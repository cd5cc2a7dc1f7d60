/** Turns: their start, their end, and who owns them. A call that is sent twice answers twice and acts once. */
export const turnsLua = `
-- What TypeScript's turnKeys gives, in its order.
local function slotOf(keys)
  return {
    fence = keys[1], running = keys[2], stored = keys[3], unstored = keys[4], logged = keys[5],
    outbox = keys[6], totals = keys[7], sequences = keys[8], transfers = keys[9],
    turn = keys[10], log = keys[11],
  }
end

local function endedIndex(k, stored)
  return stored == '1' and k.stored or k.unstored
end

local function isOwned(state, fence)
  return state[1] == fence and not state[2]
end

-- ARGV id, stamp, tenant, stored, owner, created, document, entries, events.
writing('accept', function(keys, args)
  local k, take = slotOf(keys), taker(args)
  local id, stamp = take(), take()
  local kept = redis.call('HMGET', k.turn, 'accepted', 'fence')
  if kept[1] then return kept[1] == stamp and { 'ok', kept[2] } or { 'exists' } end
  local tenant, stored, owner, created, document = take(), take(), take(), take(), take()
  local entries, last = missingOf(k.log, takeEntries(take), -1)
  if not entries then return { 'taken' } end
  local events = takeEvents(take)
  local fence = nextFence(k.fence, stamp)
  redis.call('HSET', k.turn, 'tenant', tenant, 'stored', stored, 'owner', owner, 'created', created,
    'document', document, 'fence', fence, 'accepted', stamp, 'last', last)
  redis.call('ZADD', k.running, created, id)
  putEntries(k.log, entries)
  putEvents(k, events)
  return { 'ok', fence }
end)

-- ARGV id, fence, entries.
writing('append', function(keys, args)
  local k, take = slotOf(keys), taker(args)
  local _, fence = take(), take()
  local state = redis.call('HMGET', k.turn, 'fence', 'ended', 'last')
  if not isOwned(state, fence) then return { 'stale' } end
  local entries, last = missingOf(k.log, takeEntries(take), tonumber(state[3]))
  if not entries then return { 'taken' } end
  putEntries(k.log, entries)
  redis.call('HSET', k.turn, 'last', last)
  return { 'ok' }
end)

-- ARGV id, fence, stamp, document, ended, entries, events.
writing('commit', function(keys, args)
  local k, take = slotOf(keys), taker(args)
  local id, fence, stamp = take(), take(), take()
  local state = redis.call('HMGET', k.turn, 'fence', 'ended', 'last', 'stored', 'stamp')
  if state[5] == stamp then return { 'ok' } end
  if not isOwned(state, fence) then return { 'stale' } end
  local document, ended = take(), take()
  local entries, last = missingOf(k.log, takeEntries(take), tonumber(state[3]))
  if not entries then return { 'taken' } end
  putEntries(k.log, entries)
  putEvents(k, takeEvents(take))
  redis.call('HSET', k.turn, 'document', document, 'ended', ended, 'last', last, 'stamp', stamp)
  redis.call('ZREM', k.running, id)
  redis.call('ZADD', endedIndex(k, state[4]), ended, id)
  if last >= 0 then redis.call('ZADD', k.logged, ended, id) end
  return { 'ok' }
end)

-- ARGV id, fence, stamp, owner.
writing('take_over', function(keys, args)
  local k = slotOf(keys)
  local state = redis.call('HMGET', k.turn, 'fence', 'ended', 'stamp')
  if state[3] == args[3] then return state[1] end
  if not isOwned(state, args[2]) then return false end
  local fence = nextFence(k.fence, args[3])
  redis.call('HSET', k.turn, 'owner', args[4], 'fence', fence, 'stamp', args[3])
  return fence
end)

-- The numbering of events keyed by the turn itself goes with it: no event of it can follow.
local function removeTurn(k, id)
  redis.call('UNLINK', k.turn, k.log)
  redis.call('HDEL', k.sequences, id)
  redis.call('ZREM', k.logged, id)
end

-- ARGV id, events.
writing('delete', function(keys, args)
  local k, take = slotOf(keys), taker(args)
  local id = take()
  local state = redis.call('HMGET', k.turn, 'stored', 'ended')
  if state[1] ~= '1' or not state[2] then return 0 end
  putEvents(k, takeEvents(take))
  removeTurn(k, id)
  redis.call('ZREM', k.stored, id)
  return 1
end)

-- ARGV id, stamp, tenant, document, created, ended. An ended, stored turn that the store has lost.
writing('rebuild_turn', function(keys, args)
  local k, take = slotOf(keys), taker(args)
  local id, stamp, tenant, document, created, ended = take(), take(), take(), take(), take(), take()
  if redis.call('EXISTS', k.turn) == 1 then return 0 end
  redis.call('HSET', k.turn, 'tenant', tenant, 'stored', '1', 'owner', '', 'created', created,
    'document', document, 'fence', nextFence(k.fence, stamp), 'accepted', stamp, 'last', -1, 'ended', ended)
  redis.call('ZADD', k.stored, ended, id)
  return 1
end)

-- KEYS an index of ended turns; ARGV ended before. How many there are.
reading('count_ended', function(keys, args)
  return redis.call('ZCOUNT', keys[1], '-inf', '(' .. args[1])
end)

-- KEYS index of the ended turns, logged, sequences; ARGV ended before, most, beginnings of the keys of turns and logs.
writing('expire_turns', function(keys, args)
  local ids = redis.call('ZRANGEBYSCORE', keys[1], '-inf', '(' .. args[1], 'LIMIT', 0, args[2])
  for _, id in ipairs(ids) do
    removeTurn({ turn = args[3] .. id, log = args[4] .. id, logged = keys[2], sequences = keys[3] }, id)
    redis.call('ZREM', keys[1], id)
  end
  return #ids
end)

-- KEYS running; ARGV beginning of the turns' keys. Whose turns run.
reading('running_owners', function(keys, args)
  local owners, seen = {}, {}
  for _, id in ipairs(redis.call('ZRANGE', keys[1], 0, -1)) do
    local owner = redis.call('HGET', args[1] .. id, 'owner')
    if owner and not seen[owner] then
      seen[owner] = true
      owners[#owners + 1] = owner
    end
  end
  return owners
end)

-- KEYS running; ARGV beginning of the turns' keys, owner, created before. The ids of that owner's turns.
reading('running_of', function(keys, args)
  local found = {}
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', keys[1], '-inf', '(' .. args[3])) do
    if redis.call('HGET', args[1] .. id, 'owner') == args[2] then found[#found + 1] = id end
  end
  return found
end)

-- KEYS running; ARGV most, beginning of the turns' keys, fields to give, owners. The oldest turns of these owners.
reading('turns_of', function(keys, args)
  local fields, wanted, found = {}, {}, {}
  for field in string.gmatch(args[3], '%S+') do fields[#fields + 1] = field end
  for _, owner in ipairs(from(args, 4)) do wanted[owner] = true end
  for _, id in ipairs(redis.call('ZRANGE', keys[1], 0, -1)) do
    if #found >= tonumber(args[1]) then break end
    local key = args[2] .. id
    if wanted[redis.call('HGET', key, 'owner')] then
      found[#found + 1] = { id, redis.call('HMGET', key, unpack(fields)) }
    end
  end
  return found
end)
`;
