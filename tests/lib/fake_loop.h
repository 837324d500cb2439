/*
 * The loop in virtual time: the symbols of gateway/net/loop.h, driven by the test. Timers of one instant run in an
 * order that the seed decides. Time passes only while the test lets it.
 */
#ifndef KGW_TESTS_LIB_FAKE_LOOP_H
#define KGW_TESTS_LIB_FAKE_LOOP_H

#include "gateway/net/loop.h"

void fake_loop_seed(struct loop *l, uint64_t seed);
/* Runs posts, due timers and marked work until nothing is left to do now. */
void fake_loop_settle(struct loop *l);
/* Lets time pass, stopping at every timer on the way. */
void fake_loop_pass(struct loop *l, uint64_t us);
bool fake_loop_is_idle(const struct loop *l); /* no timer, post or mark is left */
void fake_loop_set_unix_ms(struct loop *l, int64_t unix_ms);

#endif
