#pragma once

#include "tests/double/faults.h"
#include "tests/double/ledger.h"
#include "tests/double/options.h"
#include "tests/double/peers.h"
#include "tests/double/store.h"
#include "tests/double/timers.h"

struct counts {
    uint64_t calls[OPERATION_COUNT];
    uint64_t records_received, signatures_rejected, in_flight, in_flight_max;
    char last_error_code[64];
    struct text last_error_message;
};

/* The last request as it came; header names in lower case, since H2O writes them so in place. */
struct last_request {
    struct text head, body;
    bool tls;
};

struct listener {
    int fd; /* bound while closed, so that nobody takes its port */
    uint16_t port;
    h2o_socket_t *socket; /* NULL while closed */
    h2o_accept_ctx_t accept;
    struct world *world;
};

/* Everything there is, in one thread. */
struct world {
    struct options options;
    h2o_globalconf_t config;
    h2o_context_t context;
    struct listener plain, tls, control;
    h2o_socket_t *signals;
    struct timers timers;
    struct peers peers;
    struct store store;
    struct ledger ledger;
    struct faults faults;
    struct credentials credentials;
    struct counts counts;
    struct last_request last;
    h2o_linklist_t settled; /* exchanges that answer once the ledger is written, at this turn's end */
    h2o_timeout_t turn;
    h2o_timeout_entry_t turn_end;
};

/* server.c */
bool server_start(struct world *world);
bool server_open(struct world *world, bool open); /* the data listeners, on their old ports */
void server_run(struct world *world);             /* until SIGTERM or SIGINT */

/* exchange.c and control.c: H2O handlers of the data ports and of the control port */
void exchange_register(struct world *world, h2o_pathconf_t *path);
void exchange_init(struct world *world); /* once the loop exists */
void control_register(struct world *world, h2o_pathconf_t *path);
