import { COMMON, LIMITS } from './windows.ts';

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
