#include "gateway/net/redis_reader.h"

#include "tests/auth/check.h"

#include <stdio.h>

#define BYTES_MAX 65536
#define BYTES(text)                                                                                                    \
    {                                                                                                                  \
        (text), sizeof(text) - 1                                                                                       \
    }

/* A reply as text: (1 "two" ok !ERR nil). */
static void show(const struct redis_reply *r, struct buf *out)
{
    static const char *before[] = {"nil", "", "", "\"", "!", "("}, *after[] = {"", "", "", "\"", "", ")"};

    buf_append(out, span_str(before[r->type]));
    if (r->type == REDIS_TYPE_INTEGER)
        buf_append_i64(out, r->integer);
    buf_append(out, r->text);
    for (size_t i = 0; i != r->elements_len; i++) {
        if (i != 0)
            buf_append_char(out, ' ');
        show(&r->elements[i], out);
    }
    buf_append(out, span_str(after[r->type]));
}

/* All replies of `text`, fed `step` bytes at a time; " broken" at the end where it breaks. */
static void read_all(struct span text, size_t step, struct buf *out)
{
    struct redis_reader r;
    const struct redis_reply *reply;
    enum redis_reading reading = REDIS_READING_MORE;

    assert_true(redis_reader_init(&r, BYTES_MAX));
    for (size_t at = 0; at < text.len && reading == REDIS_READING_MORE; at += step) {
        assert_true(redis_reader_feed(&r, span_of(text.ptr + at, text.len - at < step ? text.len - at : step)));
        while ((reading = redis_reader_next(&r, &reply)) == REDIS_READING_REPLY) {
            show(reply, out);
            buf_append_char(out, ';');
            redis_reader_release(&r);
        }
    }
    if (reading == REDIS_READING_BROKEN)
        buf_append(out, SPAN("broken"));
    redis_reader_clear(&r);
}

static const struct {
    const char *what;
    struct span text;
    const char *want;
} rows[] = {
    {"a status", BYTES("+OK\r\n"), "OK;"},
    {"an empty status", BYTES("+\r\n"), ";"},
    {"an error", BYTES("-ERR no\r\n"), "!ERR no;"},
    {"integers", BYTES(":0\r\n:-5\r\n:9223372036854775807\r\n"), "0;-5;9223372036854775807;"},
    {"a string with anything", BYTES("$5\r\na\r\n\0b\r\n"), NULL},
    {"an empty string", BYTES("$0\r\n\r\n"), "\"\";"},
    {"nothing", BYTES("$-1\r\n*-1\r\n"), "nil;nil;"},
    {"arrays", BYTES("*2\r\n:1\r\n$3\r\ntwo\r\n*0\r\n"), "(1 \"two\");();"},
    {"arrays in arrays", BYTES("*2\r\n*2\r\n:1\r\n*1\r\n+x\r\n$-1\r\n"), "((1 (x)) nil);"},
    {"seven deep", BYTES("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"), "(((((((1)))))));"},
    {"ten deep", BYTES("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n"), "broken"},
    {"another protocol", BYTES("HTTP/1.1 400 Bad Request\r\n"), "broken"},
    {"zeros", BYTES("\0\0\0\0"), "broken"},
    {"RESP3", BYTES("%1\r\n+a\r\n+b\r\n"), "broken"},
    {"a negative length", BYTES("$-2\r\n"), "broken"},
    {"a negative count", BYTES("*-2\r\n"), "broken"},
    {"a length that is none", BYTES("$x\r\n"), "broken"},
    {"a count that costs nothing to say", BYTES("*2000000\r\n"), "broken"},
    {"such counts in one another", BYTES("*1000\r\n*1000\r\n*1000\r\n"), "broken"},
    {"a count beyond all", BYTES("*2147483648\r\n"), "broken"},
    {"what is whole before what breaks", BYTES("+OK\r\n!"), "OK;broken"},
};

static void replies_are_read_however_they_are_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i != LEN(rows); i++)
        for (size_t step = 1; step <= rows[i].text.len; step++) {
            struct buf out;
            buf_init(&out, BYTES_MAX);
            read_all(rows[i].text, step, &out);
            struct span want = rows[i].want == NULL ? SPAN("\"a\r\n\0b\";") : span_str(rows[i].want);
            check(span_equal(buf_span(&out), want), "%s, %zu at a time: %.*s", rows[i].what, step, (int)out.len,
                  out.ptr);
            buf_clear(&out);
        }
}

static enum redis_reading read_string(size_t len, size_t fed)
{
    struct redis_reader r;
    const struct redis_reply *reply;
    char head[32], chunk[1024];
    enum redis_reading reading = REDIS_READING_MORE;

    memset(chunk, 'x', sizeof(chunk));
    assert_true(redis_reader_init(&r, BYTES_MAX));
    assert_true(redis_reader_feed(&r, span_of(head, (size_t)snprintf(head, sizeof(head), "$%zu\r\n", len))));
    for (size_t left = fed; left != 0 && reading == REDIS_READING_MORE;) {
        size_t some = left < sizeof(chunk) ? left : sizeof(chunk);
        assert_true(redis_reader_feed(&r, span_of(chunk, some)));
        left -= some;
        reading = redis_reader_next(&r, &reply);
    }
    redis_reader_clear(&r);
    return reading;
}

static void a_reply_has_its_limit(void **state)
{
    size_t most = BYTES_MAX - sizeof(struct redis_reply);

    (void)state;
    assert_int_equal(read_string(most, most + 2), REDIS_READING_REPLY);
    assert_int_equal(read_string(most + 1, most + 3), REDIS_READING_BROKEN);
    assert_int_equal(read_string(1u << 30, BYTES_MAX * 2), REDIS_READING_BROKEN);
}

static void what_was_read_makes_room_for_more(void **state)
{
    struct redis_reader r;
    const struct redis_reply *reply;
    char text[40000];
    size_t head = (size_t)snprintf(text, sizeof(text), "$39000\r\n");

    (void)state;
    memset(text + head, 'x', sizeof(text) - head);
    assert_true(redis_reader_init(&r, BYTES_MAX));
    for (int i = 0; i != 10; i++) {
        assert_true(redis_reader_feed(&r, span_of(text, head + 39000)));
        assert_true(redis_reader_feed(&r, SPAN("\r\n")));
        assert_int_equal(redis_reader_next(&r, &reply), REDIS_READING_REPLY);
        assert_int_equal(reply->text.len, 39000);
        redis_reader_release(&r);
    }
    redis_reader_clear(&r);
    redis_reader_clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_are_read_however_they_are_cut),
        cmocka_unit_test(a_reply_has_its_limit),
        cmocka_unit_test(what_was_read_makes_room_for_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
