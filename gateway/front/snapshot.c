/* Snapshots are swapped, never edited; a reload reconciles lanes by what the stream is upstream. */
#include "gateway/front/snapshot.h"

#include "gateway/base/random.h"

#include <stdatomic.h>
#include <stdlib.h>

void master_keys_clear(struct master_keys *m)
{
    for (size_t i = 0; i != m->len; i++) {
        secret_clear(&m->keys[i].secret);
        free((char *)(uintptr_t)m->keys[i].name.ptr);
    }
    free(m->keys);
    *m = (struct master_keys){NULL, 0};
}

struct snapshot *snapshot_new(struct keyring **keyring, struct stream_table **streams, struct master_keys *masters)
{
    struct snapshot *s = calloc(1, sizeof(*s));

    if (s == NULL) {
        keyring_release(keyring);
        stream_table_free(streams);
        master_keys_clear(masters);
        return NULL;
    }
    atomic_init(&s->references, 1);
    s->keyring = *keyring;
    s->streams = *streams;
    s->masters = *masters;
    *keyring = NULL;
    *streams = NULL;
    *masters = (struct master_keys){NULL, 0};
    return s;
}

void snapshot_acquire(struct snapshot *s)
{
    atomic_fetch_add_explicit(&s->references, 1, memory_order_relaxed);
}

void snapshot_release(struct snapshot **s)
{
    struct snapshot *gone = *s;

    *s = NULL;
    if (gone == NULL || atomic_fetch_sub_explicit(&gone->references, 1, memory_order_acq_rel) != 1)
        return;
    keyring_release(&gone->keyring);
    stream_table_free(&gone->streams);
    hook_table_free(&gone->hooks);
    master_keys_clear(&gone->masters);
    free(gone);
}

static bool is_same_upstream(const struct stream_conf *a, const struct stream_conf *b)
{
    return span_equal(a->stream_name, b->stream_name) && span_equal(a->stream_arn, b->stream_arn) &&
           span_equal(a->region, b->region) && strcmp(a->url, b->url) == 0;
}

static struct lane *find_lane(const struct view *previous, const struct stream_conf *conf)
{
    if (previous == NULL)
        return NULL;
    const struct stream_row *row = stream_table_find(previous->snapshot->streams, conf->name);
    return row != NULL && is_same_upstream(&row->put, conf) ? previous->lanes[row->index] : NULL;
}

static void view_free(struct view *v)
{
    for (size_t i = 0; v->lanes != NULL && i != stream_table_len(v->snapshot->streams); i++)
        lane_release(&v->lanes[i]);
    snapshot_release(&v->snapshot);
    view_unpin(&v->next);
    free(v->lanes);
    free(v->tenant_rows);
    key_memo_free(&v->memo);
    free(v);
}

/* Settings change only once every lane is there, so that a failure leaves the previous view as it was. */
static void adopt_settings(struct view *v)
{
    for (size_t i = 0; i != stream_table_len(v->snapshot->streams); i++)
        v->lanes[i]->conf = &stream_table_at(v->snapshot->streams, i)->put;
}

struct view *view_new(struct snapshot *s, const struct view *previous, struct sender *sender)
{
    struct view *v = calloc(1, sizeof(*v));
    size_t len = stream_table_len(s->streams);
    uint8_t secret[KEY_MEMO_SECRET_BYTES];

    if (v == NULL)
        return NULL;
    snapshot_acquire(s);
    v->snapshot = s;
    v->pins = 1;
    v->lanes = calloc(len + 1, sizeof(struct lane *));
    v->tenant_rows = calloc((s->keyring == NULL ? 0 : keyring_tenants(s->keyring)) + 1, sizeof(*v->tenant_rows));
    for (size_t i = 0; v->lanes != NULL && i != len; i++) {
        const struct stream_conf *conf = &stream_table_at(s->streams, i)->put;
        v->lanes[i] = find_lane(previous, conf);
        if (v->lanes[i] != NULL)
            lane_acquire(v->lanes[i]);
        else if ((v->lanes[i] = lane_new(sender, conf)) == NULL)
            break;
    }
    random_secret_bytes(secret, sizeof(secret));
    v->memo = key_memo_new(secret);
    bytes_wipe(secret, sizeof(secret));
    if (v->lanes == NULL || v->tenant_rows == NULL || v->memo == NULL || (len != 0 && v->lanes[len - 1] == NULL)) {
        view_free(v);
        return NULL;
    }
    adopt_settings(v);
    return v;
}

void view_replace(struct view **current, struct view **next)
{
    if (*current != NULL)
        (*current)->next = view_pin(*next);
    view_unpin(current);
    *current = *next;
    *next = NULL;
}

struct view *view_pin(struct view *v)
{
    v->pins++;
    return v;
}

void view_unpin(struct view **v)
{
    struct view *gone = *v;

    *v = NULL;
    if (gone != NULL && --gone->pins == 0)
        view_free(gone);
}
