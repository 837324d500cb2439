/*
 * hiredis calls back for every element; what it is told to make goes into an arena, counted. Its own bounds: nine
 * levels of arrays. Elements are counted before they exist, for a length costs its sender nothing.
 */
#include "gateway/net/redis_reader.h"

#include <hiredis/read.h>

#define ALIGNMENT        16
#define LENGTH_BYTES_MAX 64 /* of the line before a bulk string; more is no length */

static void *take(struct redis_reader *r, size_t bytes)
{
    if (bytes > r->reply_bytes_max - r->taken_bytes)
        return NULL;
    r->taken_bytes += bytes;
    size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (rounded > sizeof(r->scratch) - r->scratch_used)
        return arena_allocate(&r->arena, bytes);
    r->scratch_used += rounded;
    return r->scratch + r->scratch_used - rounded;
}

/* An array's elements lie one behind the other: their place is made with the array. */
static struct redis_reply *place(const redisReadTask *task)
{
    if (task->parent == NULL)
        return take(task->privdata, sizeof(struct redis_reply));
    const struct redis_reply *parent = task->parent->obj;
    return (struct redis_reply *)(uintptr_t)&parent->elements[task->idx];
}

static void *make(const redisReadTask *task, struct redis_reply reply)
{
    struct redis_reply *at = place(task);

    if (at != NULL)
        *at = reply;
    return at;
}

static void *make_string(const redisReadTask *task, char *text, size_t len)
{
    static const enum redis_type types[] = {[REDIS_REPLY_STRING] = REDIS_TYPE_STRING,
                                            [REDIS_REPLY_STATUS] = REDIS_TYPE_STATUS,
                                            [REDIS_REPLY_ERROR] = REDIS_TYPE_ERROR};
    char *copy = take(task->privdata, len);

    if (copy == NULL)
        return NULL;
    memcpy(copy, text, len);
    return make(task, (struct redis_reply){.type = types[task->type], .text = span_of(copy, len)});
}

static void *make_array(const redisReadTask *task, int elements)
{
    size_t len = elements < 0 ? 0 : (size_t)elements;
    struct redis_reply *all = take(task->privdata, len * sizeof(*all));

    if (all == NULL)
        return NULL;
    memset(all, 0, len * sizeof(*all));
    return make(task, (struct redis_reply){.type = REDIS_TYPE_ARRAY, .elements = all, .elements_len = len});
}

static void *make_integer(const redisReadTask *task, long long value)
{
    return make(task, (struct redis_reply){.type = REDIS_TYPE_INTEGER, .integer = value});
}

static void *make_nil(const redisReadTask *task)
{
    return make(task, (struct redis_reply){.type = REDIS_TYPE_NIL});
}

static void free_nothing(void *reply)
{
    (void)reply;
}

bool redis_reader_init(struct redis_reader *r, size_t reply_bytes_max)
{
    static const redisReplyObjectFunctions makers = {.createString = make_string,
                                                     .createArray = make_array,
                                                     .createInteger = make_integer,
                                                     .createNil = make_nil,
                                                     .freeObject = free_nothing};

    *r = (struct redis_reader){.reply_bytes_max = reply_bytes_max};
    r->native = redisReaderCreateWithFunctions((redisReplyObjectFunctions *)(uintptr_t)&makers);
    if (r->native != NULL)
        r->native->privdata = r;
    return r->native != NULL;
}

void redis_reader_clear(struct redis_reader *r)
{
    if (r->native != NULL)
        redisReaderFree(r->native);
    arena_clear(&r->arena);
    *r = (struct redis_reader){.reply_bytes_max = r->reply_bytes_max};
}

bool redis_reader_feed(struct redis_reader *r, struct span bytes)
{
    return redisReaderFeed(r->native, bytes.ptr, bytes.len) == REDIS_OK;
}

enum redis_reading redis_reader_next(struct redis_reader *r, const struct redis_reply **out)
{
    void *reply = NULL;

    if (redisReaderGetReply(r->native, &reply) != REDIS_OK)
        return REDIS_READING_BROKEN;
    *out = reply;
    if (reply != NULL)
        return REDIS_READING_REPLY;
    size_t waiting = r->native->len - r->native->pos;
    return waiting > r->reply_bytes_max - r->taken_bytes + LENGTH_BYTES_MAX ? REDIS_READING_BROKEN : REDIS_READING_MORE;
}

void redis_reader_release(struct redis_reader *r)
{
    r->taken_bytes = r->scratch_used = 0;
    arena_clear(&r->arena);
}
