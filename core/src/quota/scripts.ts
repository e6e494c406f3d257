/**
 * Windows: 1 minute, 2 hour (both sliding: this bucket and what is left of the one before), 3 day, 4 month. Units: `r`
 * requests, `t` tokens, `c` micro-dollars with what is reserved, `s` micro-dollars that were really spent.
 */
const COMMON = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * Reads where limits stand, each hash of counters once. KEYS minute, minuteBefore, hour, hourBefore, day, month stand from
 * the place 'first' on. ARGV from 'at' on: for each of the four windows how many limits, the names of their counters
 * (field|unit), and the limits. Names are put together by the caller: Lua is slow at it, and all wait for a script. Whole
 * numbers only, multiplied before they are divided: a share such as 1/3 as a fraction would refuse at the very moment that
 * 'resetAt' named.
 */
const LIMITS = `
local MS = { 60000, 3600000 }
local limits = {}
local function keyOf(first, window) return KEYS[window >= 3 and first + window + 1 or first + (window - 1) * 2] end
local function readLimits(first, at)
  for window = 1, 4 do
    local count = tonumber(ARGV[at])
    if count > 0 then
      local current = redis.call('HMGET', keyOf(first, window), unpack(ARGV, at + 1, at + count))
      local before = window <= 2 and redis.call('HMGET', KEYS[first + window * 2 - 1], unpack(ARGV, at + 1, at + count))
      local left = window <= 2 and MS[window] - now % MS[window]
      for i = 1, count do
        local name = ARGV[at + i]
        local l = { window = window, name = name, unit = string.sub(name, -1), limit = tonumber(ARGV[at + count + i]), current = tonumber(current[i] or '0') }
        l.before = before and tonumber(before[i] or '0')
        l.used = before and l.current + math.ceil(l.before * left / MS[window]) or l.current
        limits[#limits + 1] = l
      end
    end
    at = at + 2 * count + 1
  end
end
local function resetAt(window, limit, add, current, before, dayEnd, monthEnd)
  if window == 3 then return dayEnd end
  if window == 4 then return monthEnd end
  local ms = MS[window]
  local start = now - now % ms
  local room = limit - add
  if room < 0 then return start + 2 * ms end
  if current <= room then
    if before == 0 then return now end
    return start + math.max(0, ms - math.floor((room - current) * ms / before))
  end
  return start + ms + math.max(0, ms - math.floor(room * ms / current))
end
`;

/**
 * Reserves, or says what stands in the way; all or nothing.
 *
 * KEYS  born settled holds expiries warned minute minuteBefore hour hourBefore day month
 * ARGV  1 requestId 2 minute 3 hour 4 dayStart 5 dayEnd 6 monthStart 7 monthEnd 8 holdMs 9 inputTokens 10 maxOutput
 *       11 minOutput 12 inputPrice 13 outputPrice 14 facts(JSON) 15 timezone 16… limits as above
 * → { 'clock', now } | { 'unborn' } | { 'repeated', maxOutput }
 *   | { 'refused', now, limit, used, resetAt, firstTime(0|1), expired… }
 *   | { 'admitted', now, maxOutput, used…, expired… } with one 'used' and one 'resetAt' for each limit
 */
export const RESERVE_SCRIPT = `${COMMON}${LIMITS}
if math.floor(now / 60000) ~= tonumber(ARGV[2]) or math.floor(now / 3600000) ~= tonumber(ARGV[3])
  or now < tonumber(ARGV[4]) or now >= tonumber(ARGV[5]) or now < tonumber(ARGV[6]) or now >= tonumber(ARGV[7]) then
  return { 'clock', now }
end
local settled = redis.call('GET', KEYS[2])
if settled then return { 'repeated', tonumber(settled) } end
local held = redis.call('HGET', KEYS[3], ARGV[1])
if held then return { 'repeated', cjson.decode(held).reserved.output } end
if redis.call('GET', KEYS[1]) ~= ARGV[15] then return { 'unborn' } end

local input, output, least = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
local inputPrice, outputPrice = tonumber(ARGV[12]), tonumber(ARGV[13])
least = math.min(least, output)
readLimits(6, 16)
for _, l in ipairs(limits) do
  local left = l.limit - l.used
  if l.unit == 't' then output = math.min(output, math.floor(left - input)) end
  if l.unit == 'c' and outputPrice > 0 then output = math.min(output, math.floor((left - math.ceil(input * inputPrice)) / outputPrice)) end
end
local wanted = math.max(output, least)
local cost = math.ceil(input * inputPrice + wanted * outputPrice)
local adds = { r = 1, t = input + wanted, c = cost }
local worst, worstReset = nil, -1
for i, l in ipairs(limits) do
  local free = l.unit == 'c' and cost == 0
  if l.used + adds[l.unit] > l.limit and not free then
    local reset = resetAt(l.window, l.limit, adds[l.unit], l.current, l.before, tonumber(ARGV[5]), tonumber(ARGV[7]))
    if reset > worstReset then worst, worstReset = i, reset end
  end
end
local expired = redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', now, 'LIMIT', 0, 5)
if worst then
  local l = limits[worst]
  local first = 0
  if l.unit == 'c' then
    first = redis.call('HSETNX', KEYS[5], l.name .. '|1', now)
    redis.call('PEXPIRE', KEYS[5], tonumber(ARGV[7]) - now + 86400000)
  end
  return { 'refused', now, worst, math.ceil(l.used), worstReset, first, unpack(expired) }
end

local changed = { {}, {}, {}, {} }
for _, l in ipairs(limits) do
  local pairs_ = changed[l.window]
  pairs_[#pairs_ + 1] = l.name
  pairs_[#pairs_ + 1] = l.current + adds[l.unit]
end
for window = 1, 4 do
  if #changed[window] > 0 then
    local key = keyOf(6, window)
    redis.call('HSET', key, unpack(changed[window]))
    if redis.call('PTTL', key) < 0 then
      local keep = window <= 2 and 2 * MS[window] or (window == 3 and tonumber(ARGV[5]) or tonumber(ARGV[7])) - now + 172800000
      redis.call('PEXPIRE', key, keep)
    end
  end
end
local reserved = { at = now, input = input, output = wanted, cost = cost, inputPrice = inputPrice }
redis.call('HSET', KEYS[3], ARGV[1], '{"facts":' .. ARGV[14] .. ',"reserved":' .. cjson.encode(reserved) .. '}')
redis.call('ZADD', KEYS[4], now + tonumber(ARGV[8]), ARGV[1])
local answer = { 'admitted', now, wanted }
for _, l in ipairs(limits) do
  answer[#answer + 1] = math.ceil(l.used + adds[l.unit])
  answer[#answer + 1] = resetAt(l.window, l.limit, adds[l.unit], (l.current or 0) + adds[l.unit], l.before, tonumber(ARGV[5]), tonumber(ARGV[7]))
end
for _, id in ipairs(expired) do answer[#answer + 1] = id end
return answer
`;

/**
 * Settles a hold in the windows it was counted in, once, and writes the ledger row.
 *
 * KEYS  settled holds expiries ledger warned usual minute hour day month (of the hold)
 * ARGV  1 requestId 2 mode(settle | expire) 3 reached(0|1) 4 tokens 5 cost 6 row(JSON) 7 settledTtlMs 8 anomalyFactor(0: none)
 *       9 anomalyMinTokens 10 hold(JSON, for one that Redis has lost; '' if unknown)
 * → { 0 } | { 2 } Redis has lost the hold: to be asked again, with it
 *   | { 1, unusual('' if nobody), tokensThisHour, usualTokens, then for each warning: field share spent limit }
 */
export const SETTLE_SCRIPT = `${COMMON}
local raw = redis.call('HGET', KEYS[2], ARGV[1])
local known = raw ~= false
if not known then
  if ARGV[2] == 'expire' or redis.call('EXISTS', KEYS[1]) == 1 then return { 0 } end
  if ARGV[10] == '' then return { 2 } end
  raw = ARGV[10]
end
local decoded = cjson.decode(raw)
local hold, facts = decoded.reserved, decoded.facts
if ARGV[2] == 'expire' then
  local due = redis.call('ZSCORE', KEYS[3], ARGV[1])
  if not due or tonumber(due) > now then return { 0 } end
end
local tokens, cost, reached = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[3] == '1'
local row = ARGV[6]
if ARGV[2] == 'expire' then
  tokens, cost, reached = hold.input, math.ceil(hold.input * hold.inputPrice), true
  local told = cjson.decode(row)
  told.inputTokens, told.costMicroUsd = tokens, cost
  row = cjson.encode(told)
end
local change = {
  r = reached and 0 or -1,
  t = (reached and tokens or 0) - (hold.input + hold.output),
  c = (reached and cost or 0) - hold.cost
}
if not known then change = { r = reached and 1 or 0, t = reached and tokens or 0, c = reached and cost or 0 } end
local real = { r = reached and 1 or 0, t = reached and tokens or 0, c = reached and cost or 0 }
local ends = { nil, nil, facts.periods.day[2], facts.periods.month[2] }
for window = 1, 4 do
  local key, fields, adds, isLimited = KEYS[6 + window], {}, {}, {}
  local function add(name, by)
    if by == 0 then return end
    fields[#fields + 1] = name
    adds[#adds + 1] = by
  end
  for _, name in ipairs(facts.counted[window]) do
    isLimited[name] = true
    add(name, change[string.sub(name, -1)])
  end
  if window >= 3 then
    for _, field in ipairs(facts.always) do
      for unit, by in pairs(real) do
        local name = field .. '|' .. unit
        if not isLimited[name] then add(name, by) end
      end
      -- Also without a budget: one that is set in mid-month warns by what was spent.
      if window == 4 then add(field .. '|s', real.c) end
    end
  end
  local keep = ends[window] and ends[window] - now + 172800000 or 2 * 3600000
  if #fields > 0 and keep > 0 and (window >= 3 or redis.call('EXISTS', key) == 1) then
    local counts, changed = redis.call('HMGET', key, unpack(fields)), {}
    for i, name in ipairs(fields) do
      changed[2 * i - 1] = name
      changed[2 * i] = math.max(0, tonumber(counts[i] or '0') + adds[i])
    end
    redis.call('HSET', key, unpack(changed))
    if redis.call('PTTL', key) < 0 then redis.call('PEXPIRE', key, keep) end
  end
end
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('SET', KEYS[1], hold.output, 'PX', ARGV[7])
row = string.sub(row, 1, -2) .. ',"at":' .. string.format('%.0f', now) .. '}'
redis.call('XADD', KEYS[4], 'MAXLEN', '~', 1000000, '*', 'row', row)

local answer = { 1, '', 0, 0 }
for _, budget in ipairs(facts.budgets) do
  local spent = tonumber(redis.call('HGET', KEYS[10], budget.field .. '|s') or '0')
  for _, share in ipairs(budget.shares) do
    if spent >= share * budget.limit then
      if redis.call('HSETNX', KEYS[5], budget.field .. '|c|' .. share, now) == 1 then
        answer[#answer + 1] = budget.field
        answer[#answer + 1] = tostring(share)
        answer[#answer + 1] = tostring(spent)
        answer[#answer + 1] = tostring(budget.limit)
      end
      redis.call('PEXPIRE', KEYS[5], 3456000000)
    end
  end
end
local factor = tonumber(ARGV[8])
if factor > 0 and reached and tokens > 0 then
  local hour = math.floor(now / 3600000)
  for _, name in ipairs(facts.watched) do
    local state = redis.call('HGET', KEYS[6], name)
    if state or redis.call('HLEN', KEYS[6]) < 50000 then
      local s = state and cjson.decode(state) or { h = hour, c = 0, m = 0, n = 0 }
      if s.h ~= hour then
        s.n = s.n + 1
        s.m = s.m + (s.c - s.m) / math.min(s.n, 168)
        s.h, s.c, s.told = hour, 0, nil
      end
      s.c = s.c + tokens
      if s.n >= 3 and not s.told and s.c >= tonumber(ARGV[9]) and s.c > factor * s.m then
        s.told = 1
        answer[2], answer[3], answer[4] = name, s.c, math.floor(s.m)
      end
      redis.call('HSET', KEYS[6], name, cjson.encode(s))
      redis.call('PEXPIRE', KEYS[6], 691200000)
    end
  end
end
return answer
`;

/**
 * Fills the counters of a tenant that Redis does not know, from what the ledger says; only one of several callers does.
 * Those of a tenant whose days begin elsewhere now, because its time zone was changed, are brought up to the ledger: they
 * may have been counted in before.
 *
 * KEYS  born day month     ARGV  dayEnd monthEnd counters: JSON of window('3' | '4') name value …, timezone
 */
export const BIRTH_SCRIPT = `${COMMON}
local known = redis.call('GET', KEYS[1])
if known == ARGV[4] then return 0 end
local counters = cjson.decode(ARGV[3])
for i = 1, #counters, 3 do
  local key, name, missing = KEYS[tonumber(counters[i]) - 1], counters[i + 1], tonumber(counters[i + 2])
  if known then missing = missing - tonumber(redis.call('HGET', key, name) or '0') end
  if missing > 0 then redis.call('HINCRBY', key, name, string.format('%.0f', missing)) end
end
if redis.call('EXISTS', KEYS[2]) == 1 then redis.call('PEXPIRE', KEYS[2], tonumber(ARGV[1]) - now + 172800000) end
if redis.call('EXISTS', KEYS[3]) == 1 then redis.call('PEXPIRE', KEYS[3], tonumber(ARGV[2]) - now + 172800000) end
redis.call('SET', KEYS[1], ARGV[4])
return 1
`;

/**
 * Where limits stand. KEYS minute minuteBefore hour hourBefore day month; ARGV dayEnd monthEnd, limits as above
 * → { now, used, resetAt, … }
 */
export const SNAPSHOT_SCRIPT = `${COMMON}${LIMITS}
readLimits(1, 3)
local answer = { now }
for _, l in ipairs(limits) do
  answer[#answer + 1] = math.ceil(l.used)
  answer[#answer + 1] = resetAt(l.window, l.limit, 1, l.current, l.before, tonumber(ARGV[1]), tonumber(ARGV[2]))
end
return answer
`;
