/* See recall_stories.h. Callers of odd numbers come to the second gateway. */
#include "tests/gateway/front/recall_stories.h"

#include "tests/auth/check.h"

#include <stdio.h>

#define CALLERS  4
#define STEPS    9
#define LONG_US  60000000
#define SHORT_US 100000

/* Of two records. */
#define FIRST                                                                                                          \
    "w020:shardId-000000000001"                                                                                        \
    "3:496"                                                                                                            \
    "0:"                                                                                                               \
    "-"
#define WHOLE                                                                                                          \
    "w020:shardId-000000000001"                                                                                        \
    "3:496"                                                                                                            \
    "0:"                                                                                                               \
    "w01:a1:b0:"

enum verb { STORY_ENDS, ASKS, HEARS, FINISHES, FINISHES_IN_PART, RELEASES, CANCELS, TIME_PASSES };

struct step {
    enum verb verb;
    unsigned who;
    char fingerprint;
    enum recall_verdict verdict;
    const char *results; /* there before, or written */
    uint64_t hold_us, keep_us;
    bool is_too_late;
};

struct story {
    const char *what;
    struct step steps[STEPS];
};

/* clang-format off */
#define CALLER_(verb_, who_, print, verdict_, results_, ...) \
    {.verb = verb_, .who = who_, .fingerprint = print, .verdict = RECALL_##verdict_, .results = results_, __VA_ARGS__}
#define ASK(...)  CALLER_(ASKS, __VA_ARGS__, )
#define HEAR(...) CALLER_(HEARS, __VA_ARGS__, )
#define FINISH_(verb_, who_, results_, ...) {.verb = verb_, .who = who_, .results = results_, __VA_ARGS__}
#define FINISH(...)      FINISH_(FINISHES, __VA_ARGS__, )
#define FINISH_PART(...) FINISH_(FINISHES_IN_PART, __VA_ARGS__, )
#define RELEASE(who_)    {.verb = RELEASES, .who = who_}
#define CANCEL(who_)     {.verb = CANCELS, .who = who_}
#define PASS             {.verb = TIME_PASSES}

static const struct story stories[] = {
    {"what is written is told again, and other requests are told apart",
     {ASK(0, 'x', CLAIMED, ""), FINISH(0, WHOLE), ASK(1, 'x', DONE, WHOLE),
      ASK(2, 'y', OTHER, ""), ASK(2, 'x', DONE, WHOLE)}},
    {"what is written in part is open to the same request",
     {ASK(0, 'x', CLAIMED, ""), FINISH_PART(0, FIRST), ASK(1, 'y', OTHER, ""),
      ASK(1, 'x', CLAIMED, FIRST), FINISH(1, WHOLE), ASK(2, 'x', DONE, WHOLE)}},
    {"a claim that wrote nothing leaves nothing",
     {ASK(0, 'x', CLAIMED, ""), RELEASE(0), ASK(1, 'y', CLAIMED, ""), RELEASE(1)}},
    {"or what was there before",
     {ASK(0, 'x', CLAIMED, ""), FINISH_PART(0, FIRST), ASK(1, 'x', CLAIMED, FIRST),
      RELEASE(1), ASK(2, 'x', CLAIMED, FIRST), RELEASE(2)}},
    {"the same in flight is waited for",
     {ASK(0, 'x', CLAIMED, ""), ASK(1, 'x', WAIT, ""), ASK(2, 'x', WAIT, ""),
      FINISH(0, WHOLE), HEAR(1, 'x', DONE, WHOLE), HEAR(2, 'x', DONE, WHOLE)}},
    {"and taken over, if it wrote nothing",
     {ASK(0, 'x', CLAIMED, ""), ASK(1, 'x', WAIT, ""), RELEASE(0),
      HEAR(1, 'x', CLAIMED, ""), FINISH(1, WHOLE), ASK(2, 'x', DONE, WHOLE)}},
    {"and not for who cancelled",
     {ASK(0, 'x', CLAIMED, ""), ASK(1, 'x', WAIT, ""), CANCEL(1), RELEASE(0),
      ASK(2, 'x', CLAIMED, ""), RELEASE(2)}},
    {"another request in flight is told at once",
     {ASK(0, 'x', CLAIMED, ""), ASK(1, 'y', OTHER, ""), RELEASE(0)}},
    {"a claim expires, and who had it settles nothing any more",
     {ASK(0, 'x', CLAIMED, "", .hold_us = SHORT_US), PASS, ASK(1, 'y', CLAIMED, ""),
      FINISH(0, WHOLE, .is_too_late = true), ASK(2, 'y', WAIT, ""),
      FINISH(1, FIRST), HEAR(2, 'y', DONE, FIRST)}},
    {"one that waits sees it expire",
     {ASK(0, 'x', CLAIMED, "", .hold_us = SHORT_US), PASS, ASK(1, 'x', CLAIMED, ""),
      RELEASE(0), ASK(2, 'x', WAIT, ""), CANCEL(2), RELEASE(1)}},
    {"earlier results outlive a claim that expired",
     {ASK(0, 'x', CLAIMED, ""), FINISH_PART(0, FIRST),
      ASK(1, 'x', CLAIMED, FIRST, .hold_us = SHORT_US), PASS, ASK(2, 'y', OTHER, ""),
      ASK(2, 'x', CLAIMED, FIRST), RELEASE(1), FINISH(2, WHOLE)}},
    {"a claim that nobody took over is settled, however late",
     {ASK(0, 'x', CLAIMED, "", .hold_us = SHORT_US), PASS, FINISH(0, WHOLE),
      ASK(1, 'x', DONE, WHOLE)}},
    {"what is written is kept for as long as the caller says",
     {ASK(0, 'x', CLAIMED, "", .keep_us = SHORT_US), FINISH(0, WHOLE), PASS,
      ASK(1, 'y', CLAIMED, ""), RELEASE(1)}},
};
/* clang-format on */

struct caller {
    struct recall recall;
    struct idempotency_store *store;
    enum recall_verdict verdict;
    bool is_asked, is_kept, is_keeping;
    char name[64];
};

static void on_done(struct recall *r, enum recall_verdict verdict)
{
    struct caller *c = LIST_ENTRY(r, struct caller, recall);

    check(c->is_asked, "nobody is called who does not wait");
    c->is_asked = false;
    c->verdict = verdict;
}

static void on_kept(struct recall *r, bool is_kept)
{
    struct caller *c = LIST_ENTRY(r, struct caller, recall);

    check(c->is_keeping, "nobody is called who does not wait");
    c->is_keeping = false;
    c->is_kept = is_kept;
}

static bool has_heard(void *arg)
{
    return !((struct caller *)arg)->is_asked;
}

static bool is_settled(void *arg)
{
    return !((struct caller *)arg)->is_keeping;
}

static void hear(const struct recall_door *door, struct caller *c, const struct step *s, const char *what)
{
    if (s->verdict == RECALL_WAIT) {
        door->pass(door->ctx, 30000);
        check(c->is_asked, "%s: it waits", what);
        return;
    }
    door->until(door->ctx, has_heard, c);
    check(c->verdict == s->verdict, "%s: %d instead of %d", what, (int)c->verdict, (int)s->verdict);
    check(span_is(buf_span(&c->recall.results), s->results), "%s: %.*s", what, (int)c->recall.results.len,
          c->recall.results.ptr);
}

static void ask(const struct recall_door *door, struct caller *c, const struct step *s, const char *what)
{
    buf_clear(&c->recall.results);
    c->recall = (struct recall){.loop = door->loop,
                                .name = span_str(c->name),
                                .hold_us = s->hold_us != 0 ? s->hold_us : LONG_US,
                                .keep_us = s->keep_us,
                                .done = on_done,
                                .kept = on_kept};
    memset(c->recall.fingerprint, s->fingerprint, sizeof(c->recall.fingerprint));
    buf_init(&c->recall.results, 4096);
    c->verdict = recall_try(c->store, &c->recall);
    c->is_asked = c->verdict == RECALL_WAIT;
    if (c->is_asked)
        check(recall_ask(c->store, &c->recall), "%s: it is asked", what);
    hear(door, c, s, what);
}

static void finish(const struct recall_door *door, struct caller *c, const struct step *s, const char *what)
{
    struct buf results;

    buf_init(&results, 4096);
    buf_append(&results, span_str(s->results));
    enum recall_kept kept = recall_finish(c->store, &c->recall, &results, s->verb == FINISHES);
    buf_clear(&results);
    c->is_kept = kept == RECALL_KEPT;
    c->is_keeping = kept == RECALL_KEEPING;
    door->until(door->ctx, is_settled, c);
    check(c->is_kept == !s->is_too_late, "%s: %s", what, c->is_kept ? "kept" : "not kept");
}

static void take(const struct recall_door *door, struct caller *c, const struct step *s, const char *what)
{
    switch (s->verb) {
    case ASKS:
        ask(door, c, s, what);
        break;
    case HEARS:
        hear(door, c, s, what);
        break;
    case FINISHES:
    case FINISHES_IN_PART:
        finish(door, c, s, what);
        break;
    case RELEASES:
        recall_release(c->store, &c->recall);
        break;
    case CANCELS:
        c->is_asked = false;
        recall_cancel(c->store, &c->recall);
        break;
    case TIME_PASSES:
        door->pass(door->ctx, STORY_PASS_US);
        break;
    case STORY_ENDS:
        break;
    }
}

void recall_stories_run(const struct recall_door *door)
{
    for (size_t i = 0; i != LEN(stories); i++) {
        struct caller callers[CALLERS] = {0};
        for (size_t c = 0; c != CALLERS; c++) {
            callers[c].store = door->stores[c % 2];
            snprintf(callers[c].name, sizeof(callers[c].name), "kgw:idem:acme:orders:%zu", i);
            buf_init(&callers[c].recall.results, 4096);
        }
        for (size_t s = 0; s != STEPS && stories[i].steps[s].verb != STORY_ENDS; s++) {
            char what[160];
            snprintf(what, sizeof(what), "%s, step %zu", stories[i].what, s + 1);
            take(door, &callers[stories[i].steps[s].who], &stories[i].steps[s], what);
        }
        for (size_t c = 0; c != CALLERS; c++)
            buf_clear(&callers[c].recall.results);
    }
}
