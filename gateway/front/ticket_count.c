/* One verdict is a few adds: to the worker's counters, and to a row of its tenants' that the view remembers. */
#include "gateway/front/ticket_count.h"

#include "gateway/base/tenant_counts.h"
#include "gateway/front/ticket_hook.h"

struct pen {
    struct metrics *all;
    uint64_t *tenant; /* NULL: tenants are not counted */
};

static void count(const struct pen *p, enum counter c, enum tenant_counter tenant_c, uint64_t n)
{
    metrics_count(p->all, c, n);
    if (p->tenant != NULL)
        p->tenant[tenant_c] += n;
}

static struct pen pen_of(const struct ticket *t)
{
    struct tenant_counts *counts = t->front->tenants;
    const struct tenant_row *tenant = ticket_tenant(t);
    struct pen p = {.all = t->front->metrics};

    if (counts == NULL || tenant == NULL)
        return p;
    uint16_t *row = &t->view->tenant_rows[tenant->index];
    if (*row == VIEW_ROW_UNKNOWN)
        *row = (uint16_t)(VIEW_ROW_UNKNOWN + 1 + tenant_roll_row(counts->roll, tenant->name));
    p.tenant = counts->counts[*row - VIEW_ROW_UNKNOWN - 1];
    return p;
}

static void count_admitted(const struct pen *p, const struct quota_cost *cost)
{
    count(p, COUNT_ADMITTED_REQUESTS, TENANT_ADMITTED_REQUESTS, cost->requests);
    count(p, COUNT_ADMITTED_RECORDS, TENANT_ADMITTED_RECORDS, cost->records);
    count(p, COUNT_ADMITTED_BYTES, TENANT_ADMITTED_BYTES, cost->bytes);
}

void ticket_count_admitted(const struct ticket *t, const struct quota_cost *cost)
{
    struct pen p = pen_of(t);

    count_admitted(&p, cost);
}

static void count_refused(const struct pen *p, const struct quota_grant *g)
{
    static const struct {
        enum counter all;
        enum tenant_counter tenant;
    } by[QUOTA_DIMENSIONS] = {
        [QUOTA_REQUESTS] = {COUNT_QUOTA_REFUSED_REQUESTS, TENANT_REFUSED_REQUESTS},
        [QUOTA_RECORDS] = {COUNT_QUOTA_REFUSED_RECORDS, TENANT_REFUSED_RECORDS},
        [QUOTA_BYTES] = {COUNT_QUOTA_REFUSED_BYTES, TENANT_REFUSED_BYTES},
        [QUOTA_DAY] = {COUNT_QUOTA_REFUSED_DAY, TENANT_REFUSED_DAY},
        [QUOTA_MONTH] = {COUNT_QUOTA_REFUSED_MONTH, TENANT_REFUSED_MONTH},
    };

    if (g->verdict == QUOTA_HOPELESS)
        count(p, COUNT_QUOTA_REFUSED_BURST, TENANT_REFUSED_BURST, 1);
    else if (g->verdict == QUOTA_REFUSED)
        count(p, by[g->refused].all, by[g->refused].tenant, 1);
}

static void count_outage(const struct pen *p, const struct quota_spending *s)
{
    bool is_admitted = s->grant.verdict == QUOTA_GRANTED;
    enum tenant_counter decision = s->on_outage == QUOTA_OPEN     ? TENANT_OPEN_ADMITTED
                                   : s->on_outage == QUOTA_CLOSED ? TENANT_CLOSED_REFUSED
                                   : is_admitted                  ? TENANT_SHARE_ADMITTED
                                                                  : TENANT_SHARE_REFUSED;

    count(p, COUNT_QUOTA_OUTAGE, decision, 1);
}

void ticket_count_grant(const struct ticket *t, const struct quota_spending *s)
{
    const struct quota_grant *g = &s->grant;
    struct pen p = pen_of(t);

    if (g->verdict == QUOTA_GRANTED) {
        metrics_count(p.all, COUNT_QUOTA_GRANTED, 1);
        count_admitted(&p, &s->cost);
    } else {
        count_refused(&p, g);
    }
    if (g->was_leased)
        count(&p, COUNT_QUOTA_LEASE_HITS, TENANT_LEASE_HITS, 1);
    if (g->was_asked)
        count(&p, COUNT_QUOTA_ASKED, TENANT_ASKED, 1);
    if (g->was_asked_ahead)
        count(&p, COUNT_QUOTA_ASKED_AHEAD, TENANT_ASKED_AHEAD, 1);
    if (g->is_outage)
        count_outage(&p, s);
}
