import { COMMON } from './windows.ts';

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
