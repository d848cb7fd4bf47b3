-- Adds entries to the stream KEYS[1] if its last id is ARGV[1], and has it stand at
-- ARGV[2] afterwards. Behind these stand the entries: id, number of words, words.
-- It answers the last id that the stream had.
local function standing()
  if redis.call('EXISTS', KEYS[1]) == 0 then return '0-0' end
  local info = redis.call('XINFO', 'STREAM', KEYS[1])
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then return info[i + 1] end
  end
end

local last = standing()
if last ~= ARGV[1] then return last end
if redis.call('EXISTS', KEYS[1]) == 0 then
  -- A group that is made and taken away leaves an empty stream.
  redis.call('XGROUP', 'CREATE', KEYS[1], 'ordinaut', '0', 'MKSTREAM')
  redis.call('XGROUP', 'DESTROY', KEYS[1], 'ordinaut')
end
local i = 3
while i <= #ARGV do
  local words = tonumber(ARGV[i + 1])
  redis.call('XADD', KEYS[1], ARGV[i], unpack(ARGV, i + 2, i + 1 + words))
  i = i + 2 + words
end
redis.call('XSETID', KEYS[1], ARGV[2])
return last
