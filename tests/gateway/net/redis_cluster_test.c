#include "gateway/net/redis_client.h"

#include "gateway/net/redis_slot.h"
#include "gateway/net/redis_subscribe.h"
#include "tests/auth/check.h"
#include "tests/gateway/net/redis_probe.h"
#include "tests/lib/redis_server.h"

#include <stdio.h>

#define NODES      3
#define LEARNS_MS  20000
#define KEYS       300
#define SLOTS_EACH (REDIS_SLOTS / NODES + 1)

static struct redis_server nodes[NODES], replica;
static char bus_ports[NODES + 1][8];
static const char *options[NODES + 1][9];

static void start_node(struct redis_server *s, size_t i)
{
    const char *words[] = {"--cluster-enabled",
                           "yes",
                           "--cluster-port",
                           bus_ports[i],
                           "--cluster-node-timeout",
                           "1000",
                           "--cluster-config-file",
                           "nodes.conf",
                           NULL};

    snprintf(bus_ports[i], sizeof(bus_ports[i]), "%u", redis_server_free_port());
    memcpy(options[i], words, sizeof(words));
    redis_server_start(s, options[i]);
}

static void tell(struct redis_server *s, const char *words)
{
    char *reply = redis_server_ask(s, words);

    check(reply != NULL && strncmp(reply, "+OK", 3) == 0, "'%s': %s", words, reply == NULL ? "nothing" : reply);
    free(reply);
}

static void meet(size_t i)
{
    char words[64];

    snprintf(words, sizeof(words), "CLUSTER MEET 127.0.0.1 %u %s", i == NODES ? replica.port : nodes[i].port,
             bus_ports[i]);
    tell(&nodes[0], words);
}

static void id_of(struct redis_server *s, char id[41])
{
    char *reply = redis_server_ask(s, "CLUSTER MYID");

    memcpy(id, strchr(reply, '\n') + 1, 40);
    id[40] = '\0';
    free(reply);
}

static int start_cluster(void **state)
{
    char words[80], id[41];

    (void)state;
    for (size_t i = 0; i != NODES; i++) {
        start_node(&nodes[i], i);
        unsigned last = (unsigned)(i + 1) * SLOTS_EACH - 1;
        snprintf(words, sizeof(words), "CLUSTER ADDSLOTSRANGE %u %u", (unsigned)i * SLOTS_EACH,
                 last < REDIS_SLOTS ? last : REDIS_SLOTS - 1);
        tell(&nodes[i], words);
        if (i != 0)
            meet(i);
    }
    for (size_t i = 0; i != NODES; i++)
        redis_server_wait_for(&nodes[i], "CLUSTER INFO", "cluster_state:ok");
    start_node(&replica, NODES);
    meet(NODES);
    id_of(&nodes[2], id);
    snprintf(words, sizeof(words), "CLUSTER REPLICATE %s", id);
    redis_server_wait_for(&replica, "CLUSTER NODES", id);
    redis_server_wait_for(&replica, words, "+OK");
    redis_server_wait_for(&replica, "INFO replication", "master_link_status:up");
    return 0;
}

static int end_cluster(void **state)
{
    (void)state;
    for (size_t i = 0; i != NODES; i++)
        redis_server_clear(&nodes[i]);
    redis_server_clear(&replica);
    return 0;
}

static bool knows_all(void *ctx)
{
    struct redis_probe *p = ctx;
    char key[16];

    for (int i = 0; i != 200; i++) {
        snprintf(key, sizeof(key), "key-%d", i);
        if (!redis_is_available(p->client, span_str(key)))
            return false;
    }
    return true;
}

static void open_cluster(struct redis_probe *p)
{
    char url[64];

    snprintf(url, sizeof(url), "redis+cluster://127.0.0.1:%u,127.0.0.1:%u", redis_server_free_port(), nodes[0].port);
    redis_probe_init(p, url);
    redis_probe_connect(p);
    check(redis_probe_until(p, knows_all, p, LEARNS_MS), "all slots are known, from one host of two");
}

static void set_many(struct redis_probe *p, const char *value)
{
    static struct redis_asked d[KEYS];
    char words[64];

    for (int i = 0; i != KEYS; i++) {
        snprintf(words, sizeof(words), "SET key-%d %s", i, value);
        check(redis_asked_start(p, &d[i], words, 5000), "'%s' starts", words);
    }
    for (int i = 0; i != KEYS; i++) {
        redis_asked_wait(&d[i]);
        check(d[i].result == REDIS_REPLIED && d[i].error == REDIS_ERROR_NONE, "the %dth: %d %d", i, d[i].result,
              d[i].error);
    }
}

static void each_key_goes_to_its_node(void **state)
{
    struct redis_probe p;
    struct redis_asked d;

    (void)state;
    open_cluster(&p);
    set_many(&p, "one");
    redis_probe_ask(&p, &d, "MGET {key-1}a {key-1}b");
    assert_int_equal(d.elements_len, 2);
    redis_probe_ask(&p, &d, "MGET key-1 key-2");
    assert_int_equal(d.error, REDIS_ERROR_CROSSSLOT);
    redis_probe_ask(&p, &d, "PING");
    assert_string_equal(d.text, "PONG");
    for (size_t i = 0; i != NODES; i++) {
        char *info = redis_server_ask(&nodes[i], "INFO commandstats");
        check(strstr(info, "cmdstat_set:") != NULL, "node %zu got some", i);
        check(strstr(info, "MOVED") == NULL, "node %zu got none of another's", i);
        free(info);
    }
    redis_probe_clear(&p);
}

/* On its way: the old node says ASK for what it has not, the new one wants ASKING. */
static void begin_move(unsigned slot, size_t from, size_t to)
{
    char words[96], id[41];

    id_of(&nodes[from], id);
    snprintf(words, sizeof(words), "CLUSTER SETSLOT %u IMPORTING %s", slot, id);
    tell(&nodes[to], words);
    id_of(&nodes[to], id);
    snprintf(words, sizeof(words), "CLUSTER SETSLOT %u MIGRATING %s", slot, id);
    tell(&nodes[from], words);
}

/* The new owner first, which takes a new epoch for it: else what the old one still claims may win. */
static void end_move(unsigned slot, size_t to)
{
    char words[96], id[41];

    id_of(&nodes[to], id);
    snprintf(words, sizeof(words), "CLUSTER SETSLOT %u NODE %s", slot, id);
    for (size_t i = 0; i != NODES; i++)
        tell(&nodes[(to + i) % NODES], words);
}

static void a_slot_that_is_moved_is_followed(void **state)
{
    struct redis_probe p;
    struct redis_asked d;
    unsigned slot = redis_slot_of(SPAN("traveller")), owner = slot / SLOTS_EACH, next = (owner + 1) % NODES;

    (void)state;
    open_cluster(&p);
    begin_move(slot, owner, next);
    for (int i = 1; i <= 4; i++) {
        if (i == 3)
            end_move(slot, next);
        redis_probe_ask(&p, &d, "INCR traveller");
        check(d.error == REDIS_ERROR_NONE && d.integer == i, "the %dth is counted where the slot is: %s", i, d.text);
    }
    redis_probe_ask(&p, &d, "DEL traveller");
    begin_move(slot, next, owner);
    end_move(slot, owner);
    redis_probe_ask(&p, &d, "INCR traveller");
    assert_int_equal(d.integer, 1);
    redis_probe_clear(&p);
}

static bool has_moved(void *ctx)
{
    struct redis_probe *p = ctx;
    struct redis_asked d;

    if (!knows_all(p) || !redis_asked_start(p, &d, "GET {b}last", 1000))
        return false;
    redis_cancel(&d.call);
    return true;
}

static void a_replica_that_takes_over_is_found(void **state)
{
    struct redis_probe p;

    (void)state;
    open_cluster(&p);
    redis_server_kill(&nodes[2]);
    redis_server_wait_for(&replica, "ROLE", "master");
    redis_server_wait_for(&nodes[0], "CLUSTER INFO", "cluster_state:ok");
    check(redis_probe_until(&p, has_moved, &p, LEARNS_MS), "all slots are served again");
    redis_server_wait_for(&replica, "CLUSTER INFO", "cluster_state:ok");
    redis_server_wait_for(&nodes[1], "CLUSTER INFO", "cluster_state:ok");
    set_many(&p, "two");
    redis_probe_clear(&p);
}

struct heard {
    unsigned listening, messages;
};

static void on_news(void *ctx, enum redis_news what, struct span channel, struct span message)
{
    struct heard *h = ctx;

    (void)channel;
    (void)message;
    h->listening += what == REDIS_NEWS_LISTENING;
    h->messages += what == REDIS_NEWS_MESSAGE;
}

static bool listens(void *ctx)
{
    return ((struct heard *)ctx)->listening != 0;
}

static bool has_message(void *ctx)
{
    return ((struct heard *)ctx)->messages != 0;
}

static void what_is_published_on_any_node_is_heard(void **state)
{
    struct redis_probe p;
    struct heard h = {.messages = 0};
    char url[64];

    (void)state;
    snprintf(url, sizeof(url), "redis+cluster://127.0.0.1:%u,127.0.0.1:%u", redis_server_free_port(), nodes[0].port);
    redis_probe_init(&p, url);
    struct redis_subscription *s = redis_subscribe(p.loop, &p.conf, &SPAN("news"), 1, on_news, &h);
    assert_true(redis_probe_until(&p, listens, &h, 10000));
    free(redis_server_ask(&nodes[1], "PUBLISH news x"));
    assert_true(redis_probe_until(&p, has_message, &h, 10000));
    redis_unsubscribe(&s);
    redis_probe_clear(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_key_goes_to_its_node),
        cmocka_unit_test(a_slot_that_is_moved_is_followed),
        cmocka_unit_test(what_is_published_on_any_node_is_heard),
        cmocka_unit_test(a_replica_that_takes_over_is_found),
    };

    return cmocka_run_group_tests(tests, start_cluster, end_cluster);
}
