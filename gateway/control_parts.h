/*
 * Internals of control, shared by control.c and control_*.c. All on the control thread.
 */
#ifndef KGW_CONTROL_PARTS_H
#define KGW_CONTROL_PARTS_H

#include "gateway/control.h"
#include "gateway/front/address_limit.h"
#include "gateway/front/admin/admin.h"
#include "gateway/tenants/file.h"
#include "gateway/worker.h"

struct control_tenants;

struct control {
    const struct conf *conf;
    const char *path;
    char *const *environ_;
    struct loop *loop;
    struct log *log;
    struct log_ring *log_ring;
    struct snapshot *snapshot;
    struct aws_creds *creds; /* NULL: none */
    struct idempotency_memory *idempotency;
    struct address_limit *addresses;
    struct control_quota *quota;
    struct worker **workers; /* an entry is NULL once its worker ended */
    struct sender_peer *peers;
    size_t workers_len, workers_started, workers_drained;
    struct metrics ended; /* the counters of workers that have ended, and control's own */
    struct tenant_counts *ended_tenants;
    uint16_t *ports, admin_port;
    struct server *admin_server;
    struct admin admin;
    int signal_fd, status;
    uint32_t calls_max; /* under way at once, so that descriptors suffice */
    bool is_draining, must_drain, creds_failed;
    uint64_t creds_fetched_us;
    bool must_retry; /* the last load of keys and streams failed */
    char reload_error[CONF_ERROR_BYTES];
    struct conf *reloaded; /* what the newest reload read; `conf` stays for what needs a restart */
    struct tenants_file tenants_file;
    struct control_tenants *tenants; /* NULL: they are in the file */
    struct timer watch, creds_timer, drain_delay, drain_timeout, admin_check;
};

void control_event(struct control *c, const char *event, const char *name,
                   const char *text); /* name, text: may be NULL */

/* control_feed.c */
void control_fetch_creds(struct control *c);
void control_on_creds_due(void *ctx);
void control_on_creds_refused(void *ctx, struct worker *w, uint64_t serial);
bool control_begin_snapshot(struct control *c, char error[CONF_ERROR_BYTES]); /* the first one */
void control_publish_snapshot(struct control *c, struct snapshot *s);         /* takes `s` over */
const struct conf *control_newest_conf(const struct control *c);
void control_reload(struct control *c);
void control_watch_begin(struct control *c);
void control_watch_end(struct control *c);
void control_free_retired(struct control *c);
bool control_make_stores(struct control *c); /* that the workers share; false: out of memory */

/* control_quota.c */
bool control_make_quota(struct control *c); /* false: out of memory, or the reason stands on stderr */
void control_give_quota(const struct control *c, struct worker_init *init);
void control_end_quota(struct control *c); /* the loop turns on for a while */
void control_free_quota(struct control *c);

/*
 * control_tenants.c: tenants and keys in Redis, for as long as it lives. From its start on it asks for them, and
 * publishes a snapshot with each others that it gets; what Redis cannot give leaves those there are. NULL with a
 * sentence in error[]: no Redis can be looked for with these settings.
 */
struct control_tenants *control_tenants_new(struct control *c, char error[CONF_ERROR_BYTES]);
void control_tenants_free(struct control_tenants **t);                    /* NULL-safe */
struct keyring *control_tenants_keyring(const struct control_tenants *t); /* borrowed; NULL: none so far */
void control_tenants_read_anew(struct control_tenants *t);                /* all of it, soon, whatever the version */

/* control_collect.c, and control_usage() in control_quota.c */
struct admin_readiness control_readiness(void *ctx);
bool control_collect(void *ctx, admin_collected *done, void *done_ctx);
bool control_usage(void *ctx, struct span tenant, struct buf *out);

#endif
