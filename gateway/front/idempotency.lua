-- One idempotency key, in Redis and by its clock: the states that stand in idempotency_store.h.
--
-- KEYS[1]  idempotency_name()
-- ARGV     1 "claim", "finish" or "release"; 2 the head of the record that is to be, with the caller's token and
--          fingerprint (idempotency_record.h); 3 keep_ms; 4 hold_ms, of a claim; 5 results, of a finish
-- Value    until when a claim holds, in ms, as 15 digits (0: no claim), "|" and the record
-- Returns  of a claim: the record as it is now, which is pending with the caller's token if it was granted
--          of the others: 1, or 0 where the claim is another's by now
local OURS = '^%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d|1|[POD]|%x+|%x+|'
local head, keep_ms = ARGV[2], tonumber(ARGV[3])

local function token_of(record) return string.sub(record, 5, 20) end
local function fingerprint_of(record) return string.sub(record, 22, 85) end
local function results_of(record) return string.sub(record, 87) end

local value, until_ms, record = redis.call('GET', KEYS[1]), 0, nil
if value then
    until_ms = tonumber(string.sub(value, 1, 15)) or 0
    record = string.sub(value, 17)
end
local is_ours = value and string.find(value, OURS) ~= nil
local is_pending = is_ours and string.sub(record, 3, 3) == 'P'

local function write(new, new_until_ms, ttl_ms)
    redis.call('SET', KEYS[1], string.format('%015.0f|', new_until_ms) .. new, 'PX', string.format('%.0f', ttl_ms))
end

-- A claim that expired without a result left nothing behind; with results they stay as long as results do.
local function claim()
    local time, hold_ms, results = redis.call('TIME'), tonumber(ARGV[4]), ''
    local now_ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
    local has_expired = is_pending and until_ms <= now_ms
    if record and not (has_expired and results_of(record) == '') then
        local is_open = is_ours and (has_expired or string.sub(record, 3, 3) == 'O')
        if not is_open or fingerprint_of(record) ~= fingerprint_of(head) then return record end
        results = results_of(record)
    end
    write(head .. results, now_ms + hold_ms, results == '' and hold_ms or hold_ms + keep_ms)
    return head .. results
end

-- Where nothing is left of the key, nobody else has it. The same again is no harm.
local function finish()
    if record and not (is_ours and token_of(record) == token_of(head)) then return 0 end
    write(head .. ARGV[5], 0, keep_ms)
    return 1
end

local function release()
    if not is_pending or token_of(record) ~= token_of(head) then return 0 end
    if results_of(record) == '' then
        redis.call('DEL', KEYS[1])
    else
        write(head .. results_of(record), 0, keep_ms)
    end
    return 1
end

return ({claim = claim, finish = finish, release = release})[ARGV[1]]()
