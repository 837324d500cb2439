/* The streams: what callers' names stand for, worked out from each stream's own settings and from aws.*. */
#include "gateway/conf/reader.h"

#include <stdio.h>

#define STREAMS_MAX 10000
#define ARN_SHAPE   "arn:aws:kinesis:REGION:ACCOUNT:stream/NAME"

bool conf_is_name(struct span text, size_t bytes_max)
{
    for (size_t i = 0; i != text.len; i++) {
        char c = text.ptr[i], letter = (char)(c | 0x20);
        if (!(letter >= 'a' && letter <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '.' && c != '-')
            return false;
    }
    return text.len >= 1 && text.len <= bytes_max;
}

static bool is_partition(struct span text)
{
    for (size_t i = 0; i != text.len; i++)
        if (!(text.ptr[i] >= 'a' && text.ptr[i] <= 'z') && text.ptr[i] != '-')
            return false;
    return span_starts_with(text, SPAN("aws"));
}

static bool is_account(struct span text)
{
    for (size_t i = 0; i != text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len == 12;
}

/* arn:aws[a-z-]*:kinesis:REGION:\d{12}:stream/NAME */
static bool arn_parse(struct span arn, struct span *region)
{
    struct span rest, head = span_cut(arn, ':', &rest), partition = span_cut(rest, ':', &rest);
    struct span service = span_cut(rest, ':', &rest);

    *region = span_cut(rest, ':', &rest);
    struct span account = span_cut(rest, ':', &rest);
    return span_equal(head, SPAN("arn")) && is_partition(partition) && span_equal(service, SPAN("kinesis")) &&
           conf_is_region(*region) && is_account(account) && span_starts_with(rest, SPAN("stream/")) &&
           conf_is_name(span_of(rest.ptr + 7, rest.len - 7), STREAM_NAME_BYTES_MAX);
}

static bool resolve_name(const struct conf_reader *r, const char *prefix, const struct conf_stream *s,
                         struct stream_conf *put)
{
    if (s->arn != NULL && s->name != NULL)
        return conf_refuse(r, prefix, "name", "must not stand beside arn: one of the two says which stream it is");
    if (s->arn != NULL) {
        put->stream_arn = span_str(s->arn);
        return arn_parse(put->stream_arn, &put->region) || conf_refuse(r, prefix, "arn", "must be as " ARN_SHAPE);
    }
    put->stream_name = s->name == NULL ? put->name : span_str(s->name);
    return conf_is_name(put->stream_name, STREAM_NAME_BYTES_MAX) ||
           conf_refuse(r, prefix, "name", "must be 1 to %d of [A-Za-z0-9_.-]", STREAM_NAME_BYTES_MAX);
}

static bool resolve_region(const struct conf_reader *r, const char *prefix, const struct conf_stream *s,
                           struct stream_conf *put)
{
    struct span own = span_str(s->region);

    if (own.len > 0 && !conf_is_region(own))
        return conf_refuse(r, prefix, "region", "must be a region, as us-east-1");
    if (own.len > 0 && put->region.len > 0 && !span_equal(own, put->region))
        return conf_refuse(r, prefix, "region", "contradicts the stream's arn, which is in %.*s", (int)put->region.len,
                           put->region.ptr);
    if (put->region.len == 0)
        put->region = own.len > 0 ? own : span_str(r->conf->aws_region);
    return put->region.len > 0 ||
           conf_refuse(r, prefix, "region", "is missing: the stream has no arn and there is no aws.region");
}

/* How records travel. An aggregate holds many keys: its retry would come after what each of them has sent since. */
static bool resolve_travel(const struct conf_reader *r, const char *prefix, const struct conf_stream *s,
                           struct stream_conf *put)
{
    put->is_ordered = s->ordering == CONF_ORDERING_KEY;
    put->continues_after_gap = s->on_gap == CONF_GAP_CONTINUE;
    put->allows_kpl_input = s->kpl_input == CONF_KPL_ALLOW;
    put->aggregate_buckets = s->aggregate ? s->aggregate_buckets : 0;
    put->aggregate_bytes_max = s->aggregate_bytes_max;
    if (s->aggregate && put->is_ordered)
        return conf_refuse(
            r, prefix, "aggregate",
            "must not be true where %sordering is \"key\": records are packed or kept in order, not both", prefix);
    return true;
}

static bool resolve_browser(const struct conf_reader *r, const char *prefix, const struct conf_stream *s,
                            struct stream_row *row)
{
    row->beacon_batch = (enum beacon_batch)s->beacon_batch;
    row->drops_on_privacy_signal = s->privacy_signals == CONF_PRIVACY_DROP;
    row->address = (enum stream_address)s->address;
    return s->address != STREAM_ADDRESS_NONE || s->partition.source != PARTITION_CLIENT_IP ||
           conf_refuse(r, prefix, "address", "must not be \"none\" where %spartition_key is \"client_ip\"", prefix);
}

static bool resolve(const struct conf_reader *r, const char *prefix, const struct conf_stream *s,
                    struct stream_row *row)
{
    bool has_own = s->endpoint != NULL;

    if (!resolve_name(r, prefix, s, &row->put) || !resolve_region(r, prefix, s, &row->put) ||
        !conf_endpoint_resolve(r, has_own ? prefix : "", has_own ? "endpoint" : "aws.endpoint",
                               has_own ? s->endpoint : r->conf->aws_endpoint, row->put.region, &row->put))
        return false;
    if (!resolve_travel(r, prefix, s, &row->put) || !resolve_browser(r, prefix, s, row))
        return false;
    row->put.record_bytes_max = s->record_bytes_max;
    row->put.retry_unknown = s->on_unknown == CONF_UNKNOWN_RETRY;
    row->refuses_without_idempotency = s->on_idempotency_failure == CONF_IDEMPOTENCY_REFUSE;
    row->has_envelope = s->envelope == CONF_ENVELOPE_JSON;
    row->envelope_headers = s->envelope_headers;
    row->partition = s->partition;
    row->partition.reject_if_missing = s->partition_missing == CONF_MISSING_REJECT;
    return true;
}

/* A record that no listener would let in; its default says nothing. */
static bool check_record_bytes(const struct conf_reader *r, const char *prefix, const struct conf_stream *s)
{
    uint64_t body_bytes_max = 0;

    for (size_t i = 0; i != r->conf->listeners_len; i++)
        if (r->conf->listeners[i].listen.body_bytes_max > body_bytes_max)
            body_bytes_max = r->conf->listeners[i].listen.body_bytes_max;
    if (s->record_bytes_max <= body_bytes_max || s->record_bytes_max == RECORD_BYTES_DEFAULT)
        return true;
    return conf_refuse(r, prefix, "max_record_bytes",
                       "is more than every listener's max_body_bytes, %llu bytes at most",
                       (unsigned long long)body_bytes_max);
}

static bool read_stream(const struct conf_reader *r, const char *name, json_t *value, struct stream_row *row)
{
    char prefix[CONF_PREFIX_BYTES], printable[CONF_PRINTABLE_BYTES];
    struct conf_stream s;

    if (!conf_is_name(span_str(name), STREAM_NAME_BYTES_MAX))
        return conf_refuse(r, "streams.", conf_printable(name, printable),
                           "a stream's name must be 1 to %d of [A-Za-z0-9_.-]", STREAM_NAME_BYTES_MAX);
    if (!json_is_object(value))
        return conf_refuse(r, "streams.", name, "must be an object, as {\"name\": \"orders\"} or {\"arn\": \"arn:…\"}");
    snprintf(prefix, sizeof(prefix), "streams.%s.", name);
    conf_set_defaults(&conf_stream_rows, &s);
    struct conf_place place = {&conf_stream_rows, &s, prefix, NULL};
    const char *kept = conf_keep_text(r->conf, span_str(name));
    if (kept == NULL)
        return conf_refuse_memory(r);
    row->put.name = span_str(kept);
    return conf_read_object(r, &place, value) && resolve(r, prefix, &s, row) && check_record_bytes(r, prefix, &s);
}

/* Two names for one ARN would leave open which of them a caller who says the ARN means. */
static bool check_arns(const struct conf_reader *r)
{
    const struct stream_row *rows = r->conf->streams;

    for (size_t i = 0; i != r->conf->streams_len; i++)
        for (size_t j = 0; j != i && rows[i].put.stream_arn.len > 0; j++)
            if (span_equal(rows[i].put.stream_arn, rows[j].put.stream_arn))
                return conf_refuse(r, "streams.", rows[i].put.name.ptr, "has the same arn as streams.%s",
                                   rows[j].put.name.ptr);
    return true;
}

bool conf_read_streams(const struct conf_reader *r, json_t *root)
{
    json_t *streams = json_object_get(root, "streams"), *value;
    const char *name;

    if (!json_is_object(streams) || json_object_size(streams) > STREAMS_MAX)
        return conf_refuse(r, "", "streams",
                           "must be an object of at most %d streams, as {\"orders\": {\"name\": \"orders\"}}",
                           STREAMS_MAX);
    r->conf->streams = conf_keep(r->conf, (json_object_size(streams) + 1) * sizeof(*r->conf->streams));
    if (r->conf->streams == NULL)
        return conf_refuse_memory(r);
    json_object_foreach(streams, name, value)
    {
        if (!read_stream(r, name, value, &r->conf->streams[r->conf->streams_len]))
            return false;
        r->conf->streams_len++;
    }
    return check_arns(r);
}
