/*
 * Webhooks on a world's road: its snapshot with hooks, and deliveries that are signed here.
 */
#ifndef KGW_TESTS_GATEWAY_FRONT_HOOKED_H
#define KGW_TESTS_GATEWAY_FRONT_HOOKED_H

#include "tests/gateway/front/keyed.h"

#include "auth/webhook/webhook.h"

#define HOOKED_SECRET "hush"

static inline struct hook_row hooked_row(const char *name, const char *scheme)
{
    struct hook_row row = {.name = span_str(name),
                           .tenant = SPAN("acme"),
                           .stream = SPAN("orders"),
                           .partition = {.source = PARTITION_RANDOM},
                           .dedups = true,
                           .dedup_window_us = UINT64_C(3600) * 1000000};

    row.webhook.scheme = webhook_scheme_find(span_str(scheme));
    row.webhook.tolerance_s = 300;
    assert_null(webhook_conf_add_secret(&row.webhook, SPAN(HOOKED_SECRET)));
    return row;
}

/*
 * github, slack (its key is /team), meta (verify token "tok"), token (dedup_id X-Id), off (github, not deduplicated),
 * nobody (of a tenant that does not exist), small (into `clicks`, whose rule it has).
 */
static inline void hooked_init(struct world *w)
{
    struct hook_row rows[] = {hooked_row("github", "github"), hooked_row("slack", "slack"),
                              hooked_row("meta", "meta"),     hooked_row("token", "token"),
                              hooked_row("off", "github"),    hooked_row("nobody", "token"),
                              hooked_row("clicks", "github")};

    world_init(w);
    rows[1].partition = (struct partition_rule){.source = PARTITION_JSON, .argument = SPAN("/team")};
    assert_true(secret_set(&rows[2].webhook.verify_token, SPAN("tok")));
    rows[3].dedup_id = SPAN("X-Id");
    rows[3].origins[rows[3].origins_len++] = SPAN("events.example");
    rows[4].dedups = false;
    rows[5].tenant = SPAN("nobody");
    rows[6].stream = SPAN("clicks");
    rows[6].partition =
        (struct partition_rule){.source = PARTITION_JSON, .argument = SPAN("/user/id"), .reject_if_missing = true};
    struct snapshot *s = world_snapshot();
    s->hooks = hook_table_new(rows, LEN(rows));
    assert_true(s->hooks != NULL && front_set_snapshot(&w->front, s));
    snapshot_release(&s);
}

static inline struct fake_exchange *hooked_ask(struct world *w, const char *line, const char *fields, struct span body)
{
    struct fake_exchange *e = fake_request(line, fields, body);

    front_request(&w->front, &e->exchange);
    return e;
}

static inline void hooked_sign(struct span text, char hex[2 * SHA256_BYTES + 1])
{
    uint8_t mac[SHA256_BYTES];

    digest_hmac_sha256(SPAN(HOOKED_SECRET), text, mac);
    hex_encode(mac, sizeof(mac), hex);
    hex[2 * sizeof(mac)] = '\0';
}

/* As GitHub signs, for the hook of that name. */
static inline struct fake_exchange *hooked_github(struct world *w, const char *hook, struct span body)
{
    char line[64], fields[160], hex[2 * SHA256_BYTES + 1];

    hooked_sign(body, hex);
    snprintf(line, sizeof(line), "POST /v1/hooks/%s", hook);
    snprintf(fields, sizeof(fields), "X-Hub-Signature-256: sha256=%s\r\n", hex);
    return hooked_ask(w, line, fields, body);
}

static inline struct fake_exchange *hooked_slack(struct world *w, int64_t off_s, const char *body)
{
    char text[1024], fields[256], hex[2 * SHA256_BYTES + 1];
    long long time_s = (long long)(loop_unix_ms(w->loop) / 1000 + off_s);

    snprintf(text, sizeof(text), "v0:%lld:%s", time_s, body);
    hooked_sign(span_str(text), hex);
    snprintf(fields, sizeof(fields), "X-Slack-Request-Timestamp: %lld\r\nX-Slack-Signature: v0=%s\r\n", time_s, hex);
    return hooked_ask(w, "POST /v1/hooks/slack", fields, span_str(body));
}

static inline struct fake_exchange *hooked_token(struct world *w, const char *hook, const char *more, const char *body)
{
    char line[64], fields[256];

    snprintf(line, sizeof(line), "POST /v1/hooks/%s", hook);
    snprintf(fields, sizeof(fields), "Authorization: Bearer " HOOKED_SECRET "\r\n%s", more);
    return hooked_ask(w, line, fields, span_str(body));
}

#endif
