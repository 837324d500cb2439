#ifndef KGW_TENANTS_REDIS_LAYOUT_H
#define KGW_TENANTS_REDIS_LAYOUT_H

#define TENANTS_REDIS_VERSION "{kgw}:version"
#define TENANTS_REDIS_TENANTS "{kgw}:tenants"
#define TENANTS_REDIS_KEYS    "{kgw}:keys"
#define TENANTS_REDIS_CHANNEL "kgw:changed"

#define TENANTS_REDIS_VERSION_NONE "0"

#define TENANTS_REDIS_LOAD                                                                                             \
    "local version = redis.call('GET', KEYS[1]) or '0' "                                                               \
    "if version == ARGV[1] then return {version} end "                                                                 \
    "return {version, redis.call('HGETALL', KEYS[2]), redis.call('HGETALL', KEYS[3])}"

#define TENANTS_REDIS_SAVE                                                                                             \
    "local version = redis.call('GET', KEYS[1]) "                                                                      \
    "if (version or '0') ~= ARGV[1] then return '' end "                                                               \
    "if not version then local now = redis.call('TIME') "                                                              \
    "redis.call('SET', KEYS[1], now[1] .. string.format('%06d', now[2])) end "                                         \
    "local keys_at = 4 + 2 * tonumber(ARGV[3]) "                                                                       \
    "for i = 4, keys_at - 1, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end "                              \
    "for i = keys_at, #ARGV, 2 do redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1]) end "                              \
    "version = string.format('%.0f', redis.call('INCR', KEYS[1])) "                                                    \
    "redis.call('PUBLISH', ARGV[2], version) "                                                                         \
    "return version"

#endif
