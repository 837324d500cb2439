#pragma once

#include <stdint.h>

/* What AWS puts into x-amzn-RequestId and x-amz-id-2. */
struct request_ids {
    char request_id[37], id_2[77];
};

void request_ids_make(struct request_ids *ids, uint64_t seed);
