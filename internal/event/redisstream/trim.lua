-- Takes old entries of the stream KEYS[1] away, no more than ARGV[4] of them: those
-- with an id up to ARGV[1] while there are more than ARGV[2], and any while there
-- are more than ARGV[3]. It answers how many it took, and 1 if some lay beyond
-- ARGV[1].
local length = redis.call('XLEN', KEYS[1])

local function take(upto, surplus)
  if surplus <= 0 then return 0 end
  local old = redis.call('XRANGE', KEYS[1], '-', upto, 'COUNT', math.min(surplus, tonumber(ARGV[4])))
  if #old == 0 then return 0 end
  local ids = {}
  for i, entry in ipairs(old) do ids[i] = entry[1] end
  return redis.call('XDEL', KEYS[1], unpack(ids))
end

local taken = take(ARGV[1], length - tonumber(ARGV[2]))
if taken > 0 then return {taken, 0} end
return {take('+', length - tonumber(ARGV[3])), 1}
