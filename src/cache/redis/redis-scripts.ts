import { type Column, FORMAT, HEADER_BYTES, placeOf } from "../entry.js";

/** A column of the local `header`, in Lua, which counts from 1 and takes the last place in place of the next one. */
const column = (name: Column): string => {
  const { start, end } = placeOf(name);
  return `string.sub(header, ${start + 1}, ${end})`;
};

/**
 * Reads the header of what is under the first key, in Lua: nil unless it is an entry of this format and whole.
 * Numbers have a fixed width, so that they compare as text.
 */
const HELD = `
local function held()
  local header = redis.pcall('GETRANGE', KEYS[1], 0, ${HEADER_BYTES - 1})
  if type(header) ~= 'string' or not string.find(header, '^${FORMAT}%d+%x+$') then return nil end
  if redis.call('STRLEN', KEYS[1]) ~= #header + (tonumber(${column("length")}) or -1) then return nil end
  if redis.call('PTTL', KEYS[1]) < 0 then return nil end
  return header
end
local function readAt(header) return ${column("readAtMs")} end`;

/**
 * Keeps an entry unless a later one is there.
 * KEYS: the entry's. ARGV: the entry, its time to live in ms, the latest moment that can be believed.
 */
export const SET_LATER = `${HELD}
local header = held()
if header and readAt(header) > readAt(ARGV[1]) and readAt(header) <= ARGV[3] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

/**
 * Gives the entry if it is an answer and not from before a moment, else tries to take the lock: 1 when taken, 0 when
 * it is another's. A lock that would stay longer than any owner asks for is nobody's.
 * KEYS: the entry's, the lock's. ARGV: the moment, the owner's token, how long the lock may stay in ms.
 */
export const FIND_OR_LOCK = `${HELD}
local header = held()
if header and readAt(header) >= ARGV[1] and string.find(${column("freshMs")}, '[^0]') then
  return redis.call('GET', KEYS[1])
end
local left = redis.call('PTTL', KEYS[2])
if left == -1 or left > tonumber(ARGV[3]) then redis.call('DEL', KEYS[2]) end
if redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3]) then return 1 end
return 0`;

/** Whether the lock is still the asking owner's. KEYS: the lock's. ARGV: the owner's token. */
const IS_OWN = `if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return 0 end`;

/** Gives the lock back. KEYS: the lock's. ARGV: the owner's token. */
export const UNLOCK = `${IS_OWN}
return redis.call('DEL', KEYS[1])`;

/**
 * Renews the lock, or takes it again if it has expired because its owner was too busy to renew it.
 * KEYS: the lock's. ARGV: the owner's token, for how long in ms.
 */
export const KEEP_LOCK = `
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
${IS_OWN}
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/** The time of the server that has the key, in milliseconds since the epoch. */
export const TIME_MS = `
local time = redis.call('TIME')
return time[1] * 1000 + math.floor(time[2] / 1000)`;
