/* `put`: one record through a gateway, as a caller would send it. The key comes from the environment. */
#include "auth/secret.h"
#include "gateway/base/file_read.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/common.h"
#include "gateway/net/http_once.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define COMMAND          "put"
#define DATA_BYTES_MAX   ((size_t)64 << 20)
#define ANSWER_BYTES_MAX 1048576
#define URL_BYTES_MAX    4096
#define KEY_BYTES_MAX    256
#define TIMEOUT_MS_MAX   300000

static const char help[] =
    "usage: kinesis-gateway put STREAM [OPTION…]\n"
    "\n"
    "Puts one record and prints the answer.\n"
    "\n"
    "  --data TEXT            the record; without it or --file: standard input\n"
    "  --file FILE            the record, byte for byte\n"
    "  --partition-key KEY    without: the stream's rule decides\n"
    "  --url URL              the gateway; default http://127.0.0.1:8080\n"
    "  --key-env NAME         the environment variable that holds the API key; default KGW_KEY\n"
    "  --ca-file FILE         certificates (PEM) that the gateway's must chain to; default: the system's\n"
    "  --timeout-ms N         give up after this long; default 30000\n";

struct put {
    const char *stream, *data, *file, *partition_key, *url, *key_variable, *ca_file;
    uint64_t timeout_ms;
};

static void append_percent_encoded(struct buf *out, struct span text)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i != text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i], letter = c | 0x20;
        if ((letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || memchr("-._~", c, 4) != NULL) {
            buf_append_char(out, (char)c); /* unreserved: RFC 3986 section 2.3 */
            continue;
        }
        char encoded[3] = {'%', digits[c >> 4], digits[c & 15]};
        buf_append(out, span_of(encoded, sizeof(encoded)));
    }
}

static bool build_url(const struct put *p, struct buf *url)
{
    struct span base = span_str(p->url);

    while (base.len > 0 && base.ptr[base.len - 1] == '/')
        base.len--;
    buf_append(url, base);
    buf_append(url, SPAN("/v1/streams/"));
    append_percent_encoded(url, span_str(p->stream));
    buf_append(url, SPAN("/record"));
    if (p->partition_key != NULL) {
        buf_append(url, SPAN("?partitionKey="));
        append_percent_encoded(url, span_str(p->partition_key));
    }
    buf_append_char(url, '\0');
    return !url->failed;
}

/*
 * True with "X-Api-Key: …" in *line. A key with a line end would be a header of its own. The variable's name is never
 * told in an error: who misreads --key-env puts the key there.
 */
static bool build_key_header(const struct put *p, struct buf *line)
{
    struct span key = span_str(getenv(p->key_variable));

    buf_append(line, SPAN("X-Api-Key: "));
    buf_append(line, key);
    buf_append_char(line, '\0');
    for (size_t i = 0; i != key.len; i++)
        if (key.ptr[i] <= ' ' || key.ptr[i] >= 0x7F)
            return false;
    return key.len > 0 && !line->failed;
}

static int read_data(const struct put *p, struct buf *data)
{
    char why[FILE_READ_ERROR_BYTES];

    if (p->data != NULL)
        buf_append(data, span_str(p->data));
    else if (p->file != NULL && !file_read(p->file, data, why))
        return cli_fail(CLI_FAILED, COMMAND, "%s %s", p->file, why);
    else if (p->file == NULL && !file_read_fd(STDIN_FILENO, data, why))
        return cli_fail(CLI_FAILED, COMMAND, "standard input %s", why);
    return data->failed ? cli_fail(CLI_FAILED, COMMAND, "out of memory") : CLI_DONE;
}

static int send_record(const struct put *p, const char *url, const char *key_header, struct span data)
{
    const char *headers[] = {key_header, "Content-Type: application/octet-stream", NULL};
    struct http_once request = {
        .url = url, .headers = headers, .body = data, .ca_file = p->ca_file, .timeout_ms = (uint32_t)p->timeout_ms};
    char error[HTTP_ONCE_ERROR_BYTES];
    struct buf answer;

    buf_init(&answer, ANSWER_BYTES_MAX);
    int status = http_once_post(&request, &answer, error);
    if (status == 0) {
        buf_clear(&answer);
        return cli_fail(CLI_FAILED, COMMAND, "%s: %s", p->url, error);
    }
    if (answer.len > 0 && answer.ptr[answer.len - 1] != '\n')
        buf_append_char(&answer, '\n');
    int printed = cli_print(&answer);
    return status / 100 == 2 ? printed : cli_fail(CLI_FAILED, COMMAND, "the gateway answered with status %d", status);
}

static int put_record(const struct put *p)
{
    struct buf url, key_header, data;
    int status = CLI_USAGE;

    buf_init(&url, URL_BYTES_MAX);
    buf_init(&key_header, KEY_BYTES_MAX);
    buf_init(&data, DATA_BYTES_MAX);
    if (!build_url(p, &url))
        cli_fail(status, COMMAND, "--url, --partition-key: longer than %d bytes together", URL_BYTES_MAX);
    else if (!build_key_header(p, &key_header))
        cli_fail(status, COMMAND, "the environment variable that --key-env names, or KGW_KEY, must hold the API key");
    else if ((status = read_data(p, &data)) == CLI_DONE)
        status = send_record(p, url.ptr, key_header.ptr, buf_span(&data));
    buf_clear(&url);
    buf_wipe_clear(&key_header);
    buf_clear(&data);
    return status;
}

static bool take_option(struct put *p, int option)
{
    switch (option) {
    case 'd':
        p->data = optarg;
        return true;
    case 'f':
        p->file = optarg;
        return true;
    case 'p':
        p->partition_key = optarg;
        return true;
    case 'u':
        p->url = optarg;
        return true;
    case 'k':
        p->key_variable = optarg;
        return true;
    case 'c':
        p->ca_file = optarg;
        return true;
    case 't':
        return span_parse_u64(span_str(optarg), &p->timeout_ms) && p->timeout_ms > 0 && p->timeout_ms <= TIMEOUT_MS_MAX;
    default:
        return false;
    }
}

int cli_put(int argc, char **argv)
{
    static const struct option options[] = {
        {"data", required_argument, NULL, 'd'},
        {"file", required_argument, NULL, 'f'},
        {"partition-key", required_argument, NULL, 'p'},
        {"url", required_argument, NULL, 'u'},
        {"key-env", required_argument, NULL, 'k'},
        {"ca-file", required_argument, NULL, 'c'},
        {"timeout-ms", required_argument, NULL, 't'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct put p = {.url = "http://127.0.0.1:8080", .key_variable = "KGW_KEY", .timeout_ms = 30000};
    bool is_wrong = false;

    cli_options_begin();
    for (int option; !is_wrong && (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'h') {
            fputs(help, stdout);
            return CLI_DONE;
        }
        is_wrong = !take_option(&p, option);
    }
    if (is_wrong || argc - optind != 1 || (p.data != NULL && p.file != NULL)) {
        fputs(help, stderr);
        return CLI_USAGE;
    }
    p.stream = argv[optind];
    return put_record(&p);
}
