/*
 * What a tenant has used of its quota now, as JSON: the page /usage of the admin listener and `tenant usage --json`.
 *
 *     {"tenant":"acme","usage":{
 *       "records_per_second":{"limit":100,"burst":250,"used":3,"remaining":247,"full_in_ms":30},
 *       "records_per_day":{"limit":86400,"used":12,"remaining":86388,"resets_at":"2026-03-01T00:00:00Z"}}}
 *
 * Only limits that the tenant has are named. Pure.
 */
#ifndef KGW_QUOTA_USAGE_H
#define KGW_QUOTA_USAGE_H

#include "gateway/quota/pool.h"

/* Appends the object; `unix_us` is the moment of which `room` tells. */
void usage_write(struct span tenant, const struct quota_limits *l, const struct quota_room room[QUOTA_DIMENSIONS],
                 uint64_t unix_us, struct buf *out);

#endif
