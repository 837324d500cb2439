/* What the double says: Kinesis's answers, AWS's errors in their five shapes, and answers that no AWS would give. */
#include "tests/double/answers.h"

#include <string.h>
#include <time.h>

static const char amz_json[] = "application/x-amz-json-1.1";

static void put_result(struct text *body, const struct put_record *record)
{
    text_puts(body, "\"SequenceNumber\":\"");
    text_put(body, record->sequence, SEQUENCE_BYTES);
    text_puts(body, "\",\"ShardId\":\"");
    text_put(body, record->shard->id, SHARD_ID_BYTES);
    text_puts(body, "\"");
}

void text_put_rate_exceeded(struct text *text, const struct call *call, const struct put_record *record,
                            const struct store *store)
{
    if (record == NULL)
        text_puts(text, "Rate exceeded");
    else
        text_printf(text, "Rate exceeded for shard %s in stream %s under account %s.", record->shard->id,
                    call->stream->name, store->account);
}

static void put_record_error(struct text *body, const struct call *call, const struct put_record *record,
                             const struct store *store)
{
    text_printf(body, "\"ErrorCode\":\"%s\",\"ErrorMessage\":\"", record->error_code);
    if (strcmp(record->error_code, "ProvisionedThroughputExceededException") == 0)
        text_put_rate_exceeded(body, call, record, store);
    else
        text_puts(body, "Internal service failure.");
    text_puts(body, "\"");
}

static void put_records_body(struct text *body, const struct call *call, const struct store *store)
{
    size_t failed_count = 0;
    for (size_t i = 0; i < call->record_count; i++)
        failed_count += call->records[i].error_code != NULL;
    text_printf(body, "{\"EncryptionType\":\"NONE\",\"FailedRecordCount\":%zu,\"Records\":[", failed_count);
    for (size_t i = 0; i < call->record_count; i++) {
        text_puts(body, i ? ",{" : "{");
        if (call->records[i].error_code != NULL)
            put_record_error(body, call, &call->records[i], store);
        else
            put_result(body, &call->records[i]);
        text_puts(body, "}");
    }
    text_puts(body, "]}");
}

static void describe_body(struct text *body, const struct stream *stream, const struct store *store)
{
    text_printf(body,
                "{\"StreamDescriptionSummary\":{\"StreamName\":\"%s\",\"StreamARN\":\"%s\",\"StreamStatus\":\"ACTIVE\","
                "\"StreamModeDetails\":{\"StreamMode\":\"PROVISIONED\"},\"RetentionPeriodHours\":24,"
                "\"StreamCreationTimestamp\":%.3f,\"EnhancedMonitoring\":[{\"ShardLevelMetrics\":[]}],"
                "\"EncryptionType\":\"NONE\",\"OpenShardCount\":%u,\"ConsumerCount\":0,\"MaxRecordSizeInKiB\":%zu}}",
                stream->name, stream->arn, (double)store->born_ms / 1000, stream->shard_count,
                stream->record_bytes_max / 1024);
}

static void shards_body(struct text *body, const struct stream *stream)
{
    text_puts(body, "{\"Shards\":[");
    for (uint32_t i = 0; i < stream->shard_count; i++) {
        const struct shard *shard = &stream->shards[i];
        text_printf(body, "%s{\"ShardId\":\"%s\",\"HashKeyRange\":{\"StartingHashKey\":\"", i ? "," : "", shard->id);
        text_put_hash(body, shard->first);
        text_puts(body, "\",\"EndingHashKey\":\"");
        text_put_hash(body, shard->last);
        text_puts(body, "\"},\"SequenceNumberRange\":{\"StartingSequenceNumber\":\"0\"}}");
    }
    text_puts(body, "]}");
}

void answer_success(struct answer *answer, const struct call *call, const struct store *store)
{
    answer->status = 200;
    answer->content_type = amz_json;
    if (call->operation == OPERATION_DESCRIBE_STREAM_SUMMARY)
        describe_body(&answer->body, call->stream, store);
    if (call->operation == OPERATION_LIST_SHARDS)
        shards_body(&answer->body, call->stream);
    if (call->operation == OPERATION_PUT_RECORDS)
        put_records_body(&answer->body, call, store);
    if (call->operation != OPERATION_PUT_RECORD)
        return;
    text_puts(&answer->body, "{\"EncryptionType\":\"NONE\",");
    put_result(&answer->body, call->records);
    text_puts(&answer->body, "}");
}

static void put_error(struct answer *answer, int status, const char *code, struct slice message, const char *style)
{
    static const char suffix[] = ":http://internal.amazon.com/coral/com.amazon.coral.service/";
    struct text *body = &answer->body;
    bool header = strcmp(style, "header") == 0, namespaced = strcmp(style, "namespaced") == 0;
    answer->status = status;
    answer->content_type = amz_json;
    text_reset(body);
    text_puts(body, "{");
    if (header)
        text_printf(&answer->error_type, "%s%s", code, suffix);
    else
        text_printf(body, "\"__type\":\"%s%s%s\"", namespaced ? "com.amazonaws.kinesis.v20131202#" : "", code,
                    namespaced ? suffix : "");
    if (message.length > 0 && strcmp(style, "none") != 0) {
        text_printf(body, "%s\"%s\":", header ? "" : ",", strcmp(style, "Message") == 0 ? "Message" : "message");
        text_put_json(body, message.base, message.length);
    }
    text_puts(body, "}");
}

void answer_failure(struct answer *answer, const struct failure *failure)
{
    put_error(answer, failure->status ? failure->status : 400, failure->code,
              (struct slice){failure->message.base, failure->message.length}, "message");
}

static void set_body(struct answer *answer, int status, const char *content_type, const char *body)
{
    answer->status = status;
    answer->content_type = content_type;
    text_reset(&answer->body);
    text_puts(&answer->body, body);
}

static void put_odd_result(struct text *body, const struct put_record *record, bool wrong_types)
{
    if (wrong_types)
        text_puts(body, "\"SequenceNumber\":49590338271490256,\"ShardId\":7");
    else
        text_printf(body, "\"ShardId\":\"%s\"", record->shard->id);
}

/* Right but for one thing: a member missing, of another type, or the wrong number of results. */
static void odd_records_body(struct answer *answer, const char *kind, const struct call *call)
{
    struct text *body = &answer->body;
    bool wrong_types = strcmp(kind, "wrong_types") == 0, no_sequence = strcmp(kind, "no_sequence") == 0;
    size_t count = call->record_count;
    if (strcmp(kind, "wrong_length") == 0)
        count--;
    if (strcmp(kind, "longer") == 0)
        count++;
    text_reset(body);
    text_puts(body, call->operation == OPERATION_PUT_RECORDS ? "{\"FailedRecordCount\":0,\"Records\":[" : "");
    for (size_t i = 0; i < count; i++) {
        const struct put_record *record = &call->records[i < call->record_count ? i : 0];
        text_puts(body, i ? ",{" : "{");
        if (wrong_types || no_sequence || record->error_code != NULL)
            put_odd_result(body, record, wrong_types);
        else
            put_result(body, record);
        text_puts(body, "}");
    }
    text_puts(body, call->operation == OPERATION_PUT_RECORDS ? "]}" : "");
}

static void spoil_200(struct answer *answer, const char *kind, const struct call *call)
{
    if (strcmp(kind, "empty") == 0)
        set_body(answer, 200, amz_json, "");
    else if (strcmp(kind, "{}") == 0 || call->record_count == 0)
        set_body(answer, 200, amz_json, "{}");
    else if (strcmp(kind, "null") == 0)
        set_body(answer, 200, amz_json, "null");
    else if (strcmp(kind, "array") == 0)
        set_body(answer, 200, amz_json, "[]");
    else if (strcmp(kind, "html") == 0)
        set_body(answer, 200, "text/html", "<html><body><h1>Welcome to this hotel's network</h1></body></html>\n");
    else
        odd_records_body(answer, kind, call);
}

void answer_spoil(struct answer *answer, const struct fault *fault, const struct call *call, const struct store *store)
{
    const char *style = fault->style ? fault->style : "message";
    int status = fault->status > 0 ? (int)fault->status : 0;
    struct text rate = {0};
    struct slice message = {fault->message, fault->message ? strlen(fault->message) : 0};
    switch (fault->kind) {
    case FAULT_throttle:
    case FAULT_throttle_record:
        text_put_rate_exceeded(&rate, call, call->records, store);
        put_error(answer, status ? status : 400, "ProvisionedThroughputExceededException",
                  message.base ? message : (struct slice){rate.base, rate.length}, style);
        text_clear(&rate);
        break;
    case FAULT_internal_500:
    case FAULT_fail_record:
        put_error(answer, status ? status : 500, fault->code ? fault->code : "InternalFailure", message, style);
        break;
    case FAULT_error:
        put_error(answer, status ? status : 400, fault->code ? fault->code : "InternalFailure", message, style);
        break;
    case FAULT_unavailable_503_xml:
        set_body(answer, 503, "application/xml", "<ServiceUnavailableException/>\n");
        break;
    case FAULT_unavailable_503_html:
        set_body(answer, 503, "text/html", "<html><body><b>Http/1.1 Service Unavailable</b></body></html>\n");
        break;
    case FAULT_unavailable_503_empty:
        set_body(answer, 503, NULL, "");
        break;
    case FAULT_odd_200:
        spoil_200(answer, fault->body ? fault->body : "empty", call);
        break;
    case FAULT_truncate:
        if (fault->bytes < 0 || (size_t)fault->bytes < answer->body.length)
            answer->body.length = fault->bytes < 0 ? answer->body.length / 2 : (size_t)fault->bytes;
        break;
    default: /* the wire's */
        break;
    }
}

void answer_clear(struct answer *answer)
{
    text_clear(&answer->error_type);
    text_clear(&answer->body);
}
