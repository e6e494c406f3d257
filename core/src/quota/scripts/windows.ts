/**
 * Windows: 1 minute, 2 hour (both sliding: this bucket and what is left of the one before), 3 day, 4 month. Units: `r`
 * requests, `t` tokens, `c` micro-dollars with what is reserved, `s` micro-dollars that were really spent.
 */
export const COMMON = `
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
export const LIMITS = `
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
