/*
 * What was spent when, and whether in every window of t seconds that is at most rate * t + burst.
 */
#ifndef KGW_TESTS_QUOTA_LEDGER_H
#define KGW_TESTS_QUOTA_LEDGER_H

#include <stddef.h>
#include <stdint.h>

struct ledger_row {
    uint64_t at_us;
    int64_t units;
};

struct ledger {
    struct ledger_row *rows;
    size_t len, capacity;
};

void ledger_init(struct ledger *l);
void ledger_clear(struct ledger *l);
/* In any order of time; less than 0 is what came back. Returns the row's number. */
size_t ledger_spend(struct ledger *l, uint64_t at_us, int64_t units);
void ledger_void(struct ledger *l, size_t row); /* as if it had not been; before ledger_over(), which sorts the rows */
int64_t ledger_sum(const struct ledger *l);
/* By how much the worst window is above rate * t + burst; negative: it is below. */
double ledger_over(struct ledger *l, double rate, double burst);

#endif
