/** Logs of turns: streams whose ids are \`1-<sequence>\`. */
export const turnLogLua = `
local function takeEntries(take)
  local entries = {}
  for _ = 1, tonumber(take()) do
    entries[#entries + 1] = { sequence = tonumber(take()), body = take() }
  end
  return entries
end

-- The last sequence number once these entries are written; nothing when they do not grow from the last one on.
local function lastAfter(entries, last)
  for _, entry in ipairs(entries) do
    if entry.sequence <= last then return nil end
    last = entry.sequence
  end
  return last
end

local function putEntries(log, entries)
  for _, entry in ipairs(entries) do redis.call('XADD', log, '1-' .. entry.sequence, 'b', entry.body) end
end

-- Whether the log has exactly these entries already: then this is a call that came twice.
local function areThere(log, entries)
  local first, last = entries[1].sequence, entries[#entries].sequence
  local kept = redis.call('XRANGE', log, '1-' .. first, '1-' .. last)
  if #kept ~= #entries then return false end
  for at, entry in ipairs(entries) do
    if kept[at][1] ~= '1-' .. entry.sequence or kept[at][2][2] ~= entry.body then return false end
  end
  return true
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
