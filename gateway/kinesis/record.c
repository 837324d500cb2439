/* The rules that PutRecord's parameters keep, as the API reference of Kinesis words them. */
#include "gateway/kinesis/record.h"

#define EXPLICIT_HASH_KEY_DIGITS_MAX 39
#define TWO_TO_THE_128               "340282366920938463463374607431768211456"

static struct failure invalid(const char *parameter, const char *detail)
{
    return (struct failure){.row = FAILURE_ARGUMENT, .parameter = parameter, .detail = detail};
}

/* Eight at once: '0' to '9' are 0x30 to 0x39, and 6 more than each is below 0x40 still. */
static bool are_digits(const char *eight)
{
    uint64_t word;

    memcpy(&word, eight, sizeof(word));
    return ((word & 0xf0f0f0f0f0f0f0f0) | (((word + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0) >> 4)) ==
           0x3333333333333333;
}

static bool is_decimal(struct span text, size_t digits_max)
{
    if (text.len == 0 || text.len > digits_max || (text.ptr[0] == '0' && text.len != 1))
        return false;
    bool all = true;
    for (; all && text.len >= 8; text = span_of(text.ptr + 8, text.len - 8))
        all = are_digits(text.ptr);
    for (size_t i = 0; i != text.len; i++)
        all &= (unsigned char)(text.ptr[i] - '0') <= 9;
    return all;
}

struct failure record_check_partition_key(struct span key)
{
    if (key.len == 0)
        return invalid("PartitionKey", "PartitionKey must have at least 1 character");
    if (!span_is_utf8(key))
        return invalid("PartitionKey", "PartitionKey is not valid UTF-8");
    if (key.len > PARTITION_KEY_CHARS_MAX && span_utf8_length(key) > PARTITION_KEY_CHARS_MAX)
        return invalid("PartitionKey", "PartitionKey must have at most 256 characters");
    return FAILURE_OK;
}

struct failure record_check_explicit_hash_key(struct span key)
{
    struct span bound = SPAN(TWO_TO_THE_128);

    if (!is_decimal(key, EXPLICIT_HASH_KEY_DIGITS_MAX) ||
        (key.len == bound.len && memcmp(key.ptr, bound.ptr, bound.len) >= 0))
        return invalid("ExplicitHashKey",
                       "ExplicitHashKey must be a decimal number below 2^128, without leading zeros");
    return FAILURE_OK;
}

struct failure record_check_sequence_number(struct span number)
{
    if (!is_decimal(number, SEQUENCE_NUMBER_BYTES_MAX))
        return invalid("SequenceNumberForOrdering", "SequenceNumberForOrdering must be a decimal number of at most 129 "
                                                    "digits, without leading zeros");
    return FAILURE_OK;
}

struct failure record_check(const struct record *r, uint64_t record_bytes_max)
{
    TRY(record_check_partition_key(r->partition_key));
    if (r->explicit_hash_key.len != 0)
        TRY(record_check_explicit_hash_key(r->explicit_hash_key));
    if (r->sequence_number_for_ordering.len != 0)
        TRY(record_check_sequence_number(r->sequence_number_for_ordering));
    if (record_bytes(r) > record_bytes_max)
        return (struct failure){.row = FAILURE_RECORD_TOO_LARGE,
                                .detail = "Data and PartitionKey together are larger than the stream takes",
                                .bytes = record_bytes(r),
                                .bytes_max = record_bytes_max};
    return FAILURE_OK;
}
