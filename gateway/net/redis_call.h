/*
 * Commands to Redis, pipelined over connections that are kept, on one loop. One Redis, one behind sentinels, or a
 * cluster: the caller sees no difference. Implemented by redis_call.c, redis_client.c and what stands below them.
 *
 * A command is sent at most once, but for a cluster's redirects, which tell that it was not carried out.
 */
#ifndef KGW_NET_REDIS_CALL_H
#define KGW_NET_REDIS_CALL_H

#include "gateway/net/loop.h"
#include "gateway/net/redis_error.h"
#include "gateway/net/redis_reply.h"
#include "gateway/net/redis_url.h"

struct ssl_ctx_st;
struct redis_client;

/*
 * `is_up`: `where` answers, and is asked from now on. Else it is not asked any more, because of `reason` (static).
 * Never twice the same, on the client's loop; it must not call the client.
 */
typedef void redis_change_cb(void *ctx, const char *where, bool is_up, const char *reason);

struct redis_conf {
    const struct redis_url *url; /* outlives the client */
    struct ssl_ctx_st *tls;      /* redis_tls_new(); NULL unless url->is_tls; outlives the client */
    uint32_t late_ms;            /* by this measure of an answer's time Redis is well or not */
    uint32_t silence_ms;         /* without one answer in time for so long, it is not asked any more */
    uint32_t connect_timeout_ms; /* connecting, TLS, authentication and the first answer */
    uint32_t retry_ms_max;       /* between attempts to connect; they begin with a twentieth, and have jitter */
    size_t calls_max;            /* unanswered commands of a connection, the late ones included */
    size_t send_bytes_max;       /* waiting to be sent on a connection */
    size_t reply_bytes_max;      /* of one reply, as it comes and as it is held */
    redis_change_cb *on_change;  /* NULL: nobody asks */
    void *ctx;
};

#define REDIS_CONF_DEFAULTS                                                                                            \
    .late_ms = 20, .silence_ms = 500, .connect_timeout_ms = 500, .retry_ms_max = 500, .calls_max = 16384,              \
    .send_bytes_max = 4u << 20, .reply_bytes_max = 1u << 20

/* Connects by itself, and again for as long as it lives. `conf` is copied. NULL: no memory. */
struct redis_client *redis_client_new(struct loop *l, const struct redis_conf *conf);
/* Every call has ended or was cancelled; not from a callback. */
void redis_client_free(struct redis_client **c);
struct loop *redis_client_loop(const struct redis_client *c);

/*
 * Whether a call for this key would be started now. No: not connected so far, or the breaker is open, since Redis
 * failed, was silent or took no writes; it is asked again within retry_ms_max and connect_timeout_ms of its recovery.
 */
bool redis_is_available(const struct redis_client *c, struct span route_key);
/* And what it was asked last was answered in time: else whoever can do without it had better not wait for it now. */
bool redis_is_prompt(const struct redis_client *c, struct span route_key);

enum redis_result {
    REDIS_REPLIED,   /* with whatever: look at the reply */
    REDIS_TIMED_OUT, /* no answer in time; it may have been carried out, or be so later */
    REDIS_LOST,      /* the connection ended before an answer; it may have been carried out */
};

struct redis_answer {
    enum redis_result result;
    enum redis_error error;          /* of a reply that is an error; else REDIS_ERROR_NONE */
    const struct redis_reply *reply; /* when replied; else NULL */
    const char *reason;              /* a static sentence, unless replied without an error: then NULL */
};

struct redis_call;
/* `a`, its reply and all in it live until the callback returns. */
typedef void redis_call_cb(void *ctx, const struct redis_answer *a);

/*
 * Starts one command, as redis_command_encode() writes it; it is copied. `route_key` is a key of the command, which
 * says where in a cluster it goes; empty: anywhere. Calls `cb` exactly once, later, on the loop, within `timeout_ms`;
 * never before this returns and never after redis_cancel(). NULL: not started and not sent (Redis is not available, too
 * much is under way, or no memory), and no callback will come. All commands of a turn leave together, at its end.
 */
struct redis_call *redis_call(struct redis_client *c, struct span route_key, struct span command, uint32_t timeout_ms,
                              redis_call_cb *cb, void *ctx);
/* NULL-safe; *call becomes NULL; not from the call's own callback. What was sent may still be carried out. */
void redis_cancel(struct redis_call **call);

#endif
