/* A client's life. Where commands go is its layout's matter, what becomes of them redis_call.c's. */
#include "gateway/net/redis_client.h"

#include <assert.h>
#include <stdlib.h>

static const struct redis_layout *layout_of(enum redis_layout_kind kind, bool listens)
{
    switch (kind) {
    case REDIS_SENTINEL:
        return &redis_layout_sentinel;
    case REDIS_CLUSTER:
        return listens ? &redis_layout_single : &redis_layout_cluster; /* each node hears what is published on any */
    case REDIS_SINGLE:
        break;
    }
    return &redis_layout_single;
}

struct redis_client *redis_client_new_listening(struct loop *l, const struct redis_conf *conf,
                                                const struct redis_listener *listener)
{
    struct redis_client *c = calloc(1, sizeof(*c));

    if (c == NULL)
        return NULL;
    assert(conf->url->is_tls == (conf->tls != NULL));
    c->loop = l;
    c->conf = *conf;
    c->listener = listener;
    c->layout = layout_of(conf->url->layout, listener != NULL);
    random_seed_from_kernel(&c->random);
    list_init(&c->calls);
    list_init(&c->spare);
    if (c->layout->start(c))
        return c;
    free(c);
    return NULL;
}

struct redis_client *redis_client_new(struct loop *l, const struct redis_conf *conf)
{
    return redis_client_new_listening(l, conf, NULL);
}

void redis_client_free(struct redis_client **c)
{
    struct redis_client *gone = *c;

    if (gone == NULL)
        return;
    *c = NULL;
    gone->layout->stop(gone);
    assert(list_is_empty(&gone->calls));
    redis_call_free_spare(gone);
    free(gone);
}

struct loop *redis_client_loop(const struct redis_client *c)
{
    return c->loop;
}
