/* The bytes of a request: a JSON event of an exact size, stamped in place so that sending costs no formatting. */
#include "tests/bench/load/request.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define KEY_DIGITS 6

static bool has_content_type(const struct options *options)
{
    for (unsigned i = 0; i < options->header_count; i++)
        if (strncasecmp(options->headers[i], "content-type:", 13) == 0)
            return true;
    return false;
}

static size_t write_head(FILE *out, const struct options *options)
{
    size_t key_at = 0;
    fprintf(out, "POST %s", options->path);
    if (options->partition_keys > 0) {
        fprintf(out, "%cpartitionKey=key-", strchr(options->path, '?') != NULL ? '&' : '?');
        key_at = (size_t)ftell(out);
        fprintf(out, "%0*d", KEY_DIGITS, 0);
    }
    fprintf(out, " HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n", options->port);
    if (!has_content_type(options))
        fprintf(out, "Content-Type: application/json\r\n");
    for (unsigned i = 0; i < options->header_count; i++)
        fprintf(out, "%s\r\n", options->headers[i]);
    fprintf(out, "Content-Length: %zu\r\n\r\n", options->body_bytes);
    return key_at;
}

static void write_body(FILE *out, const struct options *options)
{
    if (options->body != NULL) {
        fwrite(options->body, 1, options->body_bytes, out);
        return;
    }
    for (size_t i = 0; i + 2 < options->body_bytes; i++)
        fputc('x', out);
    fputs("\"}", out);
}

void request_init(struct request *request, const struct options *options)
{
    FILE *out = open_memstream(&request->bytes, &request->size);
    assert(out != NULL);
    request->key_at = write_head(out, options);
    fflush(out);
    request->body_at = request->size;
    write_body(out, options);
    fclose(out);
    assert(request->bytes != NULL && request->size == request->body_at + options->body_bytes);
    request_stamp(request, options, 0);
}

void request_clear(struct request *request)
{
    free(request->bytes);
    *request = (struct request){0};
}

static size_t put_text(char *to, const char *text)
{
    size_t length = strlen(text);
    memcpy(to, text, length);
    return length;
}

static size_t put_number(char *to, uint64_t number)
{
    char digits[20];
    size_t count = 0;
    do
        digits[count++] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    for (size_t i = 0; i < count; i++)
        to[i] = digits[count - 1 - i];
    return count;
}

static void stamp_body(char *to, const struct options *options, uint64_t number)
{
    to += put_text(to, "{\"id\":\"");
    to += put_text(to, options->tag);
    *to++ = '-';
    to += put_number(to, number);
    put_text(to, "\",\"padding\":\"");
}

void request_stamp(struct request *request, const struct options *options, uint64_t number)
{
    if (options->body == NULL)
        stamp_body(request->bytes + request->body_at, options, number);
    if (request->key_at == 0)
        return;
    uint64_t key = number % options->partition_keys;
    for (size_t i = KEY_DIGITS; i-- > 0; key /= 10)
        request->bytes[request->key_at + i] = (char)('0' + key % 10);
}
