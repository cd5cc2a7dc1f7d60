/** Members of groups: a hash for each group, the value `<end of its time>:<body>`. */
export const membersLua = `
-- Names and bodies, one after another, of those whose time is not over.
local function livingMembers(key, time)
  local all, living = redis.call('HGETALL', key), {}
  for at = 1, #all, 2 do
    local ends, body = string.match(all[at + 1], '^(%d+):(.*)$')
    if ends and tonumber(ends) > time then
      living[#living + 1] = all[at]
      living[#living + 1] = body
    end
  end
  return living
end

-- KEYS group; ARGV name, body, ttl. All that live now. The hash goes with the last of them.
writing('announce_member', function(keys, args)
  local time, ttl = now(), tonumber(args[3])
  local all = redis.call('HGETALL', keys[1])
  for at = 1, #all, 2 do
    local ends = string.match(all[at + 1], '^(%d+):')
    if not ends or tonumber(ends) <= time then redis.call('HDEL', keys[1], all[at]) end
  end
  redis.call('HSET', keys[1], args[1], string.format('%d', time + ttl) .. ':' .. args[2])
  local left = redis.call('PTTL', keys[1])
  if left < ttl then redis.call('PEXPIRE', keys[1], ttl) end
  return livingMembers(keys[1], time)
end)

-- KEYS group.
reading('list_members', function(keys)
  return livingMembers(keys[1], now())
end)
`;
