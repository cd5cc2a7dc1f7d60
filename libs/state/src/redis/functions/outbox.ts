/**
 * The outbox of a slot. An event of another slot's key waits in \`transfers\`, in the same atomic step, until it is
 * brought over: it counts as part of this slot's outbox till then.
 */
export const outboxLua = `
-- What a row takes beside its data: ids, names and indices, rounded up.
local rowBytes = 512

local function addToTotals(totals, count, bytes)
  redis.call('HINCRBY', totals, 'count', count)
  redis.call('HINCRBY', totals, 'bytes', bytes)
end

-- Numbers an event within its key and puts it at the end of the slot's outbox.
local function putEvent(k, event, at)
  local sequence = redis.call('HINCRBY', k.sequences, event.key, 1) - 1
  local position = redis.call('HINCRBY', k.totals, 'position', 1)
  redis.call('XADD', k.outbox, '1-' .. position, 'm', event.meta, 'd', event.data, 's', sequence, 'a', at)
  addToTotals(k.totals, 1, rowBytes + #event.data)
end

local function putTransfer(k, event, at)
  local number = redis.call('HINCRBY', k.totals, 'transfer', 1)
  redis.call('XADD', k.transfers, '1-' .. number,
    't', event.target, 'k', event.key, 'm', event.meta, 'd', event.data, 'a', at)
  addToTotals(k.totals, 1, rowBytes + #event.data)
end

local function takeEvents(take)
  local events = {}
  for _ = 1, tonumber(take()) do
    events[#events + 1] = { target = take(), key = take(), meta = take(), data = take() }
  end
  return events
end

local function putEvents(k, events)
  if #events == 0 then return end
  local at = now()
  for _, event in ipairs(events) do
    if event.target == '' then putEvent(k, event, at) else putTransfer(k, event, at) end
  end
end

-- KEYS sequences; ARGV key. The next number of a key, from 0.
writing('next_number', function(keys, args)
  return redis.call('HINCRBY', keys[1], args[1], 1) - 1
end)

-- KEYS outbox, transfers; ARGV after, most. How many transfers wait here, and the oldest events after a position.
reading('pending', function(keys, args)
  local first = args[1] == '0' and '-' or '(1-' .. args[1]
  return { redis.call('XLEN', keys[2]), redis.call('XRANGE', keys[1], first, '+', 'COUNT', args[2]) }
end)

-- KEYS outbox, totals, lease; ARGV fence, then position and data bytes of each event.
writing('remove', function(keys, args)
  if redis.call('HGET', keys[3], 'fence') ~= args[1] then return 0 end
  local removed = 0
  for at = 2, #args, 2 do
    if redis.call('XDEL', keys[1], '1-' .. args[at]) == 1 then
      removed = removed + 1
      addToTotals(keys[2], -1, -(rowBytes + tonumber(args[at + 1])))
    end
  end
  return removed
end)

-- KEYS totals, outbox, transfers. Count, bytes, and the age of the oldest in milliseconds.
reading('outbox_stats', function(keys)
  local totals = redis.call('HMGET', keys[1], 'count', 'bytes')
  local count = tonumber(totals[1] or 0)
  if count == 0 then return { 0, 0, 0 } end
  local time = now()
  local oldest = time
  for at = 2, 3 do
    for _, entry in ipairs(redis.call('XRANGE', keys[at], '-', '+', 'COUNT', 1)) do
      oldest = math.min(oldest, tonumber(entry[2][#entry[2]]))
    end
  end
  return { count, tonumber(totals[2]), math.max(0, time - oldest) }
end)

-- KEYS transfers, fence; ARGV most. The epoch that the transfers' numbers belong to, and the oldest transfers.
reading('transfers', function(keys, args)
  return {
    redis.call('HGET', keys[2], 'epoch'),
    redis.call('XRANGE', keys[1], '-', '+', 'COUNT', args[1]),
  }
end)

-- KEYS sequences, outbox, totals, received; ARGV origin, then number, time, key, meta, data of each event, in order.
-- Numbers up to the last one taken from that origin are left out: bringing events twice puts them in once.
writing('receive', function(keys, args)
  local k = { sequences = keys[1], outbox = keys[2], totals = keys[3] }
  local last = tonumber(redis.call('HGET', keys[4], args[1]) or 0)
  for at = 2, #args, 5 do
    local number = tonumber(args[at])
    if number > last then
      putEvent(k, { key = args[at + 2], meta = args[at + 3], data = args[at + 4] }, args[at + 1])
      last = number
    end
  end
  redis.call('HSET', keys[4], args[1], last)
  return 1
end)

-- KEYS transfers, totals; ARGV number and data bytes of each.
writing('transferred', function(keys, args)
  for at = 1, #args, 2 do
    if redis.call('XDEL', keys[1], '1-' .. args[at]) == 1 then
      addToTotals(keys[2], -1, -(rowBytes + tonumber(args[at + 1])))
    end
  end
  return 1
end)
`;
