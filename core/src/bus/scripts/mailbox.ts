import { ENVELOPE_VERSION, TIME_WIDTH } from '../entry.ts';
import { STOPS_CHANNEL } from '../keys.ts';

/** Most questions, and characters of questions, that are answered together. */
export const MERGE_MAX = 20;
export const MERGE_CHARACTERS = 16_000;

/** How to read an entry of a mailbox (see entry.ts). */
export const READ_ENTRY = `
local function read(entry)
  return cjson.decode(string.sub(entry, ${TIME_WIDTH + 1}))
end
local function isNewer(entry)
  return tonumber(string.match(entry, '^{"v":(%d+)', ${TIME_WIDTH + 1}) or '1') > ${ENVELOPE_VERSION}
end
`;

/**
 * How many entries at the front of a mailbox belong to the head's turn. Decided and recorded when the turn begins: the
 * head and the questions right behind it that may be answered with it, as long as they stand in the same thread, because
 * there is one answer and it goes to one place. A record that says nothing is of a turn with one message.
 */
export const TAKE = `${READ_ENTRY}
local function take(mailbox, turn)
  local recorded = redis.call('HGET', turn, 'taken')
  if recorded then return tonumber(recorded) end
  local taken = 1
  local first = redis.call('LINDEX', mailbox, 0)
  if redis.call('EXISTS', turn) == 0 and string.find(first, '"merge":', 1, true) and redis.call('LLEN', mailbox) > 1 then
    local head = read(first)
    local characters = head.merge
    for i, entry in ipairs(redis.call('LRANGE', mailbox, 1, ${MERGE_MAX - 1})) do
      local next = not isNewer(entry) and read(entry)
      if not (characters and next and next.merge and next.message.thread == head.message.thread) then break end
      characters = characters + next.merge
      if characters > ${MERGE_CHARACTERS} then break end
      taken = i + 1
    end
  end
  if taken > 1 then redis.call('HSET', turn, 'taken', taken) end
  return taken
end
`;

/** Ends the answer of the turn that has begun, unless it is complete already. → whether it was ended or is ending. */
export const STOP = `
local function stop(mailbox, turn, conversation, reason)
  if redis.call('HGET', turn, 'state') == 'answered' then return false end
  if redis.call('HSETNX', turn, 'stop', reason) == 1 then
    local head = read(redis.call('LINDEX', mailbox, 0))
    local notice = { conversation = conversation, turn = head.turn, reason = reason }
    redis.call('PUBLISH', '${STOPS_CHANNEL}', cjson.encode(notice))
  end
  return true
end
`;
