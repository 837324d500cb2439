/* libcurl's easy interface: one handle, one connection, one exchange. */
#include "gateway/net/http_once.h"

#include <curl/curl.h>
#include <stdio.h>

static size_t on_body(char *bytes, size_t size, size_t count, void *ctx)
{
    struct buf *answer = ctx;

    buf_append(answer, span_of(bytes, size * count));
    return answer->failed ? 0 : size * count;
}

/* NULL: out of memory. "Expect:" keeps curl from waiting for a 100 before a large body. */
static struct curl_slist *header_list(const char *const *headers)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");

    for (; list != NULL && *headers != NULL; headers++) {
        struct curl_slist *longer = curl_slist_append(list, *headers);
        if (longer == NULL)
            curl_slist_free_all(list);
        list = longer;
    }
    return list;
}

static void give_body(CURL *easy, struct span body)
{
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.ptr == NULL ? "" : body.ptr);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
}

static CURLcode perform(CURL *easy, const struct http_once *r, struct curl_slist *headers, struct buf *answer,
                        char *reason)
{
    CURLcode code = CURLE_OK;

    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, reason);
    if ((code = curl_easy_setopt(easy, CURLOPT_URL, r->url)) != CURLE_OK ||
        (code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https")) != CURLE_OK ||
        (code = curl_easy_setopt(easy, CURLOPT_PROXY, "")) != CURLE_OK ||
        (r->ca_file != NULL && (code = curl_easy_setopt(easy, CURLOPT_CAINFO, r->ca_file)) != CURLE_OK))
        return code;
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer);
    return curl_easy_perform(easy);
}

static int ask(const struct http_once *r, bool has_body, struct buf *answer, char *error)
{
    struct curl_slist *headers = header_list(r->headers);
    CURL *easy = headers == NULL ? NULL : curl_easy_init();
    char reason[CURL_ERROR_SIZE] = "";
    long status = 0;

    if (easy == NULL) {
        curl_slist_free_all(headers);
        snprintf(error, HTTP_ONCE_ERROR_BYTES, "out of memory");
        return 0;
    }
    if (has_body)
        give_body(easy, r->body);
    CURLcode code = perform(easy, r, headers, answer, reason);
    if (code == CURLE_OK)
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    else if (answer->failed)
        snprintf(error, HTTP_ONCE_ERROR_BYTES, "the answer is larger than %zu bytes", answer->bytes_max);
    else
        snprintf(error, HTTP_ONCE_ERROR_BYTES, "%s", reason[0] != '\0' ? reason : curl_easy_strerror(code));
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
    return (int)status;
}

int http_once_post(const struct http_once *r, struct buf *answer, char error[HTTP_ONCE_ERROR_BYTES])
{
    return ask(r, true, answer, error);
}

int http_once_get(const struct http_once *r, struct buf *answer, char error[HTTP_ONCE_ERROR_BYTES])
{
    return ask(r, false, answer, error);
}
