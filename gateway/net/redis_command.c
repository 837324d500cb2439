/* Lengths, then bytes: nothing in a word is ever escaped. */
#include "gateway/net/redis_command.h"

#define U64_DIGITS_MAX 20

static void append_length(struct buf *out, char type, size_t len)
{
    buf_append_char(out, type);
    buf_append_u64(out, len);
    buf_append(out, SPAN("\r\n"));
}

void redis_command_begin(struct buf *out, size_t words_len)
{
    append_length(out, '*', words_len);
}

void redis_command_word(struct buf *out, struct span word)
{
    append_length(out, '$', word.len);
    buf_append(out, word);
    buf_append(out, SPAN("\r\n"));
}

void redis_command_u64(struct buf *out, uint64_t value)
{
    char digits[U64_DIGITS_MAX];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    redis_command_word(out, span_of(digits + at, sizeof(digits) - at));
}

void redis_command_encode(struct buf *out, const struct span *words, size_t words_len)
{
    redis_command_begin(out, words_len);
    for (size_t i = 0; i != words_len; i++)
        redis_command_word(out, words[i]);
}
