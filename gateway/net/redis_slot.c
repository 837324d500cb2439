/* CRC-16/XMODEM, four bits at a time; and the two forms in which a cluster names its nodes. */
#include "gateway/net/redis_slot.h"

static uint16_t crc16(struct span text)
{
    static const uint16_t table[16] = {0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7,
                                       0x8108, 0x9129, 0xa14a, 0xb16b, 0xc18c, 0xd1ad, 0xe1ce, 0xf1ef};
    uint16_t crc = 0;

    for (size_t i = 0; i != text.len; i++) {
        uint8_t byte = (uint8_t)text.ptr[i];
        crc = (uint16_t)(crc << 4 ^ table[crc >> 12 ^ byte >> 4]);
        crc = (uint16_t)(crc << 4 ^ table[crc >> 12 ^ (byte & 15)]);
    }
    return crc;
}

static struct span hashed_part(struct span key)
{
    const char *open = key.len == 0 ? NULL : memchr(key.ptr, '{', key.len);

    if (open == NULL)
        return key;
    const char *tag = open + 1;
    const char *close = memchr(tag, '}', (size_t)(key.ptr + key.len - tag));
    return close == NULL || close == tag ? key : span_of(tag, (size_t)(close - tag));
}

unsigned redis_slot_of(struct span key)
{
    return crc16(hashed_part(key)) % REDIS_SLOTS;
}

static bool read_host(struct span name, uint64_t port, const struct redis_host *asked, struct redis_host *out)
{
    if (name.len == 0) /* the node does not know how it is reached, but it just was */
        name = span_str(asked->name);
    return port >= 1 && port <= UINT16_MAX && redis_host_set(out, name, (uint16_t)port);
}

bool redis_slots_read(const struct redis_reply *range, const struct redis_host *asked, struct redis_slots *out)
{
    if (range->type != REDIS_TYPE_ARRAY || range->elements_len < 3)
        return false;
    const struct redis_reply *first = &range->elements[0], *last = &range->elements[1], *node = &range->elements[2];
    if (first->type != REDIS_TYPE_INTEGER || last->type != REDIS_TYPE_INTEGER || first->integer < 0 ||
        last->integer < first->integer || last->integer >= REDIS_SLOTS)
        return false;
    if (node->type != REDIS_TYPE_ARRAY || node->elements_len < 2 || node->elements[1].integer < 0)
        return false;
    out->first = (unsigned)first->integer;
    out->last = (unsigned)last->integer;
    return read_host(node->elements[0].text, (uint64_t)node->elements[1].integer, asked, &out->host);
}

bool redis_slots_read_redirect(struct span text, const struct redis_host *asked, struct redis_slots *out)
{
    struct span where, slot, word = span_cut(text, ' ', &where);
    uint64_t number, port;

    (void)word;
    slot = span_cut(where, ' ', &where);
    const char *colon = where.len == 0 ? NULL : memrchr(where.ptr, ':', where.len); /* IPv6 has no brackets here */
    if (colon == NULL || !span_parse_u64(slot, &number) || number >= REDIS_SLOTS)
        return false;
    size_t name_len = (size_t)(colon - where.ptr);
    if (!span_parse_u64(span_of(colon + 1, where.len - name_len - 1), &port))
        return false;
    out->first = out->last = (unsigned)number;
    return read_host(span_of(where.ptr, name_len), port, asked, &out->host);
}
