/* Two steps: what becomes of each record, then the words for it. */
#include "tests/lib/fake_answer.h"

#include <stdio.h>
#include <stdlib.h>

#define ACCOUNT "111122223333"

struct verdict {
    const struct fake_stored *stored; /* NULL: not stored */
    const char *code;                 /* of the record's own error; NULL: none */
    unsigned shard;
};

static const struct {
    int status;
    const char *headers, *body;
} whole_answers[FAKE_FATES] = {
    [FAKE_THROTTLED] = {400, "x-amzn-RequestId: r\r\n",
                        "{\"__type\":\"ProvisionedThroughputExceededException\",\"message\":\"Rate exceeded for shard "
                        "shardId-000000000000 in stream s under account " ACCOUNT ".\"}"},
    [FAKE_INTERNAL] = {500, "", "{\"__type\":\"InternalFailure\"}"},
    [FAKE_INTERNAL_STORED] = {500, "", "{\"__type\":\"InternalFailure\"}"},
    [FAKE_GARBAGE] = {200, "", "<html>fine</html>"},
    [FAKE_EXPIRED_TOKEN] = {400, "", "{\"__type\":\"ExpiredTokenException\",\"message\":\"expired\"}"},
    [FAKE_SKEWED] = {400, "", "{\"__type\":\"InvalidSignatureException\",\"message\":\"Signature expired\"}"},
    [FAKE_ACCESS_DENIED] = {400, "",
                            "{\"__type\":\"AccessDeniedException\",\"Message\":\"arn:aws:iam::" ACCOUNT ":x\"}"},
    [FAKE_ARGUMENT] = {400, "", "{\"__type\":\"com.amazonaws#InvalidArgumentException:http://x\",\"message\":\"no\"}"},
    [FAKE_HTML_503] = {503, "", "<html>503</html>"},
};

static bool is_guilty(const struct fake_put *put)
{
    for (size_t i = 0; i != put->len; i++)
        if (memmem(put->records[i].data.ptr, put->records[i].data.len, "guilty", 6) != NULL)
            return true;
    return false;
}

/* The fate of one record of the call: whether it is stored, and with what error of its own it is answered. */
static void decide(struct fake_net *net, enum fake_fate fate, struct verdict *v, bool *is_stored)
{
    uint64_t dice = random_below(&net->random, 100);

    *is_stored = fake_fate_is_stored(fate);
    if (fate == FAKE_SOME_THROTTLED) {
        bool is_spared = net->throttled_shards != 0 && (net->throttled_shards >> v->shard & 1) == 0;
        v->code = dice < net->throttle_percent && !is_spared ? "ProvisionedThroughputExceededException" : NULL;
        *is_stored = v->code == NULL;
    } else if (fate == FAKE_SOME_FAILED || fate == FAKE_ODD_CODE) {
        const char *code = fate == FAKE_SOME_FAILED ? "InternalFailure" : "MoonInTheSeventhHouse";
        v->code = dice < net->fail_percent ? code : NULL;
        *is_stored = v->code == NULL || random_below(&net->random, 2) == 0;
    }
}

static enum fake_end end_of(enum fake_fate fate, const struct verdict *v)
{
    switch (fate) {
    case FAKE_STORED:
        return FAKE_END_WRITTEN;
    case FAKE_REFUSED_DIAL:
    case FAKE_NO_ROUTE:
        return FAKE_END_UNSENT;
    case FAKE_THROTTLED:
    case FAKE_EXPIRED_TOKEN:
    case FAKE_SKEWED:
    case FAKE_ACCESS_DENIED:
    case FAKE_ARGUMENT:
        return FAKE_END_REFUSED;
    case FAKE_SOME_THROTTLED:
        return v->code == NULL ? FAKE_END_WRITTEN : FAKE_END_REFUSED;
    case FAKE_SOME_FAILED:
    case FAKE_ODD_CODE:
        return v->code == NULL ? FAKE_END_WRITTEN : FAKE_END_UNKNOWN;
    default:
        return FAKE_END_UNKNOWN;
    }
}

static void store_and_tell(struct fake_net *net, unsigned call, enum fake_fate fate, const struct fake_put *put,
                           struct verdict *verdicts)
{
    for (size_t i = 0; i != put->len; i++) {
        struct verdict *v = &verdicts[i];
        struct fake_attempt a = {.call = call, .operation = put->operation, .record = &put->records[i]};
        *v = (struct verdict){.shard = fake_shard_of(a.record, net->shards)};
        decide(net, fate, v, &a.is_stored);
        a.end = end_of(fate, v);
        if (a.is_stored)
            v->stored = fake_ledger_store(&net->ledger, a.record, call, v->shard, loop_now_us(net->loop));
        if (net->saw != NULL)
            net->saw(net->saw_ctx, &a);
    }
    net->stored = (unsigned)net->ledger.len;
}

static void write_message(FILE *out, const struct verdict *v)
{
    if (strcmp(v->code, "ProvisionedThroughputExceededException") == 0)
        fprintf(out, "Rate exceeded for shard shardId-%012u in stream s under account " ACCOUNT ".", v->shard);
    else
        fputs("Internal service failure.", out);
}

static void write_result(FILE *out, const struct verdict *v)
{
    fprintf(out, "\"ShardId\":\"shardId-%012u\",\"SequenceNumber\":\"%.*s\"", v->shard,
            (int)v->stored->sequence_number.len, v->stored->sequence_number.ptr);
}

static void write_record(FILE *out, enum fake_fate fate, const struct verdict *v)
{
    putc('{', out);
    if (v->code != NULL) {
        fprintf(out, "\"__type\":\"%s\",\"message\":\"", v->code);
        write_message(out, v);
        putc('"', out);
    } else if (fate == FAKE_SHORT) {
        fprintf(out, "\"ShardId\":\"shardId-%012u\"", v->shard);
    } else {
        write_result(out, v);
        fputs(",\"EncryptionType\":\"NONE\"", out);
    }
    fputs(fate == FAKE_LONGER ? "}{}" : "}", out);
}

static void write_records(FILE *out, enum fake_fate fate, const struct verdict *verdicts, size_t len)
{
    size_t failed = 0, items = fate == FAKE_SHORT ? len - 1 : fate == FAKE_LONGER ? len + 1 : len;

    for (size_t i = 0; i != len; i++)
        failed += verdicts[i].code != NULL;
    fprintf(out, "{\"FailedRecordCount\":%zu,\"Records\":[", failed);
    for (size_t i = 0; i != items; i++) {
        const struct verdict *v = &verdicts[i < len ? i : len - 1];
        fputs(i == 0 ? "{" : ",{", out);
        if (v->code != NULL) {
            fprintf(out, "\"ErrorCode\":\"%s\",\"ErrorMessage\":\"", v->code);
            write_message(out, v);
            putc('"', out);
        } else {
            write_result(out, v);
        }
        putc('}', out);
    }
    fputs("],\"EncryptionType\":\"NONE\"}", out);
}

static int status_of(const struct fake_put *put, const struct verdict *first)
{
    if (put->operation == FAKE_PUT_RECORDS || first->code == NULL)
        return 200;
    return strcmp(first->code, "ProvisionedThroughputExceededException") == 0 ? 400 : 500;
}

void fake_answer_make(struct fake_net *net, unsigned call, enum fake_fate fate, const struct fake_put *put,
                      struct fake_answer *out)
{
    if (fate == FAKE_ARGUMENT_IF_GUILTY)
        fate = is_guilty(put) ? FAKE_ARGUMENT : FAKE_STORED;
    struct verdict *verdicts = fake_memory(put->len * sizeof(*verdicts));
    store_and_tell(net, call, fate, put, verdicts);
    *out = (struct fake_answer){.status = status_of(put, &verdicts[0]), .headers = "x-amzn-RequestId: upstream-1\r\n"};
    FILE *body = open_memstream(&out->body, &out->body_len);
    if (body == NULL)
        abort();
    if (whole_answers[fate].status != 0) {
        out->status = whole_answers[fate].status;
        out->headers = whole_answers[fate].headers;
        fputs(whole_answers[fate].body, body);
    } else if (verdicts[0].stored != NULL || verdicts[0].code != NULL) { /* else nobody answers */
        if (put->operation == FAKE_PUT_RECORD)
            write_record(body, fate, &verdicts[0]);
        else
            write_records(body, fate, verdicts, put->len);
    }
    fclose(body);
    if (fate == FAKE_TRUNCATED)
        out->body_len /= 2;
    free(verdicts);
}

void fake_answer_clear(struct fake_answer *a)
{
    free(a->body);
    a->body = NULL;
}
