/*
 * The look at what a caller sent: would a consumer's library unpack it? The magic is looked at first and nearly always
 * the last; an MD5 is computed of what carries the magic only, piece by piece where the text is base64.
 */
#include "auth/digest.h"
#include "gateway/kinesis/aggregate.h"

#define PIECE_CHARS    4096 /* whole quads */
#define PIECE_BYTES    (PIECE_CHARS / 4 * 3)
#define TAIL_CHARS     28 /* the last seven quads: 19 bytes at least, and the MD5 is 16 */
#define MIN_BYTES      (AGGREGATE_MAGIC_BYTES + MD5_BYTES)
#define MAGIC_CHARS    8 /* the quads that the magic begins */
#define HEAD_BYTES_MAX (MAGIC_CHARS / 4 * 3)

static bool has_magic(struct span bytes)
{
    return span_starts_with(bytes, AGGREGATE_MAGIC);
}

static bool bytes_imitate(struct span data)
{
    uint8_t md5[MD5_BYTES];

    if (data.len < MIN_BYTES || !has_magic(data))
        return false;
    if (data.len > AGGREGATE_LOOK_BYTES_MAX)
        return true;
    size_t message_bytes = data.len - MIN_BYTES;
    digest_md5(span_of(data.ptr + AGGREGATE_MAGIC_BYTES, message_bytes), md5);
    return span_equal(span_of((const char *)md5, sizeof(md5)), span_of(data.ptr + data.len - MD5_BYTES, MD5_BYTES));
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The MD5 of what lies between the magic and the last 16 bytes. False: no base64. */
static bool md5_of_message(struct span text, size_t bytes, uint8_t out[MD5_BYTES])
{
    char piece[PIECE_BYTES];
    size_t from = AGGREGATE_MAGIC_BYTES, end = bytes - MD5_BYTES, len;

    digest_md5_begin();
    for (size_t at = 0; from < end; at += PIECE_BYTES, text.ptr += PIECE_CHARS, text.len -= PIECE_CHARS) {
        if (!base64_decode(span_of(text.ptr, smaller(text.len, PIECE_CHARS)), piece, &len) ||
            len != smaller(bytes - at, PIECE_BYTES))
            return false;
        size_t to = smaller(end, at + len);
        digest_md5_add(span_of(piece + (from - at), to - from));
        from = to;
    }
    digest_md5_end(out);
    return true;
}

static bool base64_imitates(struct span text)
{
    char head[HEAD_BYTES_MAX], tail[TAIL_CHARS / 4 * 3];
    uint8_t md5[MD5_BYTES];
    size_t len, bytes = base64_decoded_size(text);

    if (bytes < MIN_BYTES || !base64_decode(span_of(text.ptr, MAGIC_CHARS), head, &len) ||
        !has_magic(span_of(head, len)))
        return false;
    if (bytes > AGGREGATE_LOOK_BYTES_MAX)
        return true;
    if (!base64_decode(span_of(text.ptr + text.len - TAIL_CHARS, TAIL_CHARS), tail, &len) ||
        !md5_of_message(text, bytes, md5))
        return false;
    return span_equal(span_of((const char *)md5, sizeof(md5)), span_of(tail + len - MD5_BYTES, MD5_BYTES));
}

bool aggregate_imitates(const struct record *r)
{
    return r->data_is_base64 ? base64_imitates(r->data) : bytes_imitate(r->data);
}
