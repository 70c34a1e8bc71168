import { type Column, FORMAT, HEADER_BYTES, placeOf } from "../entry.js";

/** The Lua expression for a column of the local `header`. Lua counts from 1, and the end of a range is inclusive. */
const column = (name: Column): string => {
  const { start, end } = placeOf(name);
  return `string.sub(header, ${start + 1}, ${end})`;
};

/**
 * Lua functions that read the header of the entry under the first key: nil unless it is a complete entry of this
 * format. Numbers have a fixed width, so they can be compared as text.
 */
const READ_HEADER = `
local function stored()
  local header = redis.pcall('GETRANGE', KEYS[1], 0, ${HEADER_BYTES - 1})
  if type(header) ~= 'string' or not string.find(header, '^${FORMAT}%d+%x+$') then return nil end
  if redis.call('STRLEN', KEYS[1]) ~= #header + (tonumber(${column("length")}) or -1) then return nil end
  if redis.call('PTTL', KEYS[1]) < 0 then return nil end
  return header
end
local function readAt(header) return ${column("readAtMs")} end`;

/**
 * Stores an entry unless a later one exists, and publishes the time of its reading. A user that may not publish can
 * still store.
 * KEYS: the entry's. ARGV: the entry, its time to live in ms, the latest valid time of a reading: a stored entry from
 * after that is replaced; a channel, or "" to publish nothing.
 */
export const SET_LATER = `${READ_HEADER}
local header = stored()
if header and readAt(header) > readAt(ARGV[1]) and readAt(header) <= ARGV[3] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if ARGV[4] ~= '' then redis.pcall('PUBLISH', ARGV[4], readAt(ARGV[1])) end
return 1`;

/**
 * Returns the entry if it is usable as an answer and not older than a given time. Otherwise it tries to take the lock,
 * and returns 1 if it took it, 0 if another owner has it. It deletes a lock whose lifetime is longer than any owner
 * sets.
 * KEYS: the entry's, the lock's. ARGV: the time, the owner's token, the lifetime of the lock in ms.
 */
export const FIND_OR_LOCK = `${READ_HEADER}
local header = stored()
if header and readAt(header) >= ARGV[1] and string.find(${column("freshMs")}, '[^0]') then
  return redis.call('GET', KEYS[1])
end
local left = redis.call('PTTL', KEYS[2])
if left == -1 or left > tonumber(ARGV[3]) then redis.call('DEL', KEYS[2]) end
if redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3]) then return 1 end
return 0`;

/** Returns 0 from the script unless the given owner still has the lock. KEYS: the lock's. ARGV: the owner's token. */
const IS_OWN = `if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return 0 end`;

/** Releases the lock. KEYS: the lock's. ARGV: the owner's token. */
export const UNLOCK = `${IS_OWN}
return redis.call('DEL', KEYS[1])`;

/**
 * Renews the lock, or takes it again if it has expired because its owner was too busy to renew it.
 * KEYS: the lock's. ARGV: the owner's token, the lifetime of the lock in ms.
 */
export const KEEP_LOCK = `
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
${IS_OWN}
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/** The time of the server that has the key, in milliseconds since the epoch. */
export const TIME_MS = `
local time = redis.call('TIME')
return time[1] * 1000 + math.floor(time[2] / 1000)`;

/**
 * Counts one more in a window that begins with its first count. Returns whether that is allowed (1 or 0), and the time
 * until the window ends. Any other value under the key is replaced.
 * KEYS: the count's. ARGV: the maximum count, the length of the window in ms.
 */
export const COUNT_IN_WINDOW = `
local count = tonumber(redis.pcall('GET', KEYS[1])) or 0
local left = redis.call('PTTL', KEYS[1])
if left <= 0 or left > tonumber(ARGV[2]) then
  count = 0
  left = tonumber(ARGV[2])
end
if count >= tonumber(ARGV[1]) then return {0, left} end
redis.call('SET', KEYS[1], count + 1, 'PX', left)
return {1, left}`;
