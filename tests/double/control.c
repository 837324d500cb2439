/* The control port: faults, listeners, counts, the last request. One row of the table a call. */
#include "tests/double/world.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Fills `out` with JSON and returns the status; `body` is NULL if there was none or it was not JSON. */
typedef int control_fn(struct world *world, json_t *body, struct text *out);

static int get_faults(struct world *world, json_t *body, struct text *out)
{
    (void)body;
    faults_describe(&world->faults, out);
    return 200;
}

static int post_faults(struct world *world, json_t *body, struct text *out)
{
    struct text error = {0};
    if (faults_replace(&world->faults, body, &error))
        return get_faults(world, NULL, out);
    text_puts(out, "{\"error\":");
    text_put_json(out, error.base, error.length);
    text_puts(out, "}");
    text_clear(&error);
    return 400;
}

static int delete_faults(struct world *world, json_t *body, struct text *out)
{
    json_t *none = json_array();
    (void)body;
    int status = post_faults(world, none, out);
    json_decref(none);
    return status;
}

static int post_listener(struct world *world, json_t *body, struct text *out)
{
    json_t *open = json_object_get(body, "open");
    if (json_is_true(json_object_get(body, "drop")))
        peers_drop_all(&world->peers);
    if (json_is_boolean(open) && !server_open(world, json_is_true(open)))
        return 500;
    text_printf(out, "{\"open\":%s}", world->plain.socket ? "true" : "false");
    return 200;
}

static void put_faults_fired(struct world *world, struct text *out)
{
    const char *comma = "";
    for (int i = 0; i < FAULT_KIND_COUNT; i++) {
        if (world->faults.fired[i] == 0)
            continue;
        text_printf(out, "%s\"%s\":%" PRIu64, comma, fault_rows[i].name, world->faults.fired[i]);
        comma = ",";
    }
}

static void put_streams(struct world *world, struct text *out)
{
    for (size_t i = 0; i < world->store.stream_count; i++) {
        const struct stream *stream = &world->store.streams[i];
        text_printf(out, "%s\"%s\":{\"records\":%" PRIu64 ",\"shards\":{", i ? "," : "", stream->name, stream->records);
        for (uint32_t j = 0; j < stream->shard_count; j++)
            text_printf(out, "%s\"%s\":%" PRIu64, j ? "," : "", stream->shards[j].id, stream->shards[j].records);
        text_puts(out, "}}");
    }
}

static void put_last_error(const struct counts *counts, struct text *out)
{
    if (counts->last_error_code[0] == '\0') {
        text_puts(out, "null");
        return;
    }
    text_printf(out, "{\"code\":\"%s\",\"message\":", counts->last_error_code);
    text_put_json(out, counts->last_error_message.base, counts->last_error_message.length);
    text_puts(out, "}");
}

static int get_counts(struct world *world, json_t *body, struct text *out)
{
    const struct counts *counts = &world->counts;
    (void)body;
    text_puts(out, "{\"requests\":{");
    for (int i = 0; i < OPERATION_COUNT; i++)
        text_printf(out, "%s\"%s\":%" PRIu64, i ? "," : "", operation_names[i], counts->calls[i]);
    text_printf(out,
                "},\"records_received\":%" PRIu64 ",\"records_stored\":%" PRIu64 ",\"signatures_rejected\":%" PRIu64
                ",\"in_flight\":%" PRIu64 ",\"in_flight_max\":%" PRIu64 ",\"connections\":{\"accepted\":%" PRIu64
                ",\"open\":%" PRIu64 "},\"faults\":{",
                counts->records_received, world->store.records, counts->signatures_rejected, counts->in_flight,
                counts->in_flight_max, world->peers.accepted, world->peers.open);
    put_faults_fired(world, out);
    text_puts(out, "},\"streams\":{");
    put_streams(world, out);
    text_puts(out, "},\"last_error\":");
    put_last_error(counts, out);
    text_puts(out, "}");
    return 200;
}

static int post_reset(struct world *world, json_t *body, struct text *out)
{
    struct counts *counts = &world->counts;
    uint64_t in_flight = counts->in_flight;
    text_clear(&counts->last_error_message);
    *counts = (struct counts){.in_flight = in_flight, .in_flight_max = in_flight};
    memset(world->faults.fired, 0, sizeof world->faults.fired);
    world->peers.accepted = 0;
    text_reset(&world->last.head);
    text_reset(&world->last.body);
    store_reset_counts(&world->store);
    return get_counts(world, body, out);
}

static int get_last_request(struct world *world, json_t *body, struct text *out)
{
    const struct last_request *last = &world->last;
    (void)body;
    if (last->head.length == 0) {
        text_puts(out, "{\"error\":\"no request yet\"}");
        return 404;
    }
    text_printf(out, "{\"tls\":%s,\"head\":", last->tls ? "true" : "false");
    text_put_json(out, last->head.base, last->head.length);
    text_puts(out, ",\"body\":\"");
    text_put_base64(out, last->body.base, last->body.length);
    text_puts(out, "\"}");
    return 200;
}

static bool take_credential(struct credential *credential, json_t *row)
{
    const char *access_key = NULL, *secret = NULL, *token = "";
    *credential = (struct credential){0};
    if (json_unpack(row, "{s:s,s:s,s?s}", "access_key", &access_key, "secret", &secret, "token", &token) != 0 ||
        strlen(access_key) >= sizeof credential->access_key || strlen(secret) >= sizeof credential->secret ||
        strlen(token) >= sizeof credential->token)
        return false;
    strcpy(credential->access_key, access_key);
    strcpy(credential->secret, secret);
    strcpy(credential->token, token);
    return true;
}

static int post_credentials(struct world *world, json_t *body, struct text *out)
{
    static struct credentials next;
    size_t index;
    json_t *row;
    bool ok = json_is_array(body) && json_array_size(body) <= CREDENTIALS_MAX;
    next.count = ok ? json_array_size(body) : 0;
    json_array_foreach(body, index, row)
    {
        ok = ok && take_credential(&next.list[index], row);
    }
    if (ok)
        world->credentials = next;
    text_puts(out, ok ? "{}" : "{\"error\":\"[{access_key, secret, token?}] is needed\"}");
    return ok ? 200 : 400;
}

static int post_streams(struct world *world, json_t *body, struct text *out)
{
    const char *name = NULL;
    int shards = (int)world->options.shards;
    json_int_t record_bytes_max = 1048576;
    bool ok =
        json_unpack(body, "{s:s,s?i,s?I}", "name", &name, "shards", &shards, "max_record_bytes", &record_bytes_max) ==
            0 &&
        store_add_stream(&world->store, (struct slice){name, strlen(name)}, (uint32_t)shards, (size_t)record_bytes_max);
    text_puts(out, ok ? "{}" : "{\"error\":\"{name, shards?, max_record_bytes?} with a new name is needed\"}");
    return ok ? 200 : 400;
}

static const struct {
    const char *method, *path;
    control_fn *run;
} calls[] = {
    {"GET", "/faults", get_faults},
    {"POST", "/faults", post_faults},
    {"DELETE", "/faults", delete_faults},
    {"POST", "/listener", post_listener},
    {"GET", "/counts", get_counts},
    {"POST", "/reset", post_reset},
    {"POST", "/streams", post_streams},
    {"POST", "/credentials", post_credentials},
    {"GET", "/requests/last", get_last_request},
};

struct handler {
    h2o_handler_t super;
    struct world *world;
};

static int on_request(h2o_handler_t *self, h2o_req_t *req)
{
    struct text out = {0};
    int status = 404;
    json_t *body = json_loadb(req->entity.base ? req->entity.base : "", req->entity.len, 0, NULL);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        if (h2o_memis(req->method.base, req->method.len, calls[i].method, strlen(calls[i].method)) &&
            h2o_memis(req->path.base, req->path.len, calls[i].path, strlen(calls[i].path)))
            status = calls[i].run(((struct handler *)self)->world, body, &out);
    }
    json_decref(body);
    req->res.status = status;
    req->res.reason = status == 200 ? "OK" : "Error";
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL, H2O_STRLIT("application/json"));
    h2o_send_inline(req, out.base ? out.base : "", out.length);
    text_clear(&out);
    return 0;
}

void control_register(struct world *world, h2o_pathconf_t *path)
{
    struct handler *handler = (struct handler *)h2o_create_handler(path, sizeof *handler);
    handler->super.on_req = on_request;
    handler->world = world;
}
