/* The order against a model that is a few arrays: random comings and goings, checked after each. */
#include "gateway/kinesis/order.h"

#include "gateway/base/random.h"
#include "tests/auth/check.h"

#include <stdio.h>

#define KEYS      12
#define PLACES    8 /* of a key */
#define NUMBER_OF 16

struct model_key {
    struct order_place *queue[PLACES]; /* the first one is under way, if has_turn */
    size_t len;
    bool has_turn, is_known;
    unsigned idle_since;
    char last[NUMBER_OF];
    struct order_place *gap[PLACES]; /* taken from the queue, but not gone */
    size_t gap_len;
};

struct model {
    struct model_key keys[KEYS];
    size_t keys_max;
    unsigned time;
};

static size_t drop(struct order_place **places, size_t len, size_t at)
{
    memmove(&places[at], &places[at + 1], (len - at - 1) * sizeof(places[0]));
    return len - 1;
}

static bool is_idle(const struct model_key *k)
{
    return k->is_known && k->len + k->gap_len == 0;
}

static void model_keep_bound(struct model *m)
{
    for (;;) {
        struct model_key *oldest = NULL;
        size_t known = 0;
        for (size_t i = 0; i < KEYS; i++) {
            struct model_key *k = &m->keys[i];
            known += k->is_known;
            if (is_idle(k) && (oldest == NULL || k->idle_since < oldest->idle_since))
                oldest = k;
        }
        if (known <= m->keys_max || oldest == NULL)
            return;
        *oldest = (struct model_key){.is_known = false};
    }
}

static void come(struct model *m, struct order *o, size_t i)
{
    struct model_key *k = &m->keys[i];
    char text[8];

    if (k->len + k->gap_len == PLACES)
        return;
    struct order_place *p = calloc(1, sizeof(*p));
    assert_non_null(p);
    snprintf(text, sizeof(text), "key %zu", i);
    enum order_turn turn = order_enter(o, span_str(text), p);
    k->is_known = true;
    k->queue[k->len++] = p;
    check(turn == (k->has_turn ? ORDER_LATER : ORDER_NOW), "%s", text);
    k->has_turn = true;
    model_keep_bound(m);
}

static void note_leaving(struct model *m, struct model_key *k)
{
    k->idle_since = ++m->time;
    model_keep_bound(m);
}

static void go(struct model *m, struct order *o, struct model_key *k, size_t at, const char *number)
{
    struct order_place *gone = k->queue[at], *want = NULL;

    k->len = drop(k->queue, k->len, at);
    if (at == 0) {
        want = k->len == 0 ? NULL : k->queue[0];
        k->has_turn = want != NULL;
        if (number[0] != '\0')
            snprintf(k->last, sizeof(k->last), "%s", number);
    }
    assert_ptr_equal(order_leave(o, gone, span_str(at == 0 ? number : "")), want);
    assert_null(gone->key);
    free(gone);
    note_leaving(m, k);
}

static void go_from_gap(struct model *m, struct order *o, struct model_key *k, size_t at)
{
    struct order_place *gone = k->gap[at];
    struct list behind;

    list_init(&behind);
    order_take_waiting(gone, &behind); /* they were taken with it */
    assert_true(list_is_empty(&behind));
    k->gap_len = drop(k->gap, k->gap_len, at);
    assert_null(order_leave(o, gone, SPAN("")));
    free(gone);
    note_leaving(m, k);
}

static void fail_with_a_gap(struct model *m, struct order *o, struct model_key *k, size_t at)
{
    struct list waiting;

    list_init(&waiting);
    order_take_waiting(k->queue[at], &waiting);
    for (size_t i = at + 1; i < k->len; i++) {
        struct order_place *p = LIST_ENTRY(waiting.next, struct order_place, link);
        assert_ptr_equal(p, k->queue[i]);
        list_remove(&p->link);
        k->gap[k->gap_len++] = p;
    }
    assert_true(list_is_empty(&waiting));
    k->len = at + 1;
    go(m, o, k, at, "");
}

static void compare(const struct model *m)
{
    for (size_t i = 0; i < KEYS; i++) {
        const struct model_key *k = &m->keys[i];
        for (size_t n = 0; n < k->len; n++) {
            check(order_is_under_way(k->queue[n]) == (n == 0), "key %zu, place %zu", i, n);
            check(span_is(order_last(k->queue[n]), k->last), "key %zu: %s", i, k->last);
        }
        for (size_t n = 0; n < k->gap_len; n++)
            assert_false(order_is_under_way(k->gap[n]));
    }
}

static void step(struct model *m, struct order *o, struct random *r)
{
    size_t i = random_below(r, KEYS);
    struct model_key *k = &m->keys[i];
    uint64_t kind = random_below(r, 16);
    char number[NUMBER_OF];

    snprintf(number, sizeof(number), "%u", 1 + m->time);
    if (kind < 6)
        come(m, o, i);
    else if (kind < 10 && k->len != 0)
        go(m, o, k, 0, kind < 9 ? number : "");
    else if (kind < 12 && k->len > 1)
        go(m, o, k, 1 + random_below(r, k->len - 1), "");
    else if (kind == 12 && k->len != 0)
        fail_with_a_gap(m, o, k, random_below(r, k->len));
    else if (kind == 13 && k->len != 0) {
        order_forget_last(k->queue[0]);
        k->last[0] = '\0';
    } else if (k->gap_len != 0)
        go_from_gap(m, o, k, random_below(r, k->gap_len));
}

static void it_does_what_the_model_does(void **state)
{
    struct random r;

    (void)state;
    random_seed(&r, 23);
    for (size_t round = 0; round < 300; round++) {
        struct model m = {.keys_max = round % (KEYS + 2)};
        struct order *o = order_new(m.keys_max, 7);
        assert_non_null(o);
        for (int n = 0; n < 500; n++) {
            step(&m, o, &r);
            compare(&m);
        }
        for (size_t i = 0; i < KEYS; i++) {
            while (m.keys[i].len != 0)
                go(&m, o, &m.keys[i], 0, "1");
            while (m.keys[i].gap_len != 0)
                go_from_gap(&m, o, &m.keys[i], 0);
        }
        order_free(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_does_what_the_model_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
