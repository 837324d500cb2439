-- One tenant's quota, in Redis and by its clock: bucket.c, line by line, in the order of its operations. Why it keeps
-- what it keeps stands in bucket.h.
--
-- KEYS[1]  "kgw:{tenant}:q"
-- ARGV     1-3 rates, 4-6 bursts, 7 a day's records, 8 a month's bytes (0: no limit), 9 lease_us, 10-12 give, 13-15 late,
--          16-18 need, 19-21 want; 22, by tests only: the time in microseconds
-- Returns  the refused dimension (5: none), wait_us, 3 units granted, 5 remaining, 5 full_us
local DAY_US, GRACE_US, STEP_BACK_US, ALMOST_A_UNIT = 86400e6, 60e6, 1e6, 1e-6
local NUMBERS = 15 -- of a bucket, as text: at, since, 3 x (ahead, newer, older), 2 x (period, used)
local IDLE_MS = 60000 -- that a full bucket stays
local LEASED_PART = 2 -- of the burst at most half is on lease
local UNIT = {1, 2, 3, 2, 3} -- that a dimension counts
local floor, ceil, max, min = math.floor, math.ceil, math.max, math.min

local function numbers(from)
    local list = {}
    for i = 1, 3 do list[i] = tonumber(ARGV[from + i - 1]) end
    return list
end

local rate, burst, lease = numbers(1), numbers(4), tonumber(ARGV[9])
local give, late, need, want = numbers(10), numbers(13), numbers(16), numbers(19)
local capacity = {burst[1], burst[2], burst[3], tonumber(ARGV[7]), tonumber(ARGV[8])}
local interval, burst_us = {0, 0, 0}, {0, 0, 0}
for d = 1, 3 do
    if rate[d] ~= 0 then
        interval[d] = 1e6 / rate[d]
        burst_us[d] = capacity[d] * interval[d]
    end
end

local now
if ARGV[22] and ARGV[22] ~= '' then
    now = tonumber(ARGV[22])
else
    local time = redis.call('TIME')
    now = tonumber(time[1]) * 1e6 + tonumber(time[2])
end

-- The bucket. One that is gone, or is not understood, is full.
local b, found = {}, 0
for number in string.gmatch(redis.call('GET', KEYS[1]) or '', '%S+') do
    found = found + 1
    b[found] = tonumber(number)
end
if #b ~= NUMBERS or found ~= NUMBERS then
    b = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
end
local at, since = b[1], b[2]
local ahead, newer, older = {b[3], b[6], b[9]}, {b[4], b[7], b[10]}, {b[5], b[8], b[11]}
local period, used = {b[12], b[14]}, {b[13], b[15]}

local function ahead_after(d, elapsed)
    local both_us, newer_us = (newer[d] + older[d]) * interval[d], newer[d] * interval[d]
    local older_ends = since + lease - at
    local result = max(0, ahead[d] - elapsed)
    result = max(result, both_us - max(0, elapsed - older_ends))
    result = max(result, newer_us - max(0, elapsed - older_ends - lease))
    return min(result, burst_us[d] + interval[d])
end

local function wait_for(d, target)
    local both_us, newer_us = (newer[d] + older[d]) * interval[d], newer[d] * interval[d]
    local older_ends = since + lease - at
    local wait = max(0, ahead[d] - target)
    if both_us > target then wait = max(wait, older_ends + both_us - target) end
    if newer_us > target then wait = max(wait, older_ends + lease + newer_us - target) end
    return wait
end

-- Days are counted from 1 March of the year 0, so that the leap day is the last of its year (as in auth/utc.c).
local function month_of(day)
    day = day + 719468
    local era = floor(day / 146097)
    local of_era = day - era * 146097
    local year = floor((of_era - floor(of_era / 1460) + floor(of_era / 36524) - floor(of_era / 146096)) / 365)
    local of_year = of_era - (365 * year + floor(year / 4) - floor(year / 100))
    local from_march = floor((5 * of_year + 2) / 153)
    return (year + era * 400 - 1970) * 12 + from_march + 2
end

local function month_start(index)
    local year, month = 1970 + floor(index / 12), index % 12 + 1
    if month <= 2 then year = year - 1 end
    local era = floor(year / 400)
    local of_era = year - era * 400
    local of_year = floor((153 * ((month + 9) % 12) + 2) / 5)
    return (era * 146097 + of_era * 365 + floor(of_era / 4) - floor(of_era / 100) + of_year - 719468) * DAY_US
end

local starts, ends
local function settle_calendars()
    local day = floor(at / DAY_US)
    local index = {day, month_of(day)}
    starts = {day * DAY_US, month_start(index[2])}
    ends = {(day + 1) * DAY_US, month_start(index[2] + 1)}
    for i = 1, 2 do
        if period[i] ~= index[i] then used[i] = 0 end
        period[i] = index[i]
    end
end

local function turn_generations()
    local is_old = at >= since + 2 * lease
    if at < since + lease then return end
    since = is_old and at or since + lease
    for d = 1, 3 do
        older[d] = is_old and 0 or newer[d]
        newer[d] = 0
    end
end

local function settle()
    if at == 0 then at, since = now, now end
    local has_stepped = at - now > STEP_BACK_US
    if has_stepped then
        since = since - (at - now)
        at = now
    end
    local elapsed = max(0, now - at)
    for d = 1, 3 do
        if interval[d] == 0 then ahead[d], newer[d], older[d] = 0, 0, 0 end
        ahead[d] = ahead_after(d, elapsed)
    end
    at = at + elapsed
    turn_generations()
    settle_calendars()
    return has_stepped
end

local function available(d)
    if d > 3 then return max(0, capacity[d] - used[d - 3]) end
    return max(0, floor((burst_us[d] - ahead[d]) / interval[d] + ALMOST_A_UNIT))
end

local function give_back()
    for d = 1, 3 do
        local leased_us = (newer[d] + older[d]) * interval[d]
        ahead[d] = max(leased_us, ahead[d] - give[d] * interval[d])
    end
    for i = 1, 2 do
        local unit = UNIT[3 + i]
        if at - starts[i] >= GRACE_US then used[i] = max(0, used[i] - (give[unit] + late[unit])) end
    end
end

local function wait_of(d, units)
    if d > 3 then return ends[d - 3] - at end
    return wait_for(d, max(0, burst_us[d] - units * interval[d]))
end

local refused, wait = 5, 0
local function check()
    for d = 1, 5 do
        if capacity[d] ~= 0 and need[UNIT[d]] > available(d) then
            local us = ceil(wait_of(d, need[UNIT[d]]))
            if refused == 5 or us > wait then refused, wait = d - 1, us end
        end
    end
end

local function grantable(d)
    local all, needed = available(d), need[UNIT[d]]
    if d > 3 then return all end
    return min(all, needed + max(0, floor(capacity[d] / LEASED_PART) - (newer[d] + older[d])))
end

local granted = {0, 0, 0}
local function grant()
    granted = {want[1], want[2], want[3]}
    for d = 1, 5 do
        if capacity[d] ~= 0 then granted[UNIT[d]] = min(granted[UNIT[d]], grantable(d)) end
    end
end

local function deduct()
    for d = 1, 5 do
        local taken = granted[UNIT[d]]
        if capacity[d] ~= 0 and d > 3 then
            used[d - 3] = used[d - 3] + taken
        elseif capacity[d] ~= 0 then
            ahead[d] = ahead[d] + taken * interval[d]
            newer[d] = newer[d] + (taken - need[d])
        end
    end
end

-- It stays until it would be full again, and a little: who is idle vanishes.
local function write()
    local until_us, list = 0, {at, since}
    for d = 1, 3 do
        until_us = max(until_us, wait_for(d, 0))
        for _, number in ipairs({ahead[d], newer[d], older[d]}) do list[#list + 1] = number end
    end
    for i = 1, 2 do
        if used[i] > 0 then until_us = max(until_us, ends[i] - at) end
        list[#list + 1] = period[i]
        list[#list + 1] = used[i]
    end
    for i = 1, #list do list[i] = string.format('%.17g', list[i]) end
    redis.call('SET', KEYS[1], table.concat(list, ' '), 'PX', string.format('%.0f', ceil(until_us / 1000) + IDLE_MS))
end

local has_stepped = settle()
give_back()
check()
if refused == 5 then
    grant()
    deduct()
end
local reply = {refused, wait, granted[1], granted[2], granted[3]}
for d = 1, 5 do
    reply[5 + d] = capacity[d] == 0 and 0 or available(d)
    reply[10 + d] = capacity[d] == 0 and 0 or ceil(wait_of(d, capacity[d]))
end
local given = 0
for i = 1, 3 do given = given + give[i] + late[i] end
if refused == 5 or has_stepped or given > 0 then write() end
return reply
