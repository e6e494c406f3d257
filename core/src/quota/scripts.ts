/**
 * Windows: 1 minute, 2 hour (both sliding: this bucket and what is left of the one before), 3 day, 4 month. Units: `r`
 * requests, `t` tokens, `c` micro-dollars with what is reserved, `s` micro-dollars that were really spent.
 */
const COMMON = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * Used so far in a window. KEYS minute, minuteBefore, hour, hourBefore, day, month
 * stand at the places that 'first' says.
 */
const USED = `
local MS = { 60000, 3600000 }
local function used(first, window, name)
  if window >= 3 then return tonumber(redis.call('HGET', KEYS[first + window + 1], name) or '0') end
  local key = first + (window - 1) * 2
  local current = tonumber(redis.call('HGET', KEYS[key], name) or '0')
  local before = tonumber(redis.call('HGET', KEYS[key + 1], name) or '0')
  return current + before * (1 - (now % MS[window]) / MS[window]), current, before
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
    return math.ceil(start + ms * math.max(0, 1 - (room - current) / before))
  end
  return math.ceil(start + ms + ms * math.max(0, 1 - room / current))
end
`;

/**
 * Reserves, or says what stands in the way; all or nothing.
 *
 * KEYS  born settled holds expiries warned minute minuteBefore hour hourBefore day month
 * ARGV  1 requestId 2 minute 3 hour 4 dayStart 5 dayEnd 6 monthStart 7 monthEnd 8 holdMs 9 inputTokens 10 maxOutput
 *       11 minOutput 12 inputPrice 13 outputPrice 14 facts(JSON) 15 count, then for each limit: field window unit limit;
 *       then the counters (field) that are always kept
 * → { 'clock', now } | { 'unborn' } | { 'repeated', maxOutput }
 *   | { 'refused', now, limit, used, resetAt, firstTime(0|1), expired… }
 *   | { 'admitted', now, maxOutput, used…, expired… } with one 'used' and one 'resetAt' for each limit
 */
export const RESERVE_SCRIPT = `${COMMON}${USED}
if math.floor(now / 60000) ~= tonumber(ARGV[2]) or math.floor(now / 3600000) ~= tonumber(ARGV[3])
  or now < tonumber(ARGV[4]) or now >= tonumber(ARGV[5]) or now < tonumber(ARGV[6]) or now >= tonumber(ARGV[7]) then
  return { 'clock', now }
end
local settled = redis.call('GET', KEYS[2])
if settled then return { 'repeated', tonumber(settled) } end
local held = redis.call('HGET', KEYS[3], ARGV[1])
if held then return { 'repeated', cjson.decode(held).output } end
if redis.call('EXISTS', KEYS[1]) == 0 then return { 'unborn' } end

local input, output, least = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
local inputPrice, outputPrice = tonumber(ARGV[12]), tonumber(ARGV[13])
local count = tonumber(ARGV[15])
least = math.min(least, output)
local limits = {}
for i = 1, count do
  local at = 12 + i * 4
  local window, unit = tonumber(ARGV[at + 1]), ARGV[at + 2]
  local name = ARGV[at] .. '|' .. unit
  local sum, current, before = used(6, window, name)
  limits[i] = { window = window, unit = unit, limit = tonumber(ARGV[at + 3]), used = sum, current = current, before = before, name = name }
  local left = limits[i].limit - sum
  if unit == 't' then output = math.min(output, math.floor(left - input)) end
  if unit == 'c' and outputPrice > 0 then output = math.min(output, math.floor((left - math.ceil(input * inputPrice)) / outputPrice)) end
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

local seen, counted = {}, {}
local function bump(window, name, unit)
  local id = window .. name
  if seen[id] then return end
  seen[id] = true
  local key = window >= 3 and KEYS[7 + window] or KEYS[4 + window * 2]
  if adds[unit] ~= 0 then redis.call('HINCRBY', key, name, adds[unit]) end
  if redis.call('PTTL', key) < 0 then
    local keep = window <= 2 and 2 * MS[window] or (window == 3 and tonumber(ARGV[5]) or tonumber(ARGV[7])) - now + 172800000
    redis.call('PEXPIRE', key, keep)
  end
  counted[#counted + 1] = { window, name, unit }
end
for _, l in ipairs(limits) do bump(l.window, l.name, l.unit) end
for i = 16 + count * 4, #ARGV do
  for _, unit in ipairs({ 'r', 't', 'c' }) do
    bump(3, ARGV[i] .. '|' .. unit, unit)
    bump(4, ARGV[i] .. '|' .. unit, unit)
  end
end
local hold = cjson.decode(ARGV[14])
hold.at, hold.input, hold.output, hold.cost, hold.inputPrice = now, input, wanted, cost, inputPrice
hold.counted = counted
redis.call('HSET', KEYS[3], ARGV[1], cjson.encode(hold))
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
 * → { 0 } | { 1, unusual('' if nobody), tokensThisHour, usualTokens, then for each warning: field share spent limit }
 */
export const SETTLE_SCRIPT = `${COMMON}
local raw = redis.call('HGET', KEYS[2], ARGV[1])
local known = raw ~= false
if not known then
  if ARGV[2] == 'expire' or ARGV[10] == '' or redis.call('EXISTS', KEYS[1]) == 1 then return { 0 } end
  raw = ARGV[10]
end
local hold = cjson.decode(raw)
if ARGV[2] == 'expire' then
  local due = redis.call('ZSCORE', KEYS[3], ARGV[1])
  if not due or tonumber(due) > now then return { 0 } end
end
local tokens, cost, reached = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[3] == '1'
local row = cjson.decode(ARGV[6])
if ARGV[2] == 'expire' then
  tokens, cost, reached = hold.input, math.ceil(hold.input * hold.inputPrice), true
  row.inputTokens, row.costMicroUsd = tokens, cost
end
local change = {
  r = reached and 0 or -1,
  t = (reached and tokens or 0) - (hold.input + hold.output),
  c = (reached and cost or 0) - hold.cost
}
if not known then change = { r = reached and 1 or 0, t = reached and tokens or 0, c = reached and cost or 0 } end
for _, entry in ipairs(hold.counted or {}) do
  local key = KEYS[6 + entry[1]]
  if change[entry[3]] ~= 0 and (redis.call('EXISTS', key) == 1 or not known) then
    if redis.call('HINCRBY', key, entry[2], change[entry[3]]) < 0 then redis.call('HSET', key, entry[2], 0) end
    if redis.call('PTTL', key) < 0 then redis.call('PEXPIRE', key, 3024000000) end
  end
end
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('SET', KEYS[1], hold.output, 'PX', ARGV[7])
row.at = now
redis.call('XADD', KEYS[4], 'MAXLEN', '~', 1000000, '*', 'row', cjson.encode(row))

local answer = { 1, '', 0, 0 }
for _, budget in ipairs(hold.budgets or {}) do
  local name = budget.field .. '|s'
  local spent = tonumber(redis.call('HINCRBY', KEYS[10], name, reached and cost or 0))
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
  for _, name in ipairs(hold.watched or {}) do
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
 *
 * KEYS  born day month     ARGV  dayEnd monthEnd, then for each counter: window(3 | 4) name value
 */
export const BIRTH_SCRIPT = `${COMMON}
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
for i = 3, #ARGV, 3 do redis.call('HINCRBY', KEYS[tonumber(ARGV[i]) - 1], ARGV[i + 1], ARGV[i + 2]) end
if redis.call('EXISTS', KEYS[2]) == 1 then redis.call('PEXPIRE', KEYS[2], tonumber(ARGV[1]) - now + 172800000) end
if redis.call('EXISTS', KEYS[3]) == 1 then redis.call('PEXPIRE', KEYS[3], tonumber(ARGV[2]) - now + 172800000) end
redis.call('SET', KEYS[1], now)
return 1
`;

/**
 * Where limits stand. KEYS minute minuteBefore hour hourBefore day month; ARGV dayEnd monthEnd, then field|unit window limit
 * → { now, used, resetAt, … }
 */
export const SNAPSHOT_SCRIPT = `${COMMON}${USED}
local answer = { now }
for i = 3, #ARGV, 3 do
  local window = tonumber(ARGV[i + 1])
  local sum, current, before = used(1, window, ARGV[i])
  answer[#answer + 1] = math.ceil(sum)
  answer[#answer + 1] = resetAt(window, tonumber(ARGV[i + 2]), 1, current, before, tonumber(ARGV[1]), tonumber(ARGV[2]))
end
return answer
`;
