/** Logs of turns: streams whose ids are \`1-<sequence>\`. */
export const turnLogLua = `
local function takeEntries(take)
  local entries = {}
  for _ = 1, tonumber(take()) do
    entries[#entries + 1] = { sequence = tonumber(take()), body = take() }
  end
  return entries
end

local function putEntries(log, entries)
  for _, entry in ipairs(entries) do redis.call('XADD', log, '1-' .. entry.sequence, 'b', entry.body) end
end

-- Whether the log has the first so many of these entries exactly.
local function areThere(log, entries, count)
  local kept = redis.call('XRANGE', log, '1-' .. entries[1].sequence, '1-' .. entries[count].sequence)
  if #kept ~= count then return false end
  for at, entry in ipairs(kept) do
    if entry[1] ~= '1-' .. entries[at].sequence or entry[2][2] ~= entries[at].body then return false end
  end
  return true
end

-- What the log lacks of these entries, and its last number with them; nothing when they contradict it. The first may be
-- there: their call came twice, or it was done and its caller, who never knew, sends them again with more.
local function missingOf(log, entries, last)
  local there = 0
  while entries[there + 1] and entries[there + 1].sequence <= last do there = there + 1 end
  if there > 0 and not areThere(log, entries, there) then return nil end
  local missing = {}
  for at = there + 1, #entries do
    if entries[at].sequence <= last then return nil end
    last = entries[at].sequence
    missing[#missing + 1] = entries[at]
  end
  return missing, last
end

-- KEYS turn, log; ARGV after, most. Whether the turn runs, then number and body of each entry.
reading('read_log', function(keys, args)
  local state = redis.call('HMGET', keys[1], 'fence', 'ended')
  local found = { (state[1] and not state[2]) and 1 or 0 }
  local first = args[1] == '-1' and '-' or '(1-' .. args[1]
  for _, entry in ipairs(redis.call('XRANGE', keys[2], first, '+', 'COUNT', args[2])) do
    found[#found + 1] = string.sub(entry[1], 3)
    found[#found + 1] = entry[2][2]
  end
  return found
end)

-- KEYS logged; ARGV ended before, most, beginning of the logs' keys.
writing('expire_logs', function(keys, args)
  local ids = redis.call('ZRANGEBYSCORE', keys[1], '-inf', '(' .. args[1], 'LIMIT', 0, args[2])
  for _, id in ipairs(ids) do
    redis.call('UNLINK', args[3] .. id)
    redis.call('ZREM', keys[1], id)
  end
  return #ids
end)
`;
