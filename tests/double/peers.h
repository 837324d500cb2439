#pragma once

#include "tests/double/timers.h"

#include <stdbool.h>

struct wire_raw;

/* A connection of the gateway's. Lives as long as its socket. */
struct peer {
    h2o_linklist_t link;
    struct peers *peers;
    h2o_socket_t *socket;
    struct timer idle_timer;
    struct wire_raw *raw; /* bytes being written past H2O */
};

struct peers {
    h2o_linklist_t list;
    uint64_t accepted, open;
};

void peers_init(struct peers *peers);
void peers_add(struct peers *peers, h2o_socket_t *socket);
void peers_drop_all(struct peers *peers); /* cuts them; each is freed when H2O notices */

struct peer *peer_of(h2o_req_t *req);
int peer_fd(const struct peer *peer);
bool peer_is_gone(const struct peer *peer); /* H2O does not look while a request is unanswered */
void peer_reset(const struct peer *peer);   /* RST now; the descriptor stays H2O's to close */
void peer_hang_up(const struct peer *peer); /* FIN now */
