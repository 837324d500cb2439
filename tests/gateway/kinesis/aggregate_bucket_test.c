#include "gateway/base/random.h"
#include "gateway/kinesis/aggregate.h"

#include "tests/auth/check.h"

#define BUCKETS_MAX 65536u

static uint32_t bucket_of_number(unsigned __int128 number, uint32_t buckets)
{
    struct hash_key k = hash_key_of_number(number);
    return aggregate_bucket_of(&k, buckets);
}

static unsigned __int128 random_number(struct random *r)
{
    return (unsigned __int128)random_next(r) << 64 | random_next(r);
}

static struct hash_key parsed(const char *decimal)
{
    struct hash_key k;
    assert_true(hash_key_parse(span_str(decimal), &k));
    return k;
}

/* Worked out with integers of any size. */
static const struct {
    uint32_t buckets, bucket;
    const char *first, *middle, *last;
} borders[] = {
    {1, 0, "0", "170141183460469231731687303715884105728", "340282366920938463463374607431768211455"},
    {2, 0, "0", "85070591730234615865843651857942052864", "170141183460469231731687303715884105727"},
    {2, 1, "170141183460469231731687303715884105728", "255211775190703847597530955573826158592",
     "340282366920938463463374607431768211455"},
    {3, 0, "0", "56713727820156410577229101238628035242", "113427455640312821154458202477256070485"},
    {3, 1, "113427455640312821154458202477256070486", "170141183460469231731687303715884105728",
     "226854911280625642308916404954512140970"},
    {3, 2, "226854911280625642308916404954512140971", "283568639100782052886145506193140176213",
     "340282366920938463463374607431768211455"},
    {7, 6, "291670600217947254397178234941515609820", "315976483569442858930276421186641910637",
     "340282366920938463463374607431768211455"},
    {1000, 999, "339942084554017524999911232824336443245", "340112225737477994231642920128052327350",
     "340282366920938463463374607431768211455"},
    {65535, 32767, "170138587272425278588607549579869519872", "170141183460469231731687303715884105728",
     "170143779648513184874767057851898691584"},
    {65536, 65535, "340277174624079928635746076935438991360", "340279770772509196049560342183603601408",
     "340282366920938463463374607431768211455"},
};

static void borders_are_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(borders); i++) {
        uint32_t buckets = borders[i].buckets, bucket = borders[i].bucket;
        struct hash_key first = parsed(borders[i].first), last = parsed(borders[i].last);
        struct hash_key middle = aggregate_bucket_middle(bucket, buckets), want = parsed(borders[i].middle);
        check(hash_key_compare(&middle, &want) == 0, "the middle of %u of %u", bucket, buckets);
        check(aggregate_bucket_of(&first, buckets) == bucket && aggregate_bucket_of(&last, buckets) == bucket,
              "%u of %u reaches from border to border", bucket, buckets);
        check(bucket == 0 || bucket_of_number(hash_key_number(&first) - 1, buckets) == bucket - 1,
              "before %u of %u is another", bucket, buckets);
        check(bucket + 1 == buckets || bucket_of_number(hash_key_number(&last) + 1, buckets) == bucket + 1,
              "after %u of %u is another", bucket, buckets);
    }
}

static void a_middle_lies_in_its_bucket_for_every_count(void **state)
{
    struct random r;

    (void)state;
    random_seed(&r, 1);
    for (uint32_t buckets = 1; buckets <= BUCKETS_MAX; buckets++) {
        uint32_t some[] = {0, buckets / 2, buckets - 1, (uint32_t)random_below(&r, buckets)};
        for (size_t i = 0; i < LEN(some); i++) {
            struct hash_key middle = aggregate_bucket_middle(some[i], buckets);
            check(aggregate_bucket_of(&middle, buckets) == some[i], "%u of %u", some[i], buckets);
        }
    }
}

static void a_middle_lies_in_its_bucket_for_every_bucket(void **state)
{
    static const uint32_t counts[] = {1, 2, 3, 5, 10, 64, 1000, 4099, 32769, BUCKETS_MAX - 1, BUCKETS_MAX};

    (void)state;
    for (size_t i = 0; i < LEN(counts); i++) {
        for (uint32_t bucket = 0; bucket < counts[i]; bucket++) {
            struct hash_key middle = aggregate_bucket_middle(bucket, counts[i]);
            check(aggregate_bucket_of(&middle, counts[i]) == bucket, "%u of %u", bucket, counts[i]);
        }
    }
}

static void powers_of_two_are_the_first_bits(void **state)
{
    struct random r;

    (void)state;
    random_seed(&r, 2);
    for (unsigned bits = 0; bits <= 16; bits++) {
        for (int i = 0; i < 1000; i++) {
            unsigned __int128 number = random_number(&r);
            uint32_t want = (uint32_t)(number >> 64 >> 32 >> 16) >> (16 - bits);
            check(bucket_of_number(number, 1u << bits) == want, "%u bits", bits);
        }
    }
}

static void the_ends_of_the_space_are_the_ends_of_the_buckets(void **state)
{
    (void)state;
    for (uint32_t buckets = 1; buckets <= BUCKETS_MAX; buckets++)
        check(bucket_of_number(0, buckets) == 0 && bucket_of_number(~(unsigned __int128)0, buckets) == buckets - 1,
              "%u buckets", buckets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(borders_are_exact),
        cmocka_unit_test(a_middle_lies_in_its_bucket_for_every_count),
        cmocka_unit_test(a_middle_lies_in_its_bucket_for_every_bucket),
        cmocka_unit_test(powers_of_two_are_the_first_bits),
        cmocka_unit_test(the_ends_of_the_space_are_the_ends_of_the_buckets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
