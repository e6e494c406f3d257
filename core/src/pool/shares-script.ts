/**
 * Divides the places at one endpoint among the processes that use it. What one asks for beyond what is free it gets when
 * the others have given back what they have too much of: the shares never add up to more than there is, except for what a
 * process that was thought dead still has under way.
 *
 * Needs come first, the small ones whole and the large ones equally (max-min); the odd places go around. What nobody needs
 * is divided as room for what comes next, so that far from the bound nobody has to ask.
 *
 * KEYS  shares (hash: process → 'share need until'; a share is never less than what is taken)
 * ARGV  1 process 2 bound 3 need 4 taken 5 leaseMs 6 turnMs
 * → { how many places it may take, processes, contended(0|1) }
 */
export const SHARES_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local bound, need, taken = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local entries = redis.call('HGETALL', KEYS[1])
local names, needs = { ARGV[1] }, { [ARGV[1]] = need }
local mine, held, contended = 0, 0, 0
for i = 1, #entries, 2 do
  local share, wanted, lasts = string.match(entries[i + 1], '^(%d+) (%d+) (%d+)$')
  if tonumber(lasts) <= now then
    redis.call('HDEL', KEYS[1], entries[i])
  elseif entries[i] == ARGV[1] then
    mine = tonumber(share)
  else
    names[#names + 1] = entries[i]
    needs[entries[i]] = tonumber(wanted)
    held = held + tonumber(share)
    if tonumber(wanted) > tonumber(share) then contended = 1 end
  end
end
local count, total = #names, 0
for _, name in ipairs(names) do total = total + needs[name] end

local part
if total <= bound then
  part = need + math.min(math.floor(bound / (4 * count)), math.floor((bound - total) / count))
else
  contended = 1
  table.sort(names, function(a, b) return needs[a] < needs[b] or (needs[a] == needs[b] and a < b) end)
  local left, open = bound, count
  part = need
  for i, name in ipairs(names) do
    if needs[name] * open > left then
      local level = math.floor(left / open)
      local odd = left - level * open
      for j = i, count do
        local turn = (j - i + math.floor(now / tonumber(ARGV[6]))) % open
        if names[j] == ARGV[1] then part = math.min(need, level + (turn < odd and 1 or 0)) end
      end
      break
    end
    left, open = left - needs[name], open - 1
  end
end
local limit = math.min(part, math.max(0, bound - held))
-- What is under way stays its own until it ends, also where it is more than its part.
local share = math.max(limit, math.min(taken, mine))
redis.call('HSET', KEYS[1], ARGV[1], string.format('%d %d %d', share, need, now + tonumber(ARGV[5])))
redis.call('PEXPIRE', KEYS[1], 2 * tonumber(ARGV[5]))
return { limit, count, contended }
`;
