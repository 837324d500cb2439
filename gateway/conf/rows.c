/* The rows, in the order in which the reference and the example show them. */
#include "gateway/conf/rows.h"

#include "gateway/base/tenant_counts.h"

#define KIB ((uint64_t)1024)
#define MIB (KIB * 1024)

#define FIELD(type, member) offsetof(struct type, member), sizeof(((struct type *)0)->member)
#define ROW(path, field, min, max, value, unit, change, help)                                                          \
    {                                                                                                                  \
        path, CONF_NUMBER, FIELD(conf, field), min, max, value, NULL, NULL, unit, CONF_##change, help                  \
    }
#define BOOL(path, field, value, change, help)                                                                         \
    {                                                                                                                  \
        path, CONF_BOOL, FIELD(conf, field), 0, 1, value, NULL, NULL, "", CONF_##change, help                          \
    }
#define CHOICE(path, field, words, value, change, help)                                                                \
    {                                                                                                                  \
        path, CONF_CHOICE, FIELD(conf, field), 0, 0, value, words, NULL, "", CONF_##change, help                       \
    }
#define TEXT(path, type, field, text, example, change, help)                                                           \
    {                                                                                                                  \
        path, CONF_##type, FIELD(conf, field), 0, 0, 0, text, example, "", CONF_##change, help                         \
    }

static const struct conf_row process[] = {
    ROW("workers", workers, 0, 256, 0, "threads", RESTART, "threads that serve requests; 0: one a core"),
    ROW("request_timeout_ms", front.request_timeout_ms, 1, 30000, 3000, "ms", RESTART,
        "a request's deadline, from its last byte on, unless its caller asks for another by X-Request-Timeout-Ms"),
    ROW("max_request_timeout_ms", front.request_timeout_ms_max, 1, 300000, 30000, "ms", RESTART,
        "the longest deadline a caller may ask for"),
    ROW("hook_timeout_ms", front.hook_timeout_ms, 1, 30000, 2500, "ms", RESTART,
        "the same for webhooks: providers give up soon, and come again"),
    ROW("max_buffered_bytes", server.buffered_bytes_max, 1 * MIB, 64 * KIB * MIB, 256 * MIB, "bytes", RESTART,
        "bytes of requests held in memory before bodies are no longer read, for the whole process"),
    ROW("drain_delay_ms", drain_delay_ms, 0, 600000, 1000, "ms", RESTART,
        "after SIGTERM, how long health says 503 before the listeners close"),
    ROW("drain_timeout_ms", drain_timeout_ms, 1, 3600000, 30000, "ms", RESTART,
        "after SIGTERM, the longest until the process ends"),
    CHOICE("tenants", tenants, "file|redis", CONF_TENANTS_FILE, RESTART,
           "where tenants and keys are: in tenants_file, or in the Redis of redis.url"),
    TEXT("tenants_file", FILE, tenants_file, NULL, "tenants.json", LIVE,
         "the file of tenants and keys; read again when it changes, and at SIGHUP; required, unless they are in Redis"),
    ROW("tenants_refresh_s", tenants_refresh_s, 1, 3600, 10, "s", RESTART,
        "how often Redis is asked whether tenants and keys changed, besides its telling; for a message that was "
        "missed"),
    TEXT("redis.url", TEXT, redis.url, NULL, NULL, RESTART,
         "redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE], or with rediss (TLS), unix, redis+sentinel or "
         "redis+cluster; "
         "\"env:NAME\" or \"file:PATH\" says where it is, if a password is in it; null: quotas hold in this process "
         "alone"),
    ROW("redis.timeout_ms", redis.timeout_ms, 1, 1000, 20, "ms", RESTART,
        "the longest that a request waits for Redis before its tenant's on_redis_failure, or its stream's "
        "on_idempotency_failure, decides"),
    TEXT("redis.ca_file", FILE, redis.ca_file, NULL, NULL, RESTART,
         "certificates (PEM) that Redis's must chain to, with TLS; null: the system's"),
    TEXT("log.path", PATH, log_path, "-", NULL, RESTART, "the file the log is appended to; \"-\": standard output"),
    BOOL("log.requests", front.log_requests, true, RESTART, "one line a request"),
    ROW("log.ring_bytes", log_ring_bytes, 64 * KIB, 64 * MIB, 1 * MIB, "bytes", RESTART,
        "a worker's room for lines not written yet, a power of two; when it is full, lines are dropped and counted"),
    ROW("limits.connections", server.connections_max, 1, 1000000, 20000, "", RESTART,
        "open connections on the public listeners, for the whole process"),
    ROW("limits.head_bytes", server.head_bytes_max, 1024, 262144, 16384, "bytes", RESTART,
        "a request's head: its line and all its headers"),
    ROW("limits.head_timeout_ms", server.head_timeout_ms, 1, 600000, 10000, "ms", RESTART,
        "from a request's first byte to the end of its head, and before a rate is asked of its body"),
    ROW("limits.body_min_rate", server.body_bytes_per_s_min, 1, 1000 * 1000 * 1000, 4096, "bytes/s", RESTART,
        "a body that comes more slowly than this, on average, is cut"),
    ROW("limits.idle_timeout_ms", server.idle_timeout_ms, 1, 3600000, 75000, "ms", RESTART,
        "a connection without a request is closed after this"),
    ROW("limits.write_timeout_ms", server.write_timeout_ms, 1, 600000, 30000, "ms", RESTART,
        "an answer that its client does not take is cut after this"),
    ROW("limits.batch_records", front.batch_records_max, 1, 10000000, 100000, "records", RESTART,
        "records in one batch"),
    ROW("limits.addresses", addresses_max, 1024, 100000000, 65536, "", RESTART,
        "client addresses whose calls are counted for per_address_requests_per_second of keys, 16 bytes each; past "
        "this "
        "the quietest is forgotten"),
    TEXT("browser_path", TEXT, front.browser_path, "/v1/e", NULL, RESTART,
         "where browsers' calls go, as /v1/e/STREAM; blockers know the usual names"),
    ROW("idempotency.ttl_s", idempotency.ttl_s, 60, 604800, 86400, "s", RESTART,
        "how long an Idempotency-Key is remembered after its records were written"),
    ROW("idempotency.entries", idempotency.entries_max, 1000, 100000000, 1000000, "keys", RESTART,
        "without Redis: keys remembered in the process; past this the longest unused is forgotten"),
    ROW("idempotency.bytes", idempotency.bytes_max, 8 * MIB, 64 * KIB * MIB, 256 * MIB, "bytes", RESTART,
        "the same in bytes: a key takes some 350, and 80 more for each further record of its batch"),
    TEXT("admin.address", TEXT, admin.listen.address, "127.0.0.1:9090", NULL, RESTART,
         "where operators look: health, metrics, console; a loopback address"),
    TEXT("admin.hosts", NAMES, admin_hosts, NULL, NULL, RESTART,
         "host names that the admin listener answers to, besides its own address and localhost"),
    ROW("admin.metrics_tenants", metrics_tenants, 0, TENANT_ROLL_MAX, 50, "tenants", RESTART,
        "tenants that /metrics names, the first to send something after a start; the rest are \"other\""),
    TEXT("aws.region", TEXT, aws_region, NULL, "us-east-1", LIVE, "the region of streams that name none"),
    TEXT("aws.endpoint", TEXT, aws_endpoint, NULL, NULL, LIVE,
         "https://HOST[:PORT] in place of the region's own endpoint; http:// on a loopback address only"),
    TEXT("aws.ca_file", FILE, http.ca_file, NULL, NULL, RESTART,
         "certificates (PEM) that the endpoint's must chain to; null: the system's"),
    TEXT("aws.proxy", TEXT, http.proxy, NULL, NULL, RESTART,
         "http://HOST:PORT of a proxy on the way to AWS; the environment's proxy variables are ignored"),
    TEXT("aws.access_key_id", SOURCE, creds.access_key_id, NULL, NULL, RESTART,
         "\"env:NAME\" or \"file:PATH\"; null: AWS_ACCESS_KEY_ID and its companions in the environment"),
    TEXT("aws.secret_access_key", SOURCE, creds.secret_access_key, NULL, NULL, RESTART,
         "the same, of the secret; together with aws.access_key_id"),
    TEXT("aws.session_token", SOURCE, creds.session_token, NULL, NULL, RESTART,
         "the same, of the session token; only where there is one"),
    ROW("aws.call_timeout_ms", sender.call_timeout_ms, 1, 60000, 2000, "ms", RESTART, "one attempt at Kinesis"),
    ROW("aws.connect_timeout_ms", http.connect_timeout_ms, 1, 60000, 1000, "ms", RESTART,
        "resolving, connecting and the TLS handshake"),
    ROW("aws.idle_connection_ms", http.idle_connection_ms, 1, 600000, 20000, "ms", RESTART,
        "a connection idle for longer is not used again"),
    ROW("aws.connection_age_ms", http.connection_age_ms, 1000, 86400000, 300000, "ms", RESTART,
        "an older connection is closed once idle, so that changes of DNS are followed"),
    ROW("aws.connections", http.connections_max, 1, 65536, 256, "", RESTART,
        "connections kept open, for the whole process"),
    ROW("aws.calls_in_flight", sender.calls_in_flight_max, 1, 65536, 256, "", RESTART,
        "a stream's calls under way, for the whole process"),
    ROW("lane.queue_records", sender.queue_records_max, 1, 10000000, 20000, "records", RESTART,
        "a stream's records that wait or are under way, for the whole process; more are refused with 503"),
    ROW("lane.queue_bytes", sender.queue_bytes_max, 16 * MIB, 64 * KIB * MIB, 128 * MIB, "bytes", RESTART,
        "the same in bytes"),
    ROW("lane.window", sender.window_min, 1, 1024, 2, "", RESTART,
        "calls under way when a stream's lane starts, and never fewer, a worker; aws.calls_in_flight bounds it"),
    ROW("lane.call_records", sender.call_records_max, 1, 500, 500, "records", RESTART,
        "records that travel together in one call"),
    ROW("lane.call_bytes", sender.call_bytes_max, 64 * KIB, 4 * MIB, 1 * MIB, "bytes", RESTART,
        "records travel together up to this; a larger one travels alone"),
    ROW("lane.large_calls", sender.large_calls_max, 1, 1024, 8, "", RESTART,
        "a stream's calls under way with records over 256 KiB, for the whole process"),
    ROW("lane.ordering_keys", sender.ordering_keys_max, 1000, 100000000, 100000, "keys", RESTART,
        "keys whose last sequence number an ordered stream remembers, for the whole process"),
    ROW("retry.backoff_ms", sender.retry.backoff_base_ms, 1, 60000, 50, "ms", RESTART,
        "the first retry waits a random time up to this, each further one up to twice as long"),
    ROW("retry.backoff_max_ms", sender.retry.backoff_max_ms, 1, 60000, 1000, "ms", RESTART, "but no longer than this"),
    ROW("retry.budget_percent", sender.retry.budget_percent, 0, 100, 10, "%", RESTART,
        "retries that a hundred first attempts earn: what a lasting outage adds to the load"),
    ROW("retry.budget_burst", sender.retry.budget_burst, 0, 100000, 100, "calls", RESTART,
        "retries that can be saved up"),
};

#undef ROW
#undef BOOL
#undef CHOICE
#undef TEXT
#define ROW(path, field, min, max, value, unit, help)                                                                  \
    {                                                                                                                  \
        path, CONF_NUMBER, FIELD(conf_listener, field), min, max, value, NULL, NULL, unit, CONF_RESTART, help          \
    }
#define BOOL(path, field, value, help)                                                                                 \
    {                                                                                                                  \
        path, CONF_BOOL, FIELD(conf_listener, field), 0, 1, value, NULL, NULL, "", CONF_RESTART, help                  \
    }
#define TEXT(path, type, field, text, help)                                                                            \
    {                                                                                                                  \
        path, CONF_##type, FIELD(conf_listener, field), 0, 0, 0, text, NULL, "", CONF_RESTART, help                    \
    }

static const struct conf_row listener[] = {
    TEXT("address", TEXT, listen.address, "127.0.0.1:8080",
         "a numeric address and a port, as 127.0.0.1:8080, 0.0.0.0:8443 or [::1]:8080; port 0: any that is free"),
    TEXT("tls.certificate", FILE, listen.tls_certificate, NULL,
         "the certificate and its chain (PEM); null: plain HTTP. The file is read again at SIGHUP"),
    TEXT("tls.key", FILE, listen.tls_key, NULL,
         "the certificate's private key (PEM). The file is read again at SIGHUP"),
    ROW("max_body_bytes", listen.body_bytes_max, 1 * KIB, 64 * MIB, 5 * MIB, "bytes", "a request's body"),
    BOOL("plaintext", plaintext, false, "plain HTTP on an address that is not loopback is wanted"),
    TEXT("trusted_proxies", NETWORKS, listen.trusted_proxies, NULL,
         "networks, as 10.0.0.0/8 or 2001:db8::/32, whose word on a client's address is believed: the last address of "
         "X-Forwarded-For that is in none of them is the client's"),
    BOOL("proxy_protocol", listen.expects_proxy_header, false,
         "connections from trusted_proxies begin with a header of the PROXY protocol, version 1 or 2, which says the "
         "client's address; those without one are closed"),
};

#undef ROW
#undef BOOL
#undef TEXT
#define ROW(path, field, min, max, value, unit, help)                                                                  \
    {                                                                                                                  \
        path, CONF_NUMBER, FIELD(conf_stream, field), min, max, value, NULL, NULL, unit, CONF_LIVE, help               \
    }
#define BOOL(path, field, value, help)                                                                                 \
    {                                                                                                                  \
        path, CONF_BOOL, FIELD(conf_stream, field), 0, 1, value, NULL, NULL, "", CONF_LIVE, help                       \
    }
#define CHOICE(path, field, words, value, help)                                                                        \
    {                                                                                                                  \
        path, CONF_CHOICE, FIELD(conf_stream, field), 0, 0, value, words, NULL, "", CONF_LIVE, help                    \
    }
#define TEXT(path, type, field, text, help)                                                                            \
    {                                                                                                                  \
        path, CONF_##type, FIELD(conf_stream, field), 0, 0, 0, text, NULL, "", CONF_LIVE, help                         \
    }

static const struct conf_row stream[] = {
    TEXT("name", TEXT, name, NULL, "the stream's name at Kinesis; null, without an arn: NAME itself"),
    TEXT("arn", TEXT, arn, NULL, "the stream's ARN, in place of a name; region and account come from it"),
    TEXT("region", TEXT, region, NULL, "its region; null: the ARN's, or aws.region"),
    TEXT("endpoint", TEXT, endpoint, NULL, "in place of aws.endpoint"),
    TEXT(
        "partition_key", RULE, partition, "random",
        "where a record's partition key comes from when its caller names none: \"random\", \"client_ip\", "
        "{\"json\": \"/user/id\"} (a JSON pointer into the record), {\"header\": \"X-User\"} or {\"query\": \"user\"}"),
    CHOICE("partition_key_missing", partition_missing, "random|reject", CONF_MISSING_RANDOM,
           "what happens to a record in which the rule finds nothing"),
    ROW("max_record_bytes", record_bytes_max, 1, RECORD_BYTES_MAX, RECORD_BYTES_DEFAULT, "bytes",
        "a record's Data and partition key; more than 1 MiB only where the stream itself allows it"),
    CHOICE("on_unknown", on_unknown, "retry|report", CONF_UNKNOWN_RETRY,
           "after an attempt that may or may not have written the record: put it again, at the risk of a duplicate, "
           "or answer that the outcome is unknown"),
    CHOICE(
        "on_idempotency_failure", on_idempotency_failure, "process|refuse", CONF_IDEMPOTENCY_PROCESS,
        "what becomes of a request whose Idempotency-Key cannot be looked up: it goes on as one without, at the risk "
        "of a duplicate, or it is refused with 503"),
    CHOICE("ordering", ordering, "none|key", CONF_ORDERING_NONE,
           "\"key\": records of one partition key are written in the order in which they came to this process"),
    CHOICE("on_gap", on_gap, "fail|continue", CONF_GAP_FAIL,
           "with ordering, what becomes of a key's waiting records when one before them failed"),
    BOOL("aggregate", aggregate, false,
         "small records are packed as the KPL packs them, for consumers that unpack them as the KCL does; not together "
         "with ordering"),
    ROW("aggregate_buckets", aggregate_buckets, 1, 65536, 64, "",
        "equal parts of the hash-key space; records of one part are packed together: at least 4 for each shard"),
    ROW("aggregate_bytes", aggregate_bytes_max, 1 * KIB, 1 * MIB, 51200, "bytes", "one aggregate"),
    CHOICE("beacon_batch", beacon_batch, "none|ndjson|json", BEACON_BATCH_NONE,
           "a browser's POST: one event, or several as lines or as a JSON array"),
    CHOICE(
        "privacy_signals", privacy_signals, "ignore|drop", CONF_PRIVACY_IGNORE,
        "what becomes of a browser's event with Sec-GPC: 1 or DNT: 1: it is written like any other, or answered well "
        "and not written"),
    CHOICE("address", address, "full|truncated|none", STREAM_ADDRESS_FULL,
           "what records and the log have of a client's address: all, IPv4 /24 and IPv6 /48, or nothing"),
    CHOICE("kpl_input", kpl_input, "refuse|allow", CONF_KPL_REFUSE,
           "what happens to a caller's record that is, or imitates, an aggregate"),
    CHOICE(
        "envelope", envelope, "none|json", CONF_ENVELOPE_NONE,
        "\"json\": a record of a native call is wrapped in a JSON object that says when, from where and how it came; "
        "records of the AWS-shaped endpoint are not"),
    TEXT("envelope_headers", HEADERS, envelope_headers, "user-agent,referer",
         "the request's headers that the envelope has; none that hold credentials or signatures"),
};

#undef ROW
#undef BOOL
#undef CHOICE
#undef TEXT
#define ROW(path, field, min, max, value, unit, help)                                                                  \
    {                                                                                                                  \
        path, CONF_NUMBER, FIELD(conf_hook, field), min, max, value, NULL, NULL, unit, CONF_LIVE, help                 \
    }
#define CHOICE(path, field, words, value, help)                                                                        \
    {                                                                                                                  \
        path, CONF_CHOICE, FIELD(conf_hook, field), 0, 0, value, words, NULL, "", CONF_LIVE, help                      \
    }
#define TEXT(path, type, field, example, help)                                                                         \
    {                                                                                                                  \
        path, CONF_##type, FIELD(conf_hook, field), 0, 0, 0, NULL, example, "", CONF_LIVE, help                        \
    }

static const struct conf_row hook[] = {
    TEXT("stream", TEXT, stream, "orders", "the stream that its records go to, a name of `streams`; required"),
    TEXT("tenant", TEXT, tenant, "acme", "whose quota its records spend; required"),
    TEXT("scheme", TEXT, scheme, "github",
         "how its provider proves itself: github, stripe, slack, shopify, standard (Standard Webhooks and Svix), "
         "twilio, "
         "meta, hmac, basic or token; required"),
    TEXT("secrets", SOURCES, secrets, "env:GITHUB_SECRET",
         "where its secrets are, any of which will do: 1 to 8 of \"env:NAME\" or \"file:PATH\"; required"),
    ROW("tolerance_s", tolerance_s, 1, 86400, 300, "s", "how far a signed time may be from ours, either way"),
    CHOICE("dedup", dedup, "on|off", CONF_DEDUP_ON,
           "an event that its provider tells again is answered with the first ids, and not written twice"),
    ROW("dedup_window_s", dedup_window_s, 60, 604800, 86400, "s", "how long an event is remembered"),
    TEXT(
        "dedup_id", TEXT, dedup_id, NULL,
        "what names an event: a JSON pointer into the body, as \"/id\", or a header's name; null: what the scheme has"),
    TEXT("partition_key", RULE, partition, NULL, "where a record's partition key comes from; null: the stream's rule"),
    CHOICE("partition_key_missing", partition_missing, "random|reject", CONF_MISSING_RANDOM,
           "with a partition_key of its own, what happens to a record in which the rule finds nothing"),
    TEXT("header", TEXT, texts[WEBHOOK_HEADER], NULL, "hmac, token: the header with the signature or the token"),
    TEXT("prefix", TEXT, texts[WEBHOOK_PREFIX], NULL, "hmac, token: what stands before it, as \"sha256=\""),
    CHOICE("encoding", encoding, "hex|hex_upper|base64|base64url", WEBHOOK_HEX, "hmac: how signatures are written"),
    CHOICE("algorithm", algorithm, "sha256|sha1|sha512", HMAC_SHA256, "hmac: its digest"),
    TEXT("template", TEXT, texts[WEBHOOK_TEMPLATE], NULL,
         "hmac: what is signed, of {body}, {timestamp}, {id}, {method}, {url} and other text; null: {body}"),
    TEXT("timestamp_header", TEXT, texts[WEBHOOK_TIMESTAMP_HEADER], NULL,
         "hmac: where {timestamp} is, in Unix seconds"),
    TEXT("id_header", TEXT, texts[WEBHOOK_ID_HEADER], NULL, "hmac: where {id} is, which then names the event"),
    TEXT("user", TEXT, texts[WEBHOOK_USER], NULL, "basic: the user's name; passwords are the secrets"),
    TEXT("public_url", TEXT, texts[WEBHOOK_PUBLIC_URL], NULL,
         "twilio, hmac with {url}: this hook's URL as its provider was told it, without a query"),
    TEXT("verify_token", SOURCE, verify_token, NULL, "meta: where the verify token of its challenge is"),
    TEXT("request_origins", NAMES, request_origins, NULL,
         "whose CloudEvents handshake (OPTIONS) is granted; none: anybody's"),
};

#define TABLE(rows)                                                                                                    \
    {                                                                                                                  \
        rows, sizeof(rows) / sizeof((rows)[0])                                                                         \
    }

const struct conf_table conf_rows = TABLE(process);
const struct conf_table conf_listener_rows = TABLE(listener);
const struct conf_table conf_stream_rows = TABLE(stream);
const struct conf_table conf_hook_rows = TABLE(hook);
