import { COMMON } from './windows.ts';

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
