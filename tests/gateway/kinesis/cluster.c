/* See cluster.h. */
#include "tests/gateway/kinesis/cluster.h"

#include "gateway/kinesis/remote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define STEP_US 100u

static const char *const names[WORKERS] = {"w0", "w1", "w2"};

static size_t home_of(const struct crowd *asker, struct span key)
{
    return remote_home_of(&asker->sender, key);
}

static void saw(void *ctx, const struct fake_attempt *a)
{
    struct crowd *home = ctx;
    struct cluster *c = home->told_ctx;
    struct crowd *asker = &c->workers[a->record->data.ptr[1] - '0'];
    struct caller *w = caller_of(asker, a->record->data);

    assert_true(span_equal(a->record->data, w->expected_data));
    assert_true(span_equal(a->record->partition_key, w->expected_key));
    assert_ptr_equal(home, &c->workers[home_of(asker, w->expected_key)]);
    assert_true(w->state == CALLER_WAITING || (w->state == CALLER_GONE && home != asker));
    caller_is_sent(w, a);
}

static struct fake_stored *find_stored(const struct caller *w)
{
    const struct cluster *c = w->crowd->told_ctx;
    const struct crowd *home = &c->workers[home_of(w->crowd, w->expected_key)];
    struct fake_stored *s = fake_ledger_find(&home->net->ledger, w->waiter.result.sequence_number);

    if (s == NULL || !span_equal(s->data, w->expected_data) || !span_equal(s->partition_key, w->expected_key))
        return NULL;
    return ++s->claims == 1 ? s : NULL;
}

static struct lane *find_lane(void *ctx, struct span stream)
{
    struct crowd *c = ctx;

    return span_equal(stream, c->streams[0].name) ? c->lanes[0] : NULL;
}

static void join(struct cluster *c, size_t self)
{
    struct crowd *w = &c->workers[self];

    crowd_init(w);
    w->net->saw = saw;
    w->net->saw_ctx = w;
    w->find_stored = find_stored;
    w->told_ctx = c;
    w->streams[0].is_ordered = true;
    c->peers[self] = (struct sender_peer){w->loop, &w->sender};
    w->sender.peers = c->peers;
    w->sender.peers_len = WORKERS;
    w->sender.self = self;
    w->sender.find_lane = find_lane;
    w->sender.find_lane_ctx = w;
    crowd_lane(w, 0);
}

void cluster_init(struct cluster *c)
{
    for (size_t i = 0; i != WORKERS; i++)
        join(c, i);
}

void cluster_settle(struct cluster *c)
{
    for (unsigned round = 0; round != 2; round++) /* there, and back */
        for (size_t i = 0; i != WORKERS; i++)
            fake_loop_settle(c->workers[i].loop);
}

void cluster_pass(struct cluster *c, uint64_t us)
{
    for (uint64_t passed = 0; passed < us; passed += STEP_US) {
        for (size_t i = 0; i != WORKERS; i++)
            fake_loop_pass(c->workers[i].loop, STEP_US);
        cluster_settle(c);
    }
}

void cluster_clear(struct cluster *c)
{
    for (size_t i = 0; i != WORKERS; i++)
        crowd_clear(&c->workers[i]);
}

const char *cluster_key(const struct cluster *c, size_t home, unsigned nth)
{
    static char key[16];
    unsigned left = nth + 1;

    for (unsigned i = 0; left != 0; i++) {
        snprintf(key, sizeof(key), "key %u", i);
        left -= home_of(&c->workers[0], span_str(key)) == home;
    }
    return key;
}

struct caller *cluster_ask(struct cluster *c, size_t asker, size_t home, struct arrival a)
{
    a.word = names[asker];
    if (a.key == NULL)
        a.key = cluster_key(c, home, 0);
    return caller_arrive(&c->workers[asker], &a);
}

unsigned cluster_count(const struct cluster *c, enum failure_row row)
{
    unsigned count = 0;

    for (size_t i = 0; i != WORKERS; i++)
        count += crowd_count(&c->workers[i], row);
    return count;
}
