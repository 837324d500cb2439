/* A bucket's text from Redis: whatever it says, what is left keeps to the limits. */
#include "gateway/quota/stored.h"
#include "tests/fuzz/fuzz.h"

#define NOW 1768478400123456ull

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct quota_limits all[] = {
        {.requests_per_second = 1, .records_per_second = 1000, .records_burst = 1, .bytes_per_month = 5},
        {.bytes_per_second = 1, .bytes_burst = 1ull << 53, .records_per_day = 1ull << 53},
        {0},
    };
    struct span text = fuzz_copy(fuzz_span(data, size));
    struct quota_room room[QUOTA_DIMENSIONS];
    struct quota_bucket b;

    bool ok = stored_read(text, &b);
    for (size_t i = 0; i != sizeof(all) / sizeof(all[0]); i++) {
        stored_room(&b, &all[i], NOW, room);
        for (enum quota_dimension d = 0; d != QUOTA_DIMENSIONS; d++) {
            uint64_t capacity = quota_capacity(&all[i], d);
            BELIEVE(room[d].remaining <= capacity && (ok || room[d].remaining == capacity));
        }
    }
    fuzz_free(text);
    return 0;
}
