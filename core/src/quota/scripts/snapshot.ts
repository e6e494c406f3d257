import { COMMON, LIMITS } from './windows.ts';

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
