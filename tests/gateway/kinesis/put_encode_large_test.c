#include "gateway/kinesis/put_encode.h"

#include "tests/auth/check.h"

static const struct stream_conf stream = {.name = SPAN("clicks"), .stream_name = SPAN("clicks-prod")};

/* How many steps it took; 0 if one of them was too large. */
static size_t encode_in_steps(const struct record *r, struct buf *out)
{
    struct put_encode_large e;
    size_t steps = 0;
    bool is_last;

    put_encode_large_begin(&e, &stream, r, out);
    do {
        size_t before = out->len;
        is_last = put_encode_large_step(&e, out);
        if (out->len - before > PUT_ENCODE_SLICE + 2)
            return 0;
        steps++;
    } while (!is_last);
    return steps;
}

static void check_same(const struct record *r, size_t want_steps)
{
    const char *form = r->data_is_base64 ? "base64" : "raw";
    struct buf whole, sliced;

    buf_init(&whole, 1 << 25);
    buf_init(&sliced, 1 << 25);
    put_encode_record(&stream, r, &whole);
    size_t steps = encode_in_steps(r, &sliced);
    check(!sliced.failed && span_equal(buf_span(&whole), buf_span(&sliced)), "%zu bytes of %s", r->data.len, form);
    check(steps == want_steps, "%zu bytes of %s took %zu steps", r->data.len, form, steps);
    buf_clear(&whole);
    buf_clear(&sliced);
}

static void slices_give_the_same_bytes_around_every_edge(void **state)
{
    static const size_t raw_slice = PUT_ENCODE_SLICE / 4 * 3;
    struct buf text;

    (void)state;
    char *data = malloc(3 * raw_slice + 8);
    assert_non_null(data);
    for (size_t i = 0; i < 3 * raw_slice + 8; i++)
        data[i] = (char)(i * 2654435761u >> 11);
    buf_init(&text, 1 << 25);
    for (size_t slices = 0; slices <= 3; slices++)
        for (int off = slices == 0 ? 0 : -4; off <= 4; off++) {
            size_t bytes = (size_t)((long)(slices * raw_slice) + off);
            struct record r = {.data = span_of(data, bytes), .data_bytes = bytes, .partition_key = SPAN("a\"b")};
            check_same(&r, bytes == 0 ? 1 : (bytes + raw_slice - 1) / raw_slice);
            buf_reset(&text);
            buf_append_base64(&text, r.data);
            r.data = buf_span(&text);
            r.data_is_base64 = true;
            check_same(&r, text.len == 0 ? 1 : (text.len + PUT_ENCODE_SLICE - 1) / PUT_ENCODE_SLICE);
        }
    buf_clear(&text);
    free(data);
}

static void all_members_and_the_largest_record(void **state)
{
    char *data = calloc(1, RECORD_BYTES_MAX);
    struct record r = {.data = span_of(data, RECORD_BYTES_MAX),
                       .data_bytes = RECORD_BYTES_MAX,
                       .partition_key = SPAN("k"),
                       .explicit_hash_key = SPAN("1"),
                       .sequence_number_for_ordering = SPAN("2")};

    (void)state;
    assert_non_null(data);
    check_same(&r, 54);
    free(data);
}

static void memory_is_taken_at_the_beginning(void **state)
{
    static char data[3 * PUT_ENCODE_SLICE];
    struct record r = {.data = span_of(data, sizeof(data)), .data_bytes = sizeof(data), .partition_key = SPAN("k")};
    struct put_encode_large e;
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 25);
    put_encode_large_begin(&e, &stream, &r, &out);
    const char *before = out.ptr;
    while (!put_encode_large_step(&e, &out))
        continue;
    assert_ptr_equal(out.ptr, before);
    buf_clear(&out);
}

static void what_does_not_fit_ends_at_the_first_step(void **state)
{
    static char data[3 * PUT_ENCODE_SLICE];
    struct record r = {.data = span_of(data, sizeof(data)), .data_bytes = sizeof(data), .partition_key = SPAN("k")};
    static const size_t limits[] = {0, 8, 64, PUT_ENCODE_SLICE, 2 * PUT_ENCODE_SLICE};

    (void)state;
    for (size_t i = 0; i < LEN(limits); i++) {
        struct buf out;
        buf_init(&out, limits[i]);
        check(encode_in_steps(&r, &out) == 1 && out.failed, "a limit of %zu", limits[i]);
        buf_clear(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_give_the_same_bytes_around_every_edge),
        cmocka_unit_test(all_members_and_the_largest_record),
        cmocka_unit_test(memory_is_taken_at_the_beginning),
        cmocka_unit_test(what_does_not_fit_ends_at_the_first_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
