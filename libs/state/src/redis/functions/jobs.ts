/** Jobs: the open ones in one hash, the ended ones in another, each as one JSON text. KEYS fence, open, ended, meta. */
export const jobsLua = `
local function jobsIn(key)
  local jobs = {}
  for _, text in ipairs(redis.call('HVALS', key)) do jobs[#jobs + 1] = cjson.decode(text) end
  return jobs
end

-- Open jobs in their order in the queue.
local function openJobs(keys)
  local jobs = jobsIn(keys[2])
  table.sort(jobs, function(a, b) return a.position < b.position end)
  return jobs
end

local function textOf(keys, id)
  return redis.call('HGET', keys[2], id) or redis.call('HGET', keys[3], id)
end

-- Writes a job to where its state belongs, and gives its text.
local function keep(keys, job)
  local text = cjson.encode(job)
  if job.endedAtMs then
    redis.call('HDEL', keys[2], job.id)
    redis.call('HSET', keys[3], job.id, text)
  else
    redis.call('HSET', keys[2], job.id, text)
  end
  return text
end

local function setOf(names)
  local set = {}
  for _, name in ipairs(names) do set[name] = true end
  return set
end

-- The job, if it runs under that fence.
local function ownedJob(keys, id, fence)
  local text = redis.call('HGET', keys[2], id)
  local job = text and cjson.decode(text)
  return job and job.state == 'running' and job.fence == fence and job or nil
end

-- ARGV stamp, most queued, share, id, kind, subject, params, document, created.
writing('add_job', function(keys, args)
  local take = taker(args)
  local stamp, maxQueued, share = take(), tonumber(take()), take()
  local job = { id = take(), kind = take(), subject = take(), params = take(), document = take() }
  job.createdAtMs = tonumber(take())
  local kept = textOf(keys, job.id)
  if kept and cjson.decode(kept).stamp == stamp then return { 'ok', kept } end
  local queued = 0
  for _, other in ipairs(openJobs(keys)) do
    if other.kind == job.kind then
      -- A job that is to be cancelled is no answer to somebody who wants the work done.
      if share == '1' and other.subject == job.subject and not other.cancelRequested then
        return { 'ok', redis.call('HGET', keys[2], other.id) }
      end
      if other.state == 'queued' then queued = queued + 1 end
    end
  end
  if queued >= maxQueued then return { 'full', queued } end
  if kept then return { 'exists' } end
  job.state, job.owner, job.starts, job.cancelRequested = 'queued', '', 0, false
  job.fence = epochOf(keys[1], stamp) .. ':0'
  job.leaseEndsAtMs, job.stamp = 0, stamp
  job.position = redis.call('HINCRBY', keys[4], 'position', 1)
  return { 'ok', keep(keys, job) }
end)

-- ARGV id.
reading('get_job', function(keys, args)
  return textOf(keys, args[1])
end)

-- ARGV most, kinds. The newest first.
reading('list_jobs', function(keys, args)
  local kinds, jobs, texts = setOf(from(args, 2)), jobsIn(keys[2]), {}
  for _, job in ipairs(jobsIn(keys[3])) do jobs[#jobs + 1] = job end
  table.sort(jobs, function(a, b) return a.position > b.position end)
  for _, job in ipairs(jobs) do
    if #texts >= tonumber(args[1]) then break end
    if kinds[job.kind] then texts[#texts + 1] = textOf(keys, job.id) end
  end
  return texts
end)

-- ARGV id, time.
writing('cancel_job', function(keys, args)
  local text = redis.call('HGET', keys[2], args[1])
  if not text then return redis.call('HGET', keys[3], args[1]) end
  local job = cjson.decode(text)
  job.cancelRequested = true
  if job.state == 'queued' then
    job.state, job.endedAtMs = 'cancelled', tonumber(args[2])
  end
  return keep(keys, job)
end)

-- ARGV ended jobs to keep, ended before, kinds. Kind, state and number of what is there then.
writing('prune_jobs', function(keys, args)
  local kinds, counts = setOf(from(args, 3)), {}
  local function count(job)
    local name = job.state .. ' ' .. job.kind
    counts[name] = (counts[name] or 0) + 1
  end
  local ended = {}
  for _, job in ipairs(jobsIn(keys[3])) do if kinds[job.kind] then ended[#ended + 1] = job end end
  table.sort(ended, function(a, b)
    if a.endedAtMs ~= b.endedAtMs then return a.endedAtMs > b.endedAtMs end
    return a.position > b.position
  end)
  for at, job in ipairs(ended) do
    if at > tonumber(args[1]) or job.endedAtMs < tonumber(args[2]) then
      redis.call('HDEL', keys[3], job.id)
    else
      count(job)
    end
  end
  for _, job in ipairs(jobsIn(keys[2])) do if kinds[job.kind] then count(job) end end
  local flat = {}
  for name, number in pairs(counts) do
    flat[#flat + 1] = name
    flat[#flat + 1] = number
  end
  return flat
end)

-- ARGV stamp, owner, ttl, kinds.
writing('claim_job', function(keys, args)
  local time, kinds = now(), setOf(from(args, 4))
  local free
  for _, job in ipairs(openJobs(keys)) do
    if job.claim == args[1] and job.state == 'running' then return redis.call('HGET', keys[2], job.id) end
    local isFree = job.state == 'queued' or job.leaseEndsAtMs <= time
    if isFree and kinds[job.kind] and not free then free = job end
  end
  if not free then return false end
  free.state, free.owner, free.starts = 'running', args[2], free.starts + 1
  free.fence, free.claim = nextFence(keys[1], args[1]), args[1]
  free.leaseEndsAtMs = time + tonumber(args[3])
  return keep(keys, free)
end)

-- ARGV owner, ttl. The leases are written again when two thirds of their time or less is left.
writing('renew_jobs', function(keys, args)
  local time, ttl = now(), tonumber(args[2])
  local own, due = {}, false
  for _, job in ipairs(openJobs(keys)) do
    if job.state == 'running' and job.owner == args[1] then
      own[#own + 1] = job
      due = due or job.leaseEndsAtMs <= time + ttl * 2 / 3
    end
  end
  local texts = {}
  for _, job in ipairs(own) do
    if due then job.leaseEndsAtMs = time + ttl end
    texts[#texts + 1] = due and keep(keys, job) or redis.call('HGET', keys[2], job.id)
  end
  return texts
end)

-- ARGV id, fence, document.
writing('save_job', function(keys, args)
  local job = ownedJob(keys, args[1], args[2])
  if not job then return 0 end
  job.document = args[3]
  keep(keys, job)
  return 1
end)

-- ARGV id, fence, stamp, state, document, time.
writing('end_job', function(keys, args)
  local kept = redis.call('HGET', keys[3], args[1])
  if kept and cjson.decode(kept).stamp == args[3] then return 1 end
  local job = ownedJob(keys, args[1], args[2])
  if not job then return 0 end
  job.stamp, job.state, job.document, job.endedAtMs = args[3], args[4], args[5], tonumber(args[6])
  keep(keys, job)
  return 1
end)

-- ARGV id, fence.
writing('release_job', function(keys, args)
  local job = ownedJob(keys, args[1], args[2])
  if not job then return 0 end
  job.state, job.starts, job.leaseEndsAtMs = 'queued', job.starts - 1, 0
  keep(keys, job)
  return 1
end)
`;
