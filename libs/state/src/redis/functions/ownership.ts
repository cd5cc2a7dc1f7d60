/** Owners and leases: who is alive, and who may do what only one may do. */
export const ownershipLua = `
-- KEYS owners; ARGV owner, ttl. All that live now.
writing('renew_owner', function(keys, args)
  local time = now()
  redis.call('ZREMRANGEBYSCORE', keys[1], '-inf', time)
  redis.call('ZADD', keys[1], time + tonumber(args[2]), args[1])
  return redis.call('ZRANGE', keys[1], 0, -1)
end)

-- KEYS owners; ARGV owner.
writing('release_owner', function(keys, args)
  return redis.call('ZREM', keys[1], args[1])
end)

-- KEYS owners.
reading('living_owners', function(keys)
  return redis.call('ZRANGEBYSCORE', keys[1], '(' .. now(), '+inf')
end)

-- A lease that nobody came back for goes this long after its expiry. Till then its last holder may still finish.
local forgottenAfterMs = 3600000

-- KEYS fence, leases; ARGV stamp, owner, ttl. The fence of each lease; '' where another holds it.
writing('acquire', function(keys, args)
  local time, owner, ttl = now(), args[2], tonumber(args[3])
  local fences = {}
  for at = 2, #keys do
    local lease = redis.call('HMGET', keys[at], 'owner', 'fence', 'until')
    local held = lease[1] and tonumber(lease[3]) > time
    local fence = ''
    if not held then
      fence = nextFence(keys[1], args[1])
    elseif lease[1] == owner then
      fence = lease[2]
    end
    if fence ~= '' then
      redis.call('HSET', keys[at], 'owner', owner, 'fence', fence, 'until', time + ttl)
      redis.call('PEXPIRE', keys[at], ttl + forgottenAfterMs)
    end
    fences[#fences + 1] = fence
  end
  return fences
end)

-- KEYS leases; ARGV owner.
writing('release_leases', function(keys, args)
  for _, key in ipairs(keys) do
    if redis.call('HGET', key, 'owner') == args[1] then redis.call('DEL', key) end
  end
  return 1
end)
`;
