/*
 * One request on a data port: its road is the table below. A step that returns false has settled the answer and sends
 * the exchange to its delivery, which may wait. The request's pool owns the exchange.
 */
#include "tests/double/answers.h"
#include "tests/double/ids.h"
#include "tests/double/wire.h"
#include "tests/double/world.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SILENCE_LOOK_US = 100000 };

struct exchange {
    h2o_linklist_t settled;
    h2o_req_t *req;
    struct world *world;
    struct peer *peer;
    struct slice head_bytes, body;
    struct call call;
    struct failure failure;
    struct fault_plan plan;
    const struct fault *fault; /* what takes the answer's place, once its time has come */
    struct answer answer;
    struct timer timer;
    struct request_ids ids;
};

static bool step_read(struct exchange *exchange);
static bool step_door(struct exchange *exchange);
static bool step_verify(struct exchange *exchange);
static bool step_check(struct exchange *exchange);
static bool step_refuse(struct exchange *exchange);
static bool step_store(struct exchange *exchange);
static bool step_spoil(struct exchange *exchange);

static const struct {
    const char *name;
    bool (*run)(struct exchange *exchange);
} steps[] = {
    {"read", step_read},     {"door", step_door},   {"verify", step_verify}, {"check", step_check},
    {"refuse", step_refuse}, {"store", step_store}, {"spoil", step_spoil},
};

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool step_read(struct exchange *exchange)
{
    static const char content_type[] = "application/x-amz-json-1.1";
    h2o_req_t *req = exchange->req;
    struct slice target = {NULL, 0};
    ssize_t at = h2o_find_header_by_str(&req->headers, H2O_STRLIT("x-amz-target"), -1);
    ssize_t type = h2o_find_header(&req->headers, H2O_TOKEN_CONTENT_TYPE, -1);
    if (at != -1)
        target = (struct slice){req->headers.entries[at].value.base, req->headers.entries[at].value.len};
    bool called = h2o_memis(req->method.base, req->method.len, H2O_STRLIT("POST")) && type != -1 &&
                  h2o_memis(req->headers.entries[type].value.base, req->headers.entries[type].value.len, content_type,
                            strlen(content_type));
    if (!called) { /* AWS's front door knows no such service */
        exchange->world->counts.calls[OPERATION_UNKNOWN]++;
        exchange->answer.status = 404;
        exchange->answer.content_type = "application/xml";
        text_puts(&exchange->answer.body, "<UnknownOperationException/>\n");
        return false;
    }
    call_read(&exchange->call, target, exchange->body, &exchange->failure);
    exchange->world->counts.calls[exchange->call.operation]++;
    exchange->world->counts.records_received += exchange->call.record_count;
    return true;
}

static bool step_door(struct exchange *exchange)
{
    struct fault_plan *plan = &exchange->plan;
    faults_plan(&exchange->world->faults, &exchange->call, plan);
    if (plan->fault == NULL || fault_rows[plan->fault->kind].phase != PHASE_DOOR || plan->fault->stored)
        return true;
    exchange->fault = plan->fault;
    answer_spoil(&exchange->answer, exchange->fault, &exchange->call, &exchange->world->store);
    return false;
}

/* A bad signature is AWS's answer even if the call itself was bad, too. */
static bool step_verify(struct exchange *exchange)
{
    struct world *world = exchange->world;
    struct head head;
    struct failure failure = {0};
    struct sigv4_scope scope = {world->options.region, "kinesis", time(NULL) + exchange->plan.skew_seconds,
                                exchange->plan.expired_token};
    if (!world->options.verify && scope.expired_token == NULL && scope.now == time(NULL))
        return true;
    if (!head_parse(&head, exchange->head_bytes.base, exchange->head_bytes.length))
        fail(&failure, "IncompleteSignatureException", "The request's head cannot be read again.");
    else
        sigv4_check(&head, exchange->body, &world->credentials, &scope, &failure);
    if (!failed(&failure))
        return true;
    text_clear(&exchange->failure.message);
    exchange->failure = failure;
    world->counts.signatures_rejected++;
    return true;
}

static bool step_check(struct exchange *exchange)
{
    if (!failed(&exchange->failure))
        call_check(&exchange->call, &exchange->world->store, &exchange->failure);
    return true;
}

static bool step_refuse(struct exchange *exchange)
{
    struct counts *counts = &exchange->world->counts;
    if (!failed(&exchange->failure))
        return true;
    snprintf(counts->last_error_code, sizeof counts->last_error_code, "%s", exchange->failure.code);
    text_reset(&counts->last_error_message);
    text_put(&counts->last_error_message, exchange->failure.message.base, exchange->failure.message.length);
    answer_failure(&exchange->answer, &exchange->failure);
    return false;
}

/* PutRecord has nowhere to put an error of its record but the answer itself. */
static void store_record(struct exchange *exchange, struct put_record *record, uint64_t at_ms)
{
    struct world *world = exchange->world;
    const struct fault *fault = faults_on_record(&world->faults, &exchange->plan, &exchange->call, record);
    if (fault != NULL && exchange->call.operation == OPERATION_PUT_RECORD)
        exchange->fault = fault;
    if (fault != NULL) {
        record->error_code = fault->code                            ? fault->code
                             : fault->kind == FAULT_throttle_record ? "ProvisionedThroughputExceededException"
                                                                    : "InternalFailure";
        if (!fault->stored)
            return;
    }
    store_put(&world->store, exchange->call.stream, record->shard, record->sequence);
    ledger_add(&world->ledger, exchange->call.stream, record, exchange->ids.request_id, at_ms);
}

static bool step_store(struct exchange *exchange)
{
    const struct fault *fault = exchange->plan.fault;
    exchange->fault = fault;
    if (fault == NULL || fault->stored) {
        uint64_t at_ms = now_ms();
        for (size_t i = 0; i < exchange->call.record_count; i++)
            store_record(exchange, &exchange->call.records[i], at_ms);
    }
    return true;
}

static bool step_spoil(struct exchange *exchange)
{
    const struct fault *fault = exchange->fault;
    if (fault == NULL || fault->stored)
        answer_success(&exchange->answer, &exchange->call, &exchange->world->store);
    if (fault != NULL)
        answer_spoil(&exchange->answer, fault, &exchange->call, &exchange->world->store);
    return false;
}

static void remain_silent(void *data)
{
    struct exchange *exchange = data;
    struct wire wire = {.req = exchange->req};
    if (peer_is_gone(exchange->peer))
        wire_reset(&wire);
    else
        timer_start(&exchange->world->timers, &exchange->timer, SILENCE_LOOK_US, remain_silent, exchange);
}

static void deliver(void *data)
{
    struct exchange *exchange = data;
    const struct fault *fault = exchange->fault;
    const struct answer *answer = &exchange->answer;
    struct wire wire = {exchange->req, &exchange->world->timers, exchange->ids.request_id, exchange->ids.id_2,
                        exchange->plan.skew_seconds};
    enum fault_kind kind = fault ? fault->kind : FAULT_delay;
    if (kind == FAULT_silence)
        remain_silent(exchange);
    else if (kind == FAULT_reset_before || kind == FAULT_reset_after)
        wire_reset(&wire);
    else if (kind == FAULT_garbage)
        wire_garbage(&wire);
    else if (kind == FAULT_cut)
        wire_cut(&wire, answer, fault->bytes >= 0 ? (size_t)fault->bytes : answer->body.length / 2);
    else if (exchange->plan.drip != NULL)
        wire_drip(&wire, answer, (uint64_t)exchange->plan.drip->interval_ms);
    else
        wire_send(&wire, answer);
}

/* Runs after all requests of the loop's turn: one write to the ledger, then their answers. */
static void on_turn_end(h2o_timeout_entry_t *entry)
{
    struct world *world = H2O_STRUCT_FROM_MEMBER(struct world, turn_end, entry);
    ledger_flush(&world->ledger);
    while (!h2o_linklist_is_empty(&world->settled)) {
        struct exchange *exchange = H2O_STRUCT_FROM_MEMBER(struct exchange, settled, world->settled.next);
        h2o_linklist_unlink(&exchange->settled);
        deliver(exchange);
    }
}

static void settle(struct exchange *exchange)
{
    struct world *world = exchange->world;
    if (!h2o_timeout_is_linked(&world->turn_end))
        h2o_timeout_link(world->context.loop, &world->turn, &world->turn_end);
    if (exchange->plan.delay_ms > 0)
        timer_start(&world->timers, &exchange->timer, exchange->plan.delay_ms * 1000, deliver, exchange);
    else
        h2o_linklist_insert(&world->settled, &exchange->settled);
}

static void on_idle_end(void *data)
{
    peer_hang_up(data);
}

static void on_dispose(void *data)
{
    struct exchange *exchange = data;
    const struct fault *close_idle = exchange->plan.close_idle;
    timer_cancel(&exchange->timer);
    if (h2o_linklist_is_linked(&exchange->settled))
        h2o_linklist_unlink(&exchange->settled);
    if (close_idle != NULL && close_idle->idle_ms > 0)
        timer_start(&exchange->world->timers, &exchange->peer->idle_timer, (uint64_t)close_idle->idle_ms * 1000,
                    on_idle_end, exchange->peer);
    else if (close_idle != NULL)
        peer_hang_up(exchange->peer);
    exchange->world->counts.in_flight--;
    fault_plan_clear(&exchange->plan);
    call_clear(&exchange->call);
    text_clear(&exchange->failure.message);
    answer_clear(&exchange->answer);
}

static void remember(struct world *world, const struct exchange *exchange)
{
    struct last_request *last = &world->last;
    text_reset(&last->head);
    text_reset(&last->body);
    text_put(&last->head, exchange->head_bytes.base, exchange->head_bytes.length);
    text_put(&last->body, exchange->body.base, exchange->body.length);
    last->tls = exchange->peer->socket->ssl != NULL;
}

static struct exchange *exchange_new(struct world *world, h2o_req_t *req)
{
    struct exchange *exchange = h2o_mem_alloc_shared(&req->pool, sizeof *exchange, on_dispose);
    *exchange = (struct exchange){.req = req, .world = world, .peer = peer_of(req)};
    h2o_buffer_t *input = exchange->peer->socket->input;
    exchange->head_bytes = (struct slice){input->bytes, head_length(input->bytes, input->size)};
    exchange->body = (struct slice){req->entity.base, req->entity.len};
    request_ids_make(&exchange->ids, world->store.born_ms);
    timer_cancel(&exchange->peer->idle_timer);
    if (++world->counts.in_flight > world->counts.in_flight_max)
        world->counts.in_flight_max = world->counts.in_flight;
    return exchange;
}

struct handler {
    h2o_handler_t super;
    struct world *world;
};

static int on_request(h2o_handler_t *self, h2o_req_t *req)
{
    struct world *world = ((struct handler *)self)->world;
    struct exchange *exchange = exchange_new(world, req);
    remember(world, exchange);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && steps[i].run(exchange); i++)
        ;
    settle(exchange);
    return 0;
}

void exchange_register(struct world *world, h2o_pathconf_t *path)
{
    struct handler *handler = (struct handler *)h2o_create_handler(path, sizeof *handler);
    handler->super.on_req = on_request;
    handler->world = world;
}

void exchange_init(struct world *world)
{
    h2o_linklist_init_anchor(&world->settled);
    h2o_timeout_init(world->context.loop, &world->turn, 0);
    world->turn_end.cb = on_turn_end;
}
