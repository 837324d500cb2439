/*
 * The admin listener's pages: health for people and orchestrators, metrics for Prometheus. For loopback: the Host
 * header is checked against a list, so that no web page can reach it by a name of its own.
 */
#ifndef KGW_FRONT_ADMIN_ADMIN_H
#define KGW_FRONT_ADMIN_ADMIN_H

#include "gateway/base/metrics.h"
#include "gateway/base/tenant_counts.h"
#include "gateway/front/exchange.h"

/* Why the gateway is not ready; all false: it is. */
struct admin_readiness {
    bool is_draining, has_no_snapshot, has_no_credentials;
};

typedef void admin_collected(void *ctx, bool all_answered, const struct metrics *sum,
                             const struct tenant_counts *tenants);

struct admin {
    const char *const *hosts; /* allowed besides localhost and loopback addresses; NULL-terminated, or NULL */
    void *ctx;
    struct admin_readiness (*readiness)(void *ctx);
    /*
     * Gathers the workers' counters, within a second. Calls done(done_ctx, …) once, later; all_answered: no worker was
     * silent. False: out of memory, and no callback comes.
     */
    bool (*collect)(void *ctx, admin_collected *done, void *done_ctx);
    /*
     * Appends what the tenant has used of its quota, as far as this process knows, as an object (quota/usage.h); of
     * all tenants, in an array, if the name is empty. False: there is no such tenant.
     */
    bool (*usage)(void *ctx, struct span tenant, struct buf *out);
};

void admin_request(void *admin, struct exchange *e); /* a server_request_cb */

#endif
