/* See fake_idempotency.h. The script's functions, in their order. */
#include "tests/lib/fake_idempotency.h"

#include <assert.h>
#include <stdlib.h>

struct call {
    struct fake_idempotency_key *key;
    uint64_t now_ms, keep_ms, hold_ms;
    struct span results;
    char *text; /* of the answer */
    struct idempotency_record asked, found;
    bool is_found, is_pending;
};

static struct fake_idempotency_key *find(struct fake_idempotency *f, struct span name)
{
    for (size_t i = 0; i != FAKE_IDEMPOTENCY_KEYS; i++) {
        if (f->keys[i].name[0] == '\0') {
            assert(name.len < sizeof(f->keys[i].name));
            memcpy(f->keys[i].name, name.ptr, name.len);
        }
        if (span_equal(span_str(f->keys[i].name), name))
            return &f->keys[i];
    }
    abort();
}

static void write(struct call *c, struct span results, uint64_t until_ms, uint64_t ttl_ms)
{
    struct idempotency_record new = c->asked;
    struct buf value = {.ptr = c->text, .capacity = FAKE_IDEMPOTENCY_BYTES, .bytes_max = FAKE_IDEMPOTENCY_BYTES};

    new.results = results;
    idempotency_record_write(&new, &value);
    assert(!value.failed);
    c->key->len = value.len;
    memcpy(c->key->record, value.ptr, value.len);
    c->key->until_ms = until_ms;
    c->key->expires_ms = c->now_ms + ttl_ms;
}

static void claim(struct call *c)
{
    bool has_expired = c->is_pending && c->key->until_ms <= c->now_ms;
    struct span results = SPAN("");

    if (c->is_found && !(has_expired && c->found.results.len == 0)) {
        bool is_open = has_expired || c->found.state == IDEMPOTENCY_OPEN;
        if (!is_open || memcmp(c->found.fingerprint, c->asked.fingerprint, SHA256_BYTES) != 0)
            return;
        results = c->found.results;
    }
    write(c, results, c->now_ms + c->hold_ms, results.len == 0 ? c->hold_ms : c->hold_ms + c->keep_ms);
}

static bool finish(struct call *c)
{
    if (c->is_found && c->found.token != c->asked.token)
        return false;
    write(c, c->results, 0, c->keep_ms);
    return true;
}

static bool release(struct call *c)
{
    if (!c->is_pending || c->found.token != c->asked.token)
        return false;
    if (c->found.results.len == 0)
        c->key->len = 0;
    else
        write(c, c->found.results, 0, c->keep_ms);
    return true;
}

static struct span record_of(struct fake_idempotency_key *key, uint64_t now_ms)
{
    if (key->expires_ms <= now_ms)
        key->len = 0;
    return span_of(key->record, key->len);
}

struct redis_reply fake_idempotency_carry_out(struct fake_idempotency *f, const struct redis_script_words *w,
                                              uint64_t now_ms, char text[FAKE_IDEMPOTENCY_BYTES])
{
    struct call c = {.key = find(f, w->keys[0]), .now_ms = now_ms, .results = w->arguments[4], .text = text};
    bool ok = idempotency_record_read(w->arguments[1], &c.asked) && span_parse_u64(w->arguments[2], &c.keep_ms) &&
              span_parse_u64(w->arguments[3], &c.hold_ms);

    assert(ok && w->keys_len == 1 && w->arguments_len == IDEMPOTENCY_SCRIPT_ARGUMENTS);
    (void)ok;
    c.is_found = idempotency_record_read(record_of(c.key, now_ms), &c.found);
    c.is_pending = c.is_found && c.found.state == IDEMPOTENCY_PENDING;
    if (!span_equal(w->arguments[0], SPAN("claim")))
        return (struct redis_reply){.type = REDIS_TYPE_INTEGER,
                                    .integer = span_equal(w->arguments[0], SPAN("finish")) ? finish(&c) : release(&c)};
    claim(&c);
    memcpy(text, c.key->record, c.key->len);
    return (struct redis_reply){.type = REDIS_TYPE_STRING, .text = span_of(text, c.key->len)};
}

const char *fake_idempotency_state(struct fake_idempotency *f, const char *name, uint64_t now_ms)
{
    struct idempotency_record r;

    if (!idempotency_record_read(record_of(find(f, span_str(name)), now_ms), &r))
        return "";
    return r.state == IDEMPOTENCY_PENDING ? "P" : r.state == IDEMPOTENCY_OPEN ? "O" : "D";
}

void fake_idempotency_clear(struct fake_idempotency *f)
{
    memset(f, 0, sizeof(*f));
}
