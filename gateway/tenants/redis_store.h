/*
 * All tenants and keys of a Redis, read at one moment. Blocks: for commands.
 */
#ifndef KGW_TENANTS_REDIS_STORE_H
#define KGW_TENANTS_REDIS_STORE_H

#include "auth/keyring.h"
#include "gateway/net/redis_once.h"

#define TENANTS_REDIS_ERROR_BYTES 512

/* One reference is the caller's. NULL with words in error[]: also where Redis holds no tenants at all. */
struct keyring *tenants_from_redis(struct redis_once *r, char error[TENANTS_REDIS_ERROR_BYTES]);

#endif
