/** Idempotency-Keys: a hash for each claim, which Redis itself forgets when its time is over. KEYS fence, claim. */
export const idempotencyLua = `
local function ownsClaim(keys, fence)
  return redis.call('HGET', keys[2], 'fence') == fence
end

-- ARGV stamp, fingerprint, subject, hold, keep. Fence, fingerprint, subject, held, settled; whether it is this call's.
writing('claim_key', function(keys, args)
  local time = now()
  local kept = redis.call('HMGET', keys[2], 'fence', 'fingerprint', 'subject', 'until', 'settled', 'claimed')
  if kept[1] then
    local mine = kept[6] == args[1] and '1' or '0'
    return { kept[1], kept[2], kept[3], tonumber(kept[4]) > time and '1' or '0', kept[5], mine }
  end
  local fence = nextFence(keys[1], args[1])
  redis.call('HSET', keys[2], 'fence', fence, 'fingerprint', args[2], 'subject', args[3],
    'until', time + tonumber(args[4]), 'settled', '0', 'claimed', args[1])
  redis.call('PEXPIRE', keys[2], args[5])
  return { fence, args[2], args[3], '1', '0', '1' }
end)

-- ARGV stamp, fence, hold.
writing('take_over_key', function(keys, args)
  local time = now()
  local kept = redis.call('HMGET', keys[2], 'fence', 'until', 'settled', 'claimed')
  if kept[4] == args[1] then return kept[1] end
  if kept[1] ~= args[2] or kept[3] ~= '0' or tonumber(kept[2]) > time then return false end
  local fence = nextFence(keys[1], args[1])
  redis.call('HSET', keys[2], 'fence', fence, 'until', time + tonumber(args[3]), 'claimed', args[1])
  return fence
end)

-- ARGV fence, subject, keep.
writing('settle_key', function(keys, args)
  if not ownsClaim(keys, args[1]) then return 0 end
  redis.call('HSET', keys[2], 'settled', '1', 'until', 0, 'subject', args[2])
  redis.call('PEXPIRE', keys[2], args[3])
  return 1
end)

-- ARGV fence.
writing('release_key', function(keys, args)
  if not ownsClaim(keys, args[1]) then return 0 end
  redis.call('HSET', keys[2], 'until', 0)
  return 1
end)

-- ARGV fence.
writing('forget_key', function(keys, args)
  if not ownsClaim(keys, args[1]) then return 0 end
  return redis.call('DEL', keys[2])
end)
`;
