/*
 * Two halves. Any bytes, raw and in base64, imitate an aggregate exactly if an oracle says so; the same bytes behind
 * the magic and before their MD5 always do. And lines as records ("key data", or "=key base64") are packed to what the
 * tests' own reader unpacks, in the size that was foretold.
 */
#include "tests/fuzz/fuzz.h"

#include "auth/digest.h"
#include "gateway/kinesis/aggregate.h"
#include "tests/gateway/kinesis/aggregate_reader.h"

#define FRAME       (AGGREGATE_MAGIC_BYTES + MD5_BYTES)
#define HASH_KEY    SPAN("170141183460469231731687303715884105728")
#define RECORDS_MAX 600

static struct aggregate *aggregate;

static bool oracle(struct span data)
{
    uint8_t md5[MD5_BYTES];

    if (data.len < FRAME || memcmp(data.ptr, "\xF3\x89\x9A\xC2", 4) != 0)
        return false;
    digest_md5(span_of(data.ptr + 4, data.len - FRAME), md5);
    return memcmp(data.ptr + data.len - MD5_BYTES, md5, MD5_BYTES) == 0;
}

static void check_imitation(struct span data, bool want)
{
    struct buf text;

    buf_init(&text, base64_encoded_size(data.len));
    buf_append_base64(&text, data);
    BELIEVE(aggregate_imitates(&(struct record){.data = data, .data_bytes = data.len}) == want);
    struct span exact = fuzz_copy(buf_span(&text));
    BELIEVE(aggregate_imitates(&(struct record){.data = exact, .data_is_base64 = true, .data_bytes = data.len}) ==
            want);
    fuzz_free(exact);
    buf_clear(&text);
}

static void check_any_bytes(struct span data)
{
    size_t len = data.len + FRAME;
    char *framed = malloc(len);

    BELIEVE(framed != NULL);
    check_imitation(data, oracle(data));
    memcpy(framed, "\xF3\x89\x9A\xC2", 4);
    if (data.len != 0)
        memcpy(framed + 4, data.ptr, data.len);
    digest_md5(data, (uint8_t *)framed + 4 + data.len);
    check_imitation(span_of(framed, len), true);
    framed[digest_crc32(data) % len] ^= (char)(1 << data.len % 8);
    check_imitation(span_of(framed, len), false);
    free(framed);
}

/* What is no base64 does not come here in life: nothing is asked but that it is survived. */
static void check_any_text(struct span text)
{
    size_t len;
    bool imitates = aggregate_imitates(&(struct record){.data = text, .data_is_base64 = true});

    BELIEVE(base64_check(text, &len) || !imitates);
}

static struct record record_of_line(struct span line)
{
    struct record r = {.partition_key = span_cut(line, ' ', &r.data)};
    size_t len;

    r.data_is_base64 = span_starts_with(line, SPAN("=")) && base64_check(r.data, &len);
    r.data_bytes = r.data_is_base64 ? len : r.data.len;
    return r;
}

static void check_unpacked(const struct read_record *got, const struct record *r, struct span shared_key)
{
    size_t len = r->data.len;
    char *data = malloc(r->data.len + 4);

    BELIEVE(data != NULL);
    if (r->data_is_base64)
        BELIEVE(base64_decode(r->data, data, &len));
    else if (len != 0)
        memcpy(data, r->data.ptr, len);
    BELIEVE(span_equal(got->partition_key, shared_key.len != 0 ? shared_key : r->partition_key));
    BELIEVE(span_equal(got->data, span_of(data, len)) && span_equal(got->explicit_hash_key, HASH_KEY));
    free(data);
}

static void check_round_trip(struct span lines)
{
    struct span shared_key = SPAN("shared");
    static struct record records[RECORDS_MAX];
    size_t records_len = 0;

    if (lines.len == 0)
        return;
    if (lines.ptr[0] != '!')
        shared_key = (struct span){0};
    aggregate_begin(aggregate, HASH_KEY, shared_key);
    while (lines.len != 0 && records_len != RECORDS_MAX) {
        struct record r = record_of_line(span_cut(lines, '\n', &lines));
        size_t want = aggregate_bytes_with(aggregate, &r);
        BELIEVE(aggregate_add(aggregate, &r));
        records[records_len++] = r;
        BELIEVE(aggregate_records(aggregate) == records_len &&
                (lines.len != 0 || aggregate_end(aggregate).len == want));
    }
    struct span bytes = aggregate_end(aggregate);
    struct read_aggregate *got = read_aggregate(bytes);
    BELIEVE(got != NULL && got->records_len == records_len && got->explicit_hash_keys_len == 1);
    for (size_t i = 0; i < records_len; i++)
        check_unpacked(&got->records[i], &records[i], shared_key);
    BELIEVE(aggregate_imitates(&(struct record){.data = bytes, .data_bytes = bytes.len}));
    free(got);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = fuzz_span(data, size);

    if (aggregate == NULL)
        aggregate = aggregate_new();
    BELIEVE(aggregate != NULL);
    check_any_bytes(input);
    check_any_text(input);
    check_round_trip(input);
    return 0;
}
