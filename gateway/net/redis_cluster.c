/*
 * A cluster: the table of slots is asked of any node that is up, when something does not fit and every now and then.
 * Nodes that it names come, and those it names no more go, but for the hosts of the configuration, which are whom to
 * ask when all others are gone.
 */
#include "gateway/net/redis_client.h"

#include "gateway/net/redis_slot.h"

#include <stdlib.h>

#define NODES_MAX      128
#define NO_NODE        UINT8_MAX
#define REDIRECTS_MAX  5
#define LEARN_SOON_US  100000
#define LEARN_AGAIN_US 10000000
#define QUESTION       "*2\r\n$7\r\nCLUSTER\r\n$5\r\nSLOTS\r\n"

struct member {
    struct redis_node node;
    bool is_seed, is_named;
};

struct cluster {
    struct redis_client *client;
    struct member *members[NODES_MAX];
    uint8_t slots[REDIS_SLOTS]; /* an index of members, or NO_NODE */
    size_t asked;
    struct redis_call *learning;
    struct timer again;
    struct turn_work reap;
};

static void learn(void *ctx);

/* Members */

static void on_up(void *ctx, struct redis_node *n)
{
    struct cluster *k = ctx;

    redis_call_send_waiting(k->client, n);
    if (k->slots[0] == NO_NODE)
        learn(k);
}

static void learn_soon(struct cluster *k)
{
    if (!k->again.is_armed || k->again.at_us > loop_now_us(k->client->loop) + LEARN_SOON_US)
        loop_timer_start(k->client->loop, &k->again, LEARN_SOON_US);
}

static void on_down(void *ctx, struct redis_node *n)
{
    (void)n;
    learn_soon(ctx);
}

static uint8_t find_member(struct cluster *k, const struct redis_host *host)
{
    uint8_t i = 0;

    while (i != NODES_MAX && (k->members[i] == NULL || !redis_host_equal(&k->members[i]->node.host, host)))
        i++;
    return i == NODES_MAX ? NO_NODE : i;
}

static uint8_t add_member(struct cluster *k, const struct redis_host *host)
{
    static const struct redis_node_events events = {on_up, on_down, NULL};
    struct redis_client *c = k->client;
    uint8_t i = 0;

    while (i != NODES_MAX && k->members[i] != NULL)
        i++;
    struct member *m = i == NODES_MAX ? NULL : calloc(1, sizeof(*m));
    if (m == NULL)
        return NO_NODE;
    redis_node_init(&m->node, c->loop, &c->conf, &c->random, &events, k);
    redis_node_set_host(&m->node, host, true);
    k->members[i] = m;
    return i;
}

/* Its place, and a note that it is needed. */
static uint8_t name_member(struct cluster *k, const struct redis_host *host)
{
    uint8_t i = find_member(k, host);

    if (i == NO_NODE)
        i = add_member(k, host);
    if (i != NO_NODE)
        k->members[i]->is_named = true;
    return i;
}

static void remove_member(struct cluster *k, size_t i)
{
    struct member *gone = k->members[i];

    k->members[i] = NULL;
    redis_call_lose_waiting(k->client, &gone->node);
    redis_node_clear(&gone->node);
    free(gone);
}

static void on_reap(void *ctx)
{
    struct cluster *k = ctx;

    for (size_t i = 0; i != NODES_MAX; i++)
        if (k->members[i] != NULL && !k->members[i]->is_seed && !k->members[i]->is_named)
            remove_member(k, i);
}

/* The table */

static void take_ranges(struct cluster *k, const struct redis_reply *ranges, const struct redis_host *asked)
{
    struct redis_slots s;

    memset(k->slots, NO_NODE, sizeof(k->slots));
    for (size_t i = 0; i != NODES_MAX; i++)
        if (k->members[i] != NULL)
            k->members[i]->is_named = false;
    for (size_t i = 0; i != ranges->elements_len; i++)
        if (redis_slots_read(&ranges->elements[i], asked, &s))
            memset(k->slots + s.first, name_member(k, &s.host), s.last - s.first + 1);
    loop_mark(k->client->loop, &k->reap); /* not here: an answer of one of them is being read */
}

static bool is_whole(const struct cluster *k)
{
    for (size_t i = 0; i != REDIS_SLOTS; i++)
        if (k->slots[i] == NO_NODE || !k->members[k->slots[i]]->node.is_up)
            return false;
    return true;
}

static void on_table(void *ctx, const struct redis_answer *a)
{
    struct cluster *k = ctx;
    const struct member *asked = k->members[k->asked];

    k->learning = NULL;
    if (a->result == REDIS_REPLIED && a->reply->type == REDIS_TYPE_ARRAY && a->reply->elements_len != 0)
        take_ranges(k, a->reply, &asked->node.host);
    loop_timer_start(k->client->loop, &k->again, is_whole(k) ? LEARN_AGAIN_US : LEARN_SOON_US);
}

/* Asks the next one that is up. */
static void learn(void *ctx)
{
    struct cluster *k = ctx;
    struct redis_client *c = k->client;

    if (k->learning != NULL)
        return;
    for (size_t i = 0; i != NODES_MAX && k->learning == NULL; i++) {
        k->asked = (k->asked + 1) % NODES_MAX;
        if (k->members[k->asked] != NULL)
            k->learning =
                redis_call_to(c, &k->members[k->asked]->node, SPAN(QUESTION), c->conf.connect_timeout_ms, on_table, k);
    }
    if (k->learning == NULL)
        loop_timer_start(c->loop, &k->again, LEARN_SOON_US);
}

/* Calls */

static struct redis_node *pick_any(const struct cluster *k)
{
    for (size_t i = 0; i != NODES_MAX; i++)
        if (k->members[i] != NULL && k->members[i]->is_named && k->members[i]->node.is_up)
            return &k->members[i]->node;
    return NULL;
}

static struct redis_node *pick(const struct redis_client *c, struct span route_key)
{
    struct cluster *k = c->layout_state;

    if (route_key.len == 0)
        return pick_any(k);
    uint8_t at = k->slots[redis_slot_of(route_key)];
    return at == NO_NODE ? NULL : &k->members[at]->node;
}

static bool on_error(struct redis_client *c, struct redis_call *call, enum redis_error e, struct span text)
{
    struct cluster *k = c->layout_state;
    struct redis_slots to;

    if (redis_error_remedy(e) != REDIS_REMEDY_REDIRECT)
        return false;
    if (e != REDIS_ERROR_ASK)
        learn_soon(k);
    if (e == REDIS_ERROR_CLUSTERDOWN || ++call->redirects > REDIRECTS_MAX ||
        !redis_slots_read_redirect(text, &call->node->host, &to))
        return false;
    uint8_t at = name_member(k, &to.host);
    if (at == NO_NODE)
        return false;
    if (e == REDIS_ERROR_MOVED)
        k->slots[to.first] = at;
    call->must_ask_leave = e == REDIS_ERROR_ASK;
    call->node = &k->members[at]->node;
    redis_call_send_again(call);
    return true;
}

/* Life */

static void stop(struct redis_client *c)
{
    struct cluster *k = c->layout_state;

    redis_cancel(&k->learning);
    loop_timer_stop(c->loop, &k->again);
    turn_work_cancel(&k->reap);
    for (size_t i = 0; i != NODES_MAX; i++)
        if (k->members[i] != NULL)
            remove_member(k, i);
    free(k);
}

static bool start(struct redis_client *c)
{
    struct cluster *k = calloc(1, sizeof(*k));
    const struct redis_url *u = c->conf.url;

    if (k == NULL)
        return false;
    c->layout_state = k;
    k->client = c;
    memset(k->slots, NO_NODE, sizeof(k->slots));
    timer_init(&k->again, learn, k);
    turn_work_init(&k->reap, TURN_REDIS, on_reap, k);
    for (size_t i = 0; i != u->hosts_len; i++) {
        uint8_t at = name_member(k, &u->hosts[i]);
        if (at == NO_NODE) {
            stop(c);
            return false;
        }
        k->members[at]->is_seed = true;
    }
    return true;
}

const struct redis_layout redis_layout_cluster = {
    .keeps_commands = true, .start = start, .pick = pick, .on_error = on_error, .stop = stop};
