/* Texts with lengths ahead, so that whatever Kinesis calls a shard can stand in them. */
#include "gateway/front/idempotency_record.h"

#include <assert.h>
#include <stdio.h>

static void write_text(struct buf *out, struct span text)
{
    buf_append_u64(out, text.len);
    buf_append_char(out, ':');
    buf_append(out, text);
}

static bool read_text(struct span *rest, size_t bytes_max, struct span *out)
{
    struct span after, digits = span_cut(*rest, ':', &after);
    uint64_t len;

    if (digits.len == rest->len || digits.len > 3 || !span_parse_u64(digits, &len) || len > bytes_max ||
        len > after.len)
        return false;
    *out = span_of(after.ptr, (size_t)len);
    *rest = span_of(after.ptr + len, after.len - (size_t)len);
    return true;
}

void idempotency_result_write(const struct put_result *r, struct buf *out)
{
    char digits[12] = "";

    if (r->failure.row != FAILURE_NONE) {
        buf_append_char(out, '-');
        return;
    }
    assert(r->shard_id.len <= SHARD_ID_BYTES_MAX && r->sequence_number.len <= SEQUENCE_NUMBER_BYTES_MAX);
    buf_append_char(out, r->is_possible_duplicate ? 'p' : 'w');
    buf_append_char(out, (char)('0' + r->encryption));
    write_text(out, r->shard_id);
    write_text(out, r->sequence_number);
    if (r->has_sub_sequence_number)
        snprintf(digits, sizeof(digits), "%u", r->sub_sequence_number);
    write_text(out, span_str(digits));
}

static bool read_sub_sequence_number(struct span *rest, struct put_result *out)
{
    struct span digits;
    uint64_t number = 0;

    if (!read_text(rest, 10, &digits))
        return false;
    out->has_sub_sequence_number = digits.len != 0;
    if (digits.len != 0 && (!span_parse_u64(digits, &number) || number > UINT32_MAX))
        return false;
    out->sub_sequence_number = (uint32_t)number;
    return true;
}

bool idempotency_result_read(struct span *rest, struct put_result *out, bool *is_written)
{
    struct span at = *rest;

    *out = (struct put_result){.failure = FAILURE_OK};
    *is_written = at.len != 0 && at.ptr[0] != '-';
    if (at.len != 0 && !*is_written) {
        *rest = span_of(at.ptr + 1, at.len - 1);
        return true;
    }
    if (at.len < 2 || (at.ptr[0] != 'w' && at.ptr[0] != 'p') || at.ptr[1] < '0' || at.ptr[1] > '0' + ENCRYPTION_KMS)
        return false;
    out->is_possible_duplicate = at.ptr[0] == 'p';
    out->encryption = (enum encryption)(at.ptr[1] - '0');
    at = span_of(at.ptr + 2, at.len - 2);
    if (!read_text(&at, SHARD_ID_BYTES_MAX, &out->shard_id) ||
        !read_text(&at, SEQUENCE_NUMBER_BYTES_MAX, &out->sequence_number) || !read_sub_sequence_number(&at, out))
        return false;
    *rest = at;
    return true;
}

void idempotency_record_write(const struct idempotency_record *r, struct buf *out)
{
    uint8_t token[8];

    for (size_t i = 0; i != sizeof(token); i++)
        token[i] = (uint8_t)(r->token >> (8 * (sizeof(token) - 1 - i)));
    buf_append(out, SPAN("1|"));
    buf_append_char(out, (char)r->state);
    buf_append_char(out, '|');
    buf_append_hex(out, token, sizeof(token));
    buf_append_char(out, '|');
    buf_append_hex(out, r->fingerprint, sizeof(r->fingerprint));
    buf_append_char(out, '|');
    buf_append(out, r->results);
}

static bool are_results(struct span text)
{
    struct put_result result;
    bool is_written;

    while (text.len != 0)
        if (!idempotency_result_read(&text, &result, &is_written))
            return false;
    return true;
}

bool idempotency_record_read(struct span text, struct idempotency_record *out)
{
    struct span version = span_cut(text, '|', &text), state = span_cut(text, '|', &text);
    struct span token = span_cut(text, '|', &text), fingerprint = span_cut(text, '|', &out->results);
    uint8_t bytes[8];

    if (!span_equal(version, SPAN("1")) || state.len != 1 || memchr("POD", state.ptr[0], 3) == NULL ||
        !hex_decode(token, bytes, sizeof(bytes)) || fingerprint.len == text.len ||
        !hex_decode(fingerprint, out->fingerprint, sizeof(out->fingerprint)))
        return false;
    out->state = (enum idempotency_state)state.ptr[0];
    out->token = 0;
    for (size_t i = 0; i != sizeof(bytes); i++)
        out->token = out->token << 8 | bytes[i];
    return are_results(out->results);
}
