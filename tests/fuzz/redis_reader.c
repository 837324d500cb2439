/*
 * What a server that is no Redis may send: whatever way it is cut, the same replies are read, within their limit, and
 * all that a reply points to is there.
 */
#include "gateway/net/redis_reader.h"
#include "tests/fuzz/fuzz.h"

#define REPLY_BYTES_MAX 16384
#define DEPTH_MAX       9

static void walk(const struct redis_reply *r, int depth, struct buf *seen)
{
    BELIEVE(depth <= DEPTH_MAX);
    BELIEVE(r->type <= REDIS_TYPE_ARRAY && (r->type == REDIS_TYPE_ARRAY || r->elements_len == 0));
    buf_append_char(seen, (char)('0' + (int)r->type));
    buf_append_i64(seen, r->integer);
    buf_append(seen, r->text);
    for (size_t i = 0; i != r->elements_len; i++)
        walk(&r->elements[i], depth + 1, seen);
    buf_append_char(seen, '.');
}

/* All whole replies; true if it ends in a breach. `budget`: 0 for all at once. */
static bool read_all(struct span text, uint64_t draw, bool in_pieces, struct buf *seen)
{
    struct redis_reader r;
    const struct redis_reply *reply;
    enum redis_reading reading = REDIS_READING_MORE;

    BELIEVE(redis_reader_init(&r, REPLY_BYTES_MAX));
    while (text.len != 0 && reading == REDIS_READING_MORE) {
        size_t budget = in_pieces ? fuzz_budget(&draw) : text.len;
        struct span piece = fuzz_copy(span_of(text.ptr, budget < text.len ? budget : text.len));
        BELIEVE(redis_reader_feed(&r, piece));
        text = span_of(text.ptr + piece.len, text.len - piece.len);
        fuzz_free(piece);
        while ((reading = redis_reader_next(&r, &reply)) == REDIS_READING_REPLY) {
            walk(reply, 0, seen);
            BELIEVE(r.taken_bytes <= REPLY_BYTES_MAX);
            redis_reader_release(&r);
        }
    }
    redis_reader_clear(&r);
    return reading == REDIS_READING_BROKEN;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = fuzz_span(data, size);
    struct buf whole, pieces;

    buf_init(&whole, 1 << 22);
    buf_init(&pieces, 1 << 22);
    bool is_broken = read_all(text, 0, false, &whole);
    BELIEVE(read_all(text, fuzz_seed(text), true, &pieces) == is_broken);
    BELIEVE(span_equal(buf_span(&whole), buf_span(&pieces)));
    buf_clear(&whole);
    buf_clear(&pieces);
    return 0;
}
