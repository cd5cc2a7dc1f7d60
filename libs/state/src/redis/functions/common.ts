/** Lua that the functions of all families use. */
export const commonLua = `
-- Milliseconds of the server's clock: the one clock of everything that expires.
local function now()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- Gives the arguments one by one.
local function taker(args)
  local at = 0
  return function()
    at = at + 1
    return args[at]
  end
end

-- All arguments from the given one on.
local function from(args, first)
  local rest = {}
  for at = first, #args do rest[#rest + 1] = args[at] end
  return rest
end

-- The epoch of a slot: the random stamp of the call that needed it first. After a flush it is another call's.
local function epochOf(fenceKey, stamp)
  redis.call('HSETNX', fenceKey, 'epoch', stamp)
  return redis.call('HGET', fenceKey, 'epoch')
end

-- A fence nobody has had.
local function nextFence(fenceKey, stamp)
  local epoch = epochOf(fenceKey, stamp)
  return epoch .. ':' .. redis.call('HINCRBY', fenceKey, 'counter', 1)
end
`;
