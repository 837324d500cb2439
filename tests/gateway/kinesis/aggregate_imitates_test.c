#include "gateway/kinesis/aggregate.h"

#include "auth/digest.h"
#include "tests/auth/check.h"

#define FRAME (AGGREGATE_MAGIC_BYTES + MD5_BYTES)

static char imitation[AGGREGATE_LOOK_BYTES_MAX + 64], text[(AGGREGATE_LOOK_BYTES_MAX + 64) / 3 * 4 + 4];

static struct span made_with_message_of(size_t len)
{
    memcpy(imitation, "\xF3\x89\x9A\xC2", 4);
    for (size_t i = 0; i < len; i++)
        imitation[4 + i] = (char)(i * 31 + i / 251);
    digest_md5(span_of(imitation + 4, len), (uint8_t *)imitation + 4 + len);
    return span_of(imitation, len + FRAME);
}

static bool raw_imitates(struct span data)
{
    return aggregate_imitates(&(struct record){.data = data, .data_bytes = data.len});
}

static bool base64_imitates(struct span data)
{
    base64_encode(data, text);
    return aggregate_imitates(&(struct record){
        .data = span_of(text, base64_encoded_size(data.len)), .data_is_base64 = true, .data_bytes = data.len});
}

/* Both forms say the same, or the test ends. */
static bool imitates(struct span data)
{
    bool raw = raw_imitates(data);
    check(base64_imitates(data) == raw, "%zu bytes and their base64 agree", data.len);
    return raw;
}

static void aggregates_do(void **state)
{
    char vector[50];
    struct aggregate *a = aggregate_new();
    struct record r = {.partition_key = SPAN("k"), .data = SPAN("hello"), .data_bytes = 5};

    (void)state;
    assert_true(hex_decode(SPAN("f3899ac20a026b310a026b321a0908001a0568656c6c6f1a0908011a05776f726c64"
                                "c4b234c121650f4512d22bf67dca9de2"),
                           vector, sizeof(vector)));
    assert_true(imitates(span_of(vector, sizeof(vector))));
    aggregate_begin(a, SPAN("0"), (struct span){0});
    for (int i = 0; i < 1000; i++) {
        assert_true(aggregate_add(a, &r));
        assert_true(imitates(aggregate_end(a)));
    }
    aggregate_free(&a);
}

static void whatever_its_message_is_long(void **state)
{
    (void)state;
    for (size_t len = 0; len<10000; len += len> 40 && len % 3072 > 40 && len % 3072 < 3000 ? 97 : 1) {
        struct span data = made_with_message_of(len);
        check(imitates(data), "a message of %zu bytes", len);
        imitation[4 + len + 15] ^= 1;
        check(!imitates(data), "a wrong MD5 after %zu bytes", len);
    }
}

static void one_wrong_bit_is_no_imitation(void **state)
{
    static const size_t lens[] = {0, 1, 30, 31, 32, 3072};

    (void)state;
    for (size_t i = 0; i < LEN(lens); i++) {
        struct span data = made_with_message_of(lens[i]);
        for (size_t bit = 0; bit<8 * data.len; bit += lens[i]> 100 ? 5 : 1) {
            imitation[bit / 8] ^= (char)(1 << bit % 8);
            check(!imitates(data), "bit %zu of %zu bytes", bit, data.len);
            imitation[bit / 8] ^= (char)(1 << bit % 8);
        }
        assert_true(imitates(data));
    }
}

static void parts_of_one_do_not(void **state)
{
    struct span data = made_with_message_of(30);

    (void)state;
    for (size_t len = 0; len < data.len; len++)
        check(!imitates(span_of(data.ptr, len)), "the first %zu bytes", len);
    for (size_t from = 1; from <= data.len; from++)
        check(!imitates(span_of(data.ptr + from, data.len - from)), "all but the first %zu bytes", from);
    assert_false(raw_imitates((struct span){0}));
    assert_false(imitates(SPAN("an ordinary event, longer than an MD5 and a magic are")));
}

static void of_larger_data_the_magic_tells(void **state)
{
    struct span largest = made_with_message_of(AGGREGATE_LOOK_BYTES_MAX - FRAME);

    (void)state;
    assert_int_equal(largest.len, AGGREGATE_LOOK_BYTES_MAX);
    assert_true(imitates(largest));
    imitation[AGGREGATE_LOOK_BYTES_MAX / 2] ^= 1;
    assert_false(imitates(largest));
    for (size_t more = 1; more <= 3; more++) {
        struct span larger = span_of(imitation, AGGREGATE_LOOK_BYTES_MAX + more);
        check(imitates(larger), "%zu more", more);
        imitation[3] ^= 1;
        check(!imitates(larger), "%zu more, and no magic", more);
        imitation[3] ^= 1;
    }
}

/* Nobody should come here with it; it must only not be read past its end. */
static void a_text_that_is_no_base64_does_not(void **state)
{
    struct span data = made_with_message_of(4000);
    size_t len = base64_encoded_size(data.len);

    (void)state;
    base64_encode(data, text);
    struct record r = {.data = span_of(text, len), .data_is_base64 = true};
    assert_true(aggregate_imitates(&r));
    for (size_t cut = 1; cut<len; cut += cut> 20 ? 61 : 1) {
        char *copy = malloc(len - cut);
        memcpy(copy, text, len - cut);
        r.data = span_of(copy, len - cut);
        check(!aggregate_imitates(&r), "without the last %zu characters", cut);
        free(copy);
    }
    r.data = span_of(text, len);
    for (size_t at = 0; at<len; at += at % 4096> 20 && at % 4096 < 4000 ? 61 : 1) {
        char was = text[at];
        text[at] = '=';
        check(!aggregate_imitates(&r) || was == '=', "padding at %zu", at);
        text[at] = was;
    }
    memcpy(text + 4092, "AA==", 4); /* a piece that ends well, and too early */
    assert_false(aggregate_imitates(&r));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aggregates_do),
        cmocka_unit_test(whatever_its_message_is_long),
        cmocka_unit_test(one_wrong_bit_is_no_imitation),
        cmocka_unit_test(parts_of_one_do_not),
        cmocka_unit_test(of_larger_data_the_magic_tells),
        cmocka_unit_test(a_text_that_is_no_base64_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
