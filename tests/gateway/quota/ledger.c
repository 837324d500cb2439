#include "tests/gateway/quota/ledger.h"

#include <stdlib.h>

void ledger_init(struct ledger *l)
{
    *l = (struct ledger){.rows = NULL};
}

void ledger_clear(struct ledger *l)
{
    free(l->rows);
    ledger_init(l);
}

size_t ledger_spend(struct ledger *l, uint64_t at_us, int64_t units)
{
    if (l->len == l->capacity) {
        l->capacity = l->capacity == 0 ? 1024 : 2 * l->capacity;
        l->rows = realloc(l->rows, l->capacity * sizeof(l->rows[0]));
        if (l->rows == NULL)
            abort();
    }
    l->rows[l->len] = (struct ledger_row){at_us, units};
    return l->len++;
}

void ledger_void(struct ledger *l, size_t row)
{
    l->rows[row].units = 0;
}

int64_t ledger_sum(const struct ledger *l)
{
    int64_t sum = 0;

    for (size_t i = 0; i < l->len; i++)
        sum += l->rows[i].units;
    return sum;
}

static int by_time(const void *a, const void *b)
{
    const struct ledger_row *x = a, *y = b;

    return x->at_us < y->at_us ? -1 : x->at_us > y->at_us;
}

/* Of windows from row i to row j the sum is over by (sum to j - rate * time of j) - (sum before i - rate * time of i).
 */
double ledger_over(struct ledger *l, double rate, double burst)
{
    double sum = 0, least = 0, worst = -burst;

    if (l->len == 0)
        return worst;
    qsort(l->rows, l->len, sizeof(l->rows[0]), by_time);
    uint64_t start_us = l->rows[0].at_us;
    for (size_t i = 0; i < l->len; i++) {
        double refilled = rate * (double)(l->rows[i].at_us - start_us) / 1e6;
        least = sum - refilled < least ? sum - refilled : least;
        sum += (double)l->rows[i].units;
        worst = sum - refilled - least - burst > worst ? sum - refilled - least - burst : worst;
    }
    return worst;
}
