/* What a quota says is counted for the gateway and for the tenant, the same. */
#include "gateway/front/ticket_count.h"

#include "gateway/base/tenant_counts.h"
#include "tests/lib/batch.h"

struct counted {
    struct world world;
    struct tenant_roll *roll;
    struct tenant_counts *counts;
};

static void begin(struct counted *c, size_t names)
{
    world_init(&c->world);
    c->roll = tenant_roll_new(names);
    c->counts = tenant_counts_new(c->roll);
    c->world.front.tenants = c->counts;
}

static void end(struct counted *c)
{
    world_clear(&c->world);
    tenant_counts_free(&c->counts);
    tenant_roll_free(&c->roll);
}

static int put(struct counted *c, size_t bytes, uint64_t us)
{
    static const char data[100];
    struct fake_exchange *e = world_put(&c->world, "orders", "partitionKey=k", span_of(data, bytes));

    fake_loop_pass(c->world.loop, us);
    int status = e->status;
    fake_exchange_free(e);
    return status;
}

/* In the row, and as the gateway's own. */
static void check_count(struct counted *c, size_t row, enum tenant_counter of_tenant, enum counter all, uint64_t want)
{
    check(c->counts->counts[row][of_tenant] == want, "counter %d of the row: %zu", of_tenant,
          (size_t)c->counts->counts[row][of_tenant]);
    check(c->world.metrics.counters[all] == want, "counter %d: %zu", all, (size_t)c->world.metrics.counters[all]);
}

static void who_has_no_quota_is_counted_too(void **state)
{
    struct counted c;

    (void)state;
    begin(&c, 1);
    for (int i = 0; i != 3; i++)
        assert_int_equal(put(&c, 4, 1000000), 200);
    check_count(&c, 1, TENANT_ADMITTED_REQUESTS, COUNT_ADMITTED_REQUESTS, 3);
    check_count(&c, 1, TENANT_ADMITTED_RECORDS, COUNT_ADMITTED_RECORDS, 3);
    check_count(&c, 1, TENANT_ADMITTED_BYTES, COUNT_ADMITTED_BYTES, 15);
    check_count(&c, 1, TENANT_LEASE_HITS, COUNT_QUOTA_LEASE_HITS, 0);
    end(&c);
}

static void refusals_are_counted_by_the_limit(void **state)
{
    static const struct {
        const char *members;
        enum tenant_counter of_tenant;
        enum counter all;
        size_t bytes;
        int want;
    } rows[] = {
        {"\"quota\":{\"requests_per_second\":1}", TENANT_REFUSED_REQUESTS, COUNT_QUOTA_REFUSED_REQUESTS, 4, 429},
        {"\"quota\":{\"records_per_second\":1}", TENANT_REFUSED_RECORDS, COUNT_QUOTA_REFUSED_RECORDS, 4, 429},
        {"\"quota\":{\"bytes_per_second\":6}", TENANT_REFUSED_BYTES, COUNT_QUOTA_REFUSED_BYTES, 4, 429},
        {"\"quota\":{\"records_per_day\":1}", TENANT_REFUSED_DAY, COUNT_QUOTA_REFUSED_DAY, 4, 429},
        {"\"quota\":{\"bytes_per_month\":6}", TENANT_REFUSED_MONTH, COUNT_QUOTA_REFUSED_MONTH, 4, 429},
        {"\"quota\":{\"bytes_per_second\":6}", TENANT_REFUSED_BURST, COUNT_QUOTA_REFUSED_BURST, 90, 413},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct counted c;
        begin(&c, 50);
        world_limit(&c.world, rows[i].members, false);
        assert_int_equal(put(&c, 4, 100000), 200);
        int status = put(&c, rows[i].bytes, 100000);
        check(status == rows[i].want, "row %zu: %d", i, status);
        check_count(&c, 1, rows[i].of_tenant, rows[i].all, 1);
        check_count(&c, 1, TENANT_ADMITTED_REQUESTS, COUNT_ADMITTED_REQUESTS, 1);
        assert_int_equal(c.world.metrics.counters[COUNT_QUOTA_GRANTED], 1);
        end(&c);
    }
}

/* At once, so that a lease is worth asking for. */
static void put_ten(struct counted *c)
{
    struct fake_exchange *all[10];

    for (size_t i = 0; i != LEN(all); i++)
        all[i] = world_put(&c->world, "orders", "partitionKey=k", SPAN("data"));
    fake_loop_pass(c->world.loop, 20000);
    for (size_t i = 0; i != LEN(all); i++) {
        assert_int_equal(all[i]->status, 200);
        fake_exchange_free(all[i]);
    }
}

static void with_redis_round_trips_and_what_leases_spare_are_counted(void **state)
{
    struct counted c;
    uint64_t asked, ahead, leased;

    (void)state;
    begin(&c, 50);
    world_limit(&c.world, "\"quota\":{\"records_per_second\":1000}", true);
    for (int i = 0; i != 50; i++)
        put_ten(&c);
    asked = c.world.metrics.counters[COUNT_QUOTA_ASKED];
    ahead = c.world.metrics.counters[COUNT_QUOTA_ASKED_AHEAD];
    leased = c.world.metrics.counters[COUNT_QUOTA_LEASE_HITS];
    check(asked >= 1 && ahead >= 1 && asked + leased == 500, "%zu, %zu, %zu", (size_t)asked, (size_t)ahead,
          (size_t)leased);
    check_count(&c, 1, TENANT_ASKED, COUNT_QUOTA_ASKED, asked);
    check_count(&c, 1, TENANT_ASKED_AHEAD, COUNT_QUOTA_ASKED_AHEAD, ahead);
    check_count(&c, 1, TENANT_LEASE_HITS, COUNT_QUOTA_LEASE_HITS, leased);
    end(&c);
}

static void decisions_without_redis_are_counted_by_their_policy(void **state)
{
    static const struct {
        const char *members;
        enum tenant_counter first, second;
        int want;
    } rows[] = {
        {"\"on_redis_failure\":\"open\"", TENANT_OPEN_ADMITTED, TENANT_OPEN_ADMITTED, 200},
        {"\"on_redis_failure\":\"closed\"", TENANT_CLOSED_REFUSED, TENANT_CLOSED_REFUSED, 503},
        {"\"on_redis_failure\":\"local_share\"", TENANT_SHARE_ADMITTED, TENANT_SHARE_REFUSED, 429},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct counted c;
        char members[160];
        begin(&c, 50);
        snprintf(members, sizeof(members), "\"quota\":{\"records_per_day\":1},%s", rows[i].members);
        world_limit(&c.world, members, true);
        c.world.redis.fate = FAKE_REDIS_AWAY;
        put(&c, 4, 100000);
        check(put(&c, 4, 100000) == rows[i].want, "row %zu", i);
        c.counts->counts[1][rows[i].first]--;
        check(c.counts->counts[1][rows[i].second] == 1, "row %zu", i);
        assert_int_equal(c.world.metrics.counters[COUNT_QUOTA_OUTAGE], 2);
        end(&c);
    }
}

static void who_is_not_named_is_other_and_reloads_change_no_row(void **state)
{
    struct counted c;

    (void)state;
    begin(&c, 1);
    assert_int_equal(put(&c, 4, 1000000), 200);
    world_reload(&c.world);
    assert_int_equal(put(&c, 4, 1000000), 200);
    check_count(&c, 1, TENANT_ADMITTED_RECORDS, COUNT_ADMITTED_RECORDS, 2);
    end(&c);
    begin(&c, 0);
    assert_int_equal(put(&c, 4, 1000000), 200);
    check_count(&c, TENANT_ROW_OTHER, TENANT_ADMITTED_RECORDS, COUNT_ADMITTED_RECORDS, 1);
    end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_no_quota_is_counted_too),
        cmocka_unit_test(refusals_are_counted_by_the_limit),
        cmocka_unit_test(with_redis_round_trips_and_what_leases_spare_are_counted),
        cmocka_unit_test(decisions_without_redis_are_counted_by_their_policy),
        cmocka_unit_test(who_is_not_named_is_other_and_reloads_change_no_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
