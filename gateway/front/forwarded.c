/* X-Forwarded-For, from its end: every proxy appends the address that it was called from. */
#include "gateway/front/forwarded.h"

static bool is_port(struct span text)
{
    uint64_t port;

    return text.len <= 5 && span_parse_u64(text, &port) && port <= 65535;
}

bool forwarded_element(struct span text, struct address *out)
{
    struct span port, host = text;

    if (address_parse(text, out))
        return true;
    if (text.len != 0 && text.ptr[0] == '[') {
        host = span_cut(span_of(text.ptr + 1, text.len - 1), ']', &port);
        if (port.len != 0 && (port.ptr[0] != ':' || !is_port(span_of(port.ptr + 1, port.len - 1))))
            return false;
        return host.len + 2 + port.len == text.len && memchr(host.ptr, ':', host.len) != NULL &&
               address_parse(host, out);
    }
    host = span_cut(text, ':', &port);
    return is_port(port) && address_parse(host, out);
}

/* The part behind the last comma; *rest: what stands before it. */
static struct span cut_last(struct span list, struct span *rest)
{
    size_t at = list.len;

    while (at != 0 && list.ptr[at - 1] != ',')
        at--;
    *rest = span_of(list.ptr, at == 0 ? 0 : at - 1);
    return span_trim(span_of(list.ptr + at, list.len - at));
}

/* Goes back along one field; false: the client is found. */
static bool follow(struct span list, const struct networks *trusted, struct address *client)
{
    for (bool is_first = false; !is_first;) {
        struct address before;
        is_first = memchr(list.ptr, ',', list.len) == NULL;
        if (!forwarded_element(cut_last(list, &list), &before))
            return false;
        *client = before;
        if (!networks_contain(trusted, before))
            return false;
    }
    return true;
}

struct address forwarded_client(const struct head *h, struct address peer, const struct networks *trusted)
{
    struct address client = peer;

    if (trusted == NULL || !networks_contain(trusted, peer))
        return peer;
    for (size_t i = h->fields_len; i != 0; i--) {
        const struct head_field *field = &h->fields[i - 1];
        if (span_equal_nocase(field->name, SPAN("x-forwarded-for")) &&
            (field->value.len == 0 || !follow(field->value, trusted, &client)))
            break;
    }
    return client;
}
