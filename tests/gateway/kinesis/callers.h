/*
 * Callers of lanes, without a front: each puts one record, waits for it as long as its deadline allows, and holds what
 * it is told against what the fake Kinesis has stored. Every record's Data is unique ("record 7 …"), so that what was
 * sent tells whose it is. What must hold always is asserted as it happens; crowd_clear() looks once more at the end.
 */
#ifndef KGW_TESTS_GATEWAY_KINESIS_CALLERS_H
#define KGW_TESTS_GATEWAY_KINESIS_CALLERS_H

#include "gateway/kinesis/lane.h"
#include "tests/lib/fake_loop.h"
#include "tests/lib/fake_net.h"

#define CROWD_LANES        3
#define CALLER_DEADLINE_US 60000000u /* unless another is said */

enum caller_state {
    CALLER_REFUSED, /* by lane_reserve() */
    CALLER_WAITING,
    CALLER_GONE, /* detached in flight: a result comes yet */
    CALLER_ENDED,
};

struct caller {
    struct put_waiter waiter;
    struct crowd *crowd;
    struct timer deadline;
    enum caller_state state;
    unsigned number;
    /* Ours; what the lane sees is freed when it may not look any more. */
    struct span expected_data, expected_key, expected_after;
    char *lent;
    unsigned sends, stores, unknowns; /* what the fake net saw of the record */
    bool is_acknowledged;
    unsigned last_call;     /* the newest that carried it */
    bool is_key_drawn;      /* the record may travel under another partition key */
    struct failure failure; /* from here on: what it was told; FAILURE_NONE: written */
    bool is_possible_duplicate;
    const struct fake_stored *stored;
    uint64_t arrived_us, ended_us;
};

/* Where a caller's record lies, or NULL, if what it was told is no record of it. */
typedef struct fake_stored *find_stored_fn(const struct caller *w);

struct crowd {
    find_stored_fn *find_stored;    /* in this crowd's net, as itself, unless a test knows better */
    void (*told)(struct caller *w); /* at each end, after the checks; NULL: nobody */
    void *told_ctx;
    struct loop *loop;
    struct http_client *http;
    struct fake_net *net;
    struct metrics metrics;
    struct random random;
    struct sender sender;
    struct stream_conf streams[CROWD_LANES]; /* "stream-0" … */
    struct lane *lanes[CROWD_LANES];         /* made when somebody arrives: until then a test may change the conf */
    struct stream_conf *reloaded[CROWD_LANES];
    unsigned lanes_made;
    struct caller **callers;
    unsigned len, capacity;
};

void crowd_init(struct crowd *c);
/* Runs what is left, then looks: everyone was told or left, gauges are zero; and takes all apart. */
void crowd_clear(struct crowd *c);
struct lane *crowd_lane(struct crowd *c, unsigned i); /* makes it, the first time */
/* The lane's stream has these settings from now on; those before are gone. */
void crowd_reload(struct crowd *c, unsigned lane, const struct stream_conf *conf);
void crowd_script(struct crowd *c, struct fake_script *script);
/* The bounds of queues and windows, at this moment. */
void crowd_check(const struct crowd *c);
unsigned crowd_count(const struct crowd *c, enum failure_row row); /* callers who were told that */

struct arrival {
    unsigned lane;
    const char *tenant;   /* NULL: "acme" */
    const char *word;     /* the first of Data; NULL: "record" */
    const char *key;      /* NULL: "key NUMBER" */
    size_t bytes;         /* of Data, at least */
    uint64_t deadline_us; /* from now; 0: CALLER_DEADLINE_US */
    struct span after;    /* SequenceNumberForOrdering, static */
    const char *hash_key; /* ExplicitHashKey, static; NULL: none */
    bool is_base64, has_random_key, is_alone;
    bool may_lack_memory; /* lane_add() may refuse */
};
/* Reserves and adds; nothing is sent before the loop turns. The crowd frees it. */
struct caller *caller_arrive(struct crowd *c, const struct arrival *a);
struct caller *caller_arrive_plain(struct crowd *c);
void caller_leave(struct caller *w); /* its deadline, this moment */
bool caller_is_written(const struct caller *w);
void caller_saw(void *crowd, const struct fake_attempt *a); /* the crowd's ears at the net */
/* For ears of a test's own: whose record that is, and that it went in this attempt. */
struct caller *caller_of(const struct crowd *c, struct span data);
void caller_is_sent(struct caller *w, const struct fake_attempt *a);
find_stored_fn caller_find_stored; /* a record of the crowd's net, Data and key as they came, and nobody else's */

#endif
