/* See fake_exchange.h. */
#include "tests/lib/fake_exchange.h"

#include "gateway/front/guard.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct fake_exchange *fake_exchange_new(struct span head, struct span body)
{
    struct fake_exchange *f = calloc(1, sizeof(*f));

    f->bytes = malloc(head.len + body.len + 1);
    memcpy(f->bytes, head.ptr, head.len);
    if (body.len != 0)
        memcpy(f->bytes + head.len, body.ptr, body.len);
    enum guard_verdict v = guard_read(span_of(f->bytes, head.len), 65536, &f->exchange.head);
    assert(v == GUARD_OK);
    f->exchange.body = span_of(f->bytes + head.len, body.len);
    f->exchange.peer = address_from_ipv4((const uint8_t[]){192, 0, 2, 7});
    f->exchange.body_bytes_max = 5u << 20;
    buf_init(&f->fields, 65536);
    buf_init(&f->body, 1u << 20);
    return f;
}

struct fake_exchange *fake_request(const char *line, const char *fields, struct span body)
{
    char head[8192];
    int len = snprintf(head, sizeof(head), "%s HTTP/1.1\r\nHost: gateway\r\nContent-Length: %zu\r\n%s\r\n", line,
                       body.len, fields);

    assert(len > 0 && (size_t)len < sizeof(head));
    return fake_exchange_new(span_of(head, (size_t)len), body);
}

void exchange_reply(struct exchange *e, const struct reply *r)
{
    struct fake_exchange *f = (struct fake_exchange *)e;

    assert(f->replies == 0 && !f->is_gone);
    f->replies++;
    f->status = r->status;
    f->close = r->close;
    for (size_t i = 0; i != r->fields_len; i++) {
        buf_append(&f->fields, r->fields[i].name);
        buf_append(&f->fields, SPAN(": "));
        buf_append(&f->fields, r->fields[i].value);
        buf_append(&f->fields, SPAN("\n"));
    }
    buf_append(&f->body, r->body);
    free(f->bytes);
    f->bytes = NULL;
}

void fake_exchange_gone(struct fake_exchange *f)
{
    if (f->replies != 0 || f->is_gone)
        return;
    f->is_gone = true;
    if (f->exchange.on_gone != NULL)
        f->exchange.on_gone(f->exchange.gone_ctx);
    free(f->bytes);
    f->bytes = NULL;
}

void fake_exchange_free(struct fake_exchange *f)
{
    assert(f->bytes == NULL); /* answered, or gone */
    buf_clear(&f->fields);
    buf_clear(&f->body);
    free(f);
}

bool fake_exchange_has(const struct fake_exchange *f, const char *text)
{
    return f->body.len != 0 && memmem(f->body.ptr, f->body.len, text, strlen(text)) != NULL;
}

struct span fake_exchange_field(const struct fake_exchange *f, const char *name)
{
    struct span rest = buf_span(&f->fields);

    while (rest.len != 0) {
        struct span value, line = span_cut(rest, '\n', &rest);
        if (span_equal_nocase(span_cut(line, ':', &value), span_str(name)))
            return span_trim(value);
    }
    return SPAN("");
}
