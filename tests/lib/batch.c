/* See batch.h. */
#include "tests/lib/batch.h"

#include <stdio.h>

struct fake_exchange *batch_request(const struct world *w, const char *stream_and_query, const char *type,
                                    const char *fields, struct span body)
{
    char line[512], all[1024], stream[128];
    const char *query = strchr(stream_and_query, '?');
    int len = query != NULL ? (int)(query - stream_and_query) : (int)strlen(stream_and_query);

    snprintf(stream, sizeof(stream), "%.*s", len, stream_and_query);
    snprintf(line, sizeof(line), "POST /v1/streams/%s/records%s", stream, query != NULL ? query : "");
    snprintf(all, sizeof(all), "%sContent-Type: %s\r\n%s", w->key, type, fields);
    return fake_request(line, all, body);
}

struct fake_exchange *batch_ask(struct world *w, const char *stream_and_query, const char *type, const char *fields,
                                struct span body)
{
    struct fake_exchange *e = batch_request(w, stream_and_query, type, fields, body);

    front_request(&w->front, &e->exchange);
    return e;
}

struct fake_exchange *batch_ask_aws(struct world *w, struct span body)
{
    char all[512];

    snprintf(all, sizeof(all),
             "%sContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: Kinesis_20131202.PutRecords\r\n", w->key);
    struct fake_exchange *e = fake_request("POST /", all, body);
    front_request(&w->front, &e->exchange);
    return e;
}

struct buf batch_lines(size_t records)
{
    struct buf b;

    buf_init(&b, SIZE_MAX / 2);
    for (size_t i = 0; i != records; i++) {
        buf_append(&b, SPAN("record-"));
        buf_append_u64(&b, i);
        buf_append_char(&b, '\n');
    }
    return b;
}

struct buf batch_members(const char *stream, size_t records, const char *data)
{
    struct buf b;

    buf_init(&b, SIZE_MAX / 2);
    buf_append(&b, SPAN("{\"StreamName\":\""));
    buf_append(&b, span_str(stream));
    buf_append(&b, SPAN("\",\"Records\":["));
    for (size_t i = 0; i != records; i++) {
        buf_append(&b, i == 0 ? SPAN("{\"Data\":\"") : SPAN(",{\"Data\":\""));
        buf_append_base64(&b, span_str(data));
        buf_append(&b, SPAN("\",\"PartitionKey\":\"k"));
        buf_append_u64(&b, i);
        buf_append(&b, SPAN("\"}"));
    }
    buf_append(&b, SPAN("]}"));
    return b;
}

json_t *batch_answer(const struct fake_exchange *e)
{
    json_error_t error;

    check(e->replies == 1, "it was answered, once");
    json_t *answer = json_loadb(e->body.ptr, e->body.len, JSON_REJECT_DUPLICATES, &error);
    check(answer != NULL, "%.*s is JSON: %s", (int)e->body.len, e->body.ptr, error.text);
    return answer;
}

json_t *batch_item(const json_t *answer, size_t index)
{
    return json_array_get(json_object_get(answer, "Records"), index);
}

bool batch_is_text(const json_t *object, const char *name, const char *want)
{
    const char *got = json_string_value(json_object_get(object, name));

    return got != NULL && strcmp(got, want) == 0;
}

static int compare_numbers(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b);

    return a_len != b_len ? (a_len < b_len ? -1 : 1) : strcmp(a, b);
}

void batch_check_all_written(const struct fake_exchange *e, size_t records)
{
    json_t *answer = batch_answer(e);
    const char *before = "";

    check(e->status == 200, "status %d: %.*s", e->status, (int)e->body.len, e->body.ptr);
    check(json_integer_value(json_object_get(answer, "FailedRecordCount")) == 0, "none failed");
    check(json_array_size(json_object_get(answer, "Records")) == records, "as many results as records");
    for (size_t i = 0; i != records; i++) {
        const char *number = json_string_value(json_object_get(batch_item(answer, i), "SequenceNumber"));
        check(number != NULL && compare_numbers(before, number) < 0, "record %zu has a number above the last", i);
        check(json_string_value(json_object_get(batch_item(answer, i), "ShardId")) != NULL, "and a shard");
        before = number;
    }
    json_decref(answer);
}

void batch_pass(struct world *w, unsigned ms)
{
    for (unsigned i = 0; i != ms; i++) {
        fake_loop_pass(w->loop, MS_IN_US);
        check(world_is_balanced(w), "the audit is balanced after %u ms", i + 1);
    }
}
