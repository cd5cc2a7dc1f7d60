/** Control data: one hash, each value as \`<version>:<stamp of the call that wrote it>:<value>\`. */
export const controlLua = `
-- KEYS control; ARGV key, value, expected version, stamp. The version now; 0 when somebody else was first.
writing('put_control', function(keys, args)
  local expected = tonumber(args[3])
  local version, stamp = 0, ''
  local kept = redis.call('HGET', keys[1], args[1])
  if kept then
    version, stamp = string.match(kept, '^(%d+):(%x*):')
    version = tonumber(version)
  end
  if version == expected + 1 and stamp == args[4] then return version end
  if version ~= expected then return 0 end
  redis.call('HSET', keys[1], args[1], (expected + 1) .. ':' .. args[4] .. ':' .. args[2])
  return expected + 1
end)

-- KEYS control; ARGV key, value, its version. 1 when the store had an older one or none.
writing('rebuild_control', function(keys, args)
  local kept = redis.call('HGET', keys[1], args[1])
  if kept and tonumber(string.match(kept, '^(%d+):')) >= tonumber(args[3]) then return 0 end
  redis.call('HSET', keys[1], args[1], args[3] .. '::' .. args[2])
  return 1
end)
`;
