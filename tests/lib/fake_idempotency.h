/* idempotency.lua in C, for the Redis in virtual time: a few keys, their records and their ends. */
#ifndef KGW_TESTS_LIB_FAKE_IDEMPOTENCY_H
#define KGW_TESTS_LIB_FAKE_IDEMPOTENCY_H

#include "gateway/front/idempotency_script.h"
#include "gateway/net/redis_script.h"

#define FAKE_IDEMPOTENCY_KEYS  16
#define FAKE_IDEMPOTENCY_BYTES 4096 /* of a record; of its own, so that it lacks none when the code under test does */

struct fake_idempotency {
    struct fake_idempotency_key {
        char name[320];
        char record[FAKE_IDEMPOTENCY_BYTES];
        size_t len; /* 0: there is no such key */
        uint64_t until_ms, expires_ms;
    } keys[FAKE_IDEMPOTENCY_KEYS];
};

/* As the script at that time; the answer's text goes to `text`. */
struct redis_reply fake_idempotency_carry_out(struct fake_idempotency *f, const struct redis_script_words *w,
                                              uint64_t now_ms, char text[FAKE_IDEMPOTENCY_BYTES]);
/* "" if there is none by then, else its state: "P", "O" or "D". */
const char *fake_idempotency_state(struct fake_idempotency *f, const char *name, uint64_t now_ms);
void fake_idempotency_clear(struct fake_idempotency *f); /* forgets all keys */

#endif
