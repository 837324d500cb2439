/*
 * The signing suite published with awslabs/aws-c-auth, read from KGW_SIGV4_SUITE (the environment, else where the build
 * was told to look). Skipped when it is not there.
 */
#include "auth/sigv4.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>

#include "tests/auth/check.h"

#define FILE_BYTES_MAX 65536
#define HEADERS_MAX    64

struct suite_case {
    const char *folder;
    char name[300];
    json_t *context;
    char request_text[FILE_BYTES_MAX];
    struct sigv4_header headers[HEADERS_MAX];
    struct sigv4_request request;
    struct span body;
    char date[SIGV4_DATE_BYTES], hash[2 * SHA256_BYTES];
    struct buf canonical, names, scope, text, signed_request;
    char signature[SIGV4_SIGNATURE_BYTES];
};

static const char *suite_folder(void)
{
    const char *folder = getenv("KGW_SIGV4_SUITE");
    return folder == NULL ? KGW_SIGV4_SUITE : folder;
}

static struct span file_read(const struct suite_case *c, const char *file, char out[FILE_BYTES_MAX])
{
    char path[1024];

    snprintf(path, sizeof(path), "%s/%s/%s", c->folder, c->name, file);
    FILE *f = fopen(path, "rb");
    check(f != NULL, "%s", path);
    size_t len = fread(out, 1, FILE_BYTES_MAX, f);
    fclose(f);
    return span_of(out, len);
}

static const char *setting(const struct suite_case *c, const char *object, const char *name)
{
    json_t *from = object == NULL ? c->context : json_object_get(c->context, object);
    const char *text = json_string_value(json_object_get(from, name));
    return text == NULL ? "" : text;
}

static void add_header(struct suite_case *c, struct span name, struct span value)
{
    assert_true(c->request.headers_len < HEADERS_MAX);
    c->headers[c->request.headers_len++] = (struct sigv4_header){name, value};
}

/* A line that begins with white space continues the value before it. */
static void headers_read(struct suite_case *c, struct span rest)
{
    while (rest.len > 0) {
        struct span value, line = span_cut(rest, '\n', &rest);
        if (line.len == 0)
            break;
        if (line.ptr[0] == ' ') {
            struct span *before = &c->headers[c->request.headers_len - 1].value;
            before->len = (size_t)(line.ptr + line.len - before->ptr);
            continue;
        }
        struct span name = span_cut(line, ':', &value);
        add_header(c, name, value);
    }
    c->body = rest;
}

static void request_read(struct suite_case *c)
{
    struct span rest = file_read(c, "request.txt", c->request_text), target;
    struct span line = span_cut(rest, '\n', &rest);

    c->request = (struct sigv4_request){.headers = c->headers};
    c->request.method = span_cut(line, ' ', &target);
    target.len -= strlen(" HTTP/1.1"); /* a path of the suite may hold a space */
    c->request.path = span_cut(target, '?', &c->request.query);
    c->request.normalize_path = json_is_true(json_object_get(c->context, "normalize"));
    headers_read(c, rest);
}

static void context_read(struct suite_case *c)
{
    static char text[FILE_BYTES_MAX];
    struct span json = file_read(c, "context.json", text);
    int64_t unix_s;

    c->context = json_loadb(json.ptr, json.len, 0, NULL);
    assert_non_null(c->context);
    const char *t = setting(c, NULL, "timestamp"); /* 2015-08-30T12:36:00Z */
    snprintf(text, sizeof(text), "%.4s%.2s%.5s%.2s%.3s", t, t + 5, t + 8, t + 14, t + 17);
    memcpy(c->date, text, sizeof(c->date));
    assert_true(sigv4_parse_date(span_of(c->date, sizeof(c->date)), &unix_s));
}

static void signing_headers_add(struct suite_case *c)
{
    uint8_t hash[SHA256_BYTES];
    const char *token = setting(c, "credentials", "token");

    if (token[0] != '\0' && !json_is_true(json_object_get(c->context, "omit_session_token")))
        add_header(c, SPAN("X-Amz-Security-Token"), span_str(token));
    add_header(c, SPAN("X-Amz-Date"), span_of(c->date, sizeof(c->date)));
    digest_sha256(c->body, hash);
    hex_encode(hash, sizeof(hash), c->hash);
    c->request.payload_hash = span_of(c->hash, sizeof(c->hash));
    if (json_is_true(json_object_get(c->context, "sign_body")))
        add_header(c, SPAN("x-amz-content-sha256"), c->request.payload_hash);
}

static void check_file(const struct suite_case *c, const char *file, struct span got)
{
    static char text[FILE_BYTES_MAX];
    struct span want = file_read(c, file, text);

    check(span_equal(want, got), "%s/%s\nwant: %.*s\ngot:  %.*s", c->name, file, (int)want.len, want.ptr, (int)got.len,
          got.ptr);
}

static void case_sign(struct suite_case *c)
{
    uint8_t key[SHA256_BYTES];
    struct span region = span_str(setting(c, NULL, "region")), service = span_str(setting(c, NULL, "service"));

    assert_true(sigv4_canonical_request(&c->request, &c->canonical, &c->names));
    buf_append(&c->scope, span_of(c->date, 8));
    buf_append_char(&c->scope, '/');
    buf_append(&c->scope, region);
    buf_append_char(&c->scope, '/');
    buf_append(&c->scope, service);
    buf_append(&c->scope, SPAN("/aws4_request"));
    sigv4_string_to_sign(span_of(c->date, sizeof(c->date)), buf_span(&c->scope), buf_span(&c->canonical), &c->text);
    sigv4_key_derive(span_str(setting(c, "credentials", "secret_access_key")), span_of(c->date, 8), region, service,
                     key);
    sigv4_signature(key, buf_span(&c->text), c->signature);
}

static void signed_request_write(struct suite_case *c)
{
    struct buf *out = &c->signed_request;
    size_t sent = c->request.headers_len;
    const char *token = setting(c, "credentials", "token");

    buf_append(out, span_cut(span_str(c->request_text), '\n', &(struct span){0}));
    for (size_t i = 0; i < sent; i++) {
        if (json_is_true(json_object_get(c->context, "omit_session_token")) &&
            span_is(c->headers[i].name, "X-Amz-Date")) {
            buf_append(out, SPAN("\nX-Amz-Security-Token:")); /* sent, though not signed */
            buf_append(out, span_str(token));
        }
        buf_append_char(out, '\n');
        buf_append(out, c->headers[i].name);
        buf_append_char(out, ':');
        buf_append(out, c->headers[i].value);
    }
    buf_append(out, SPAN("\nAuthorization:AWS4-HMAC-SHA256 Credential="));
    buf_append(out, span_str(setting(c, "credentials", "access_key_id")));
    buf_append_char(out, '/');
    buf_append(out, buf_span(&c->scope));
    buf_append(out, SPAN(", SignedHeaders="));
    buf_append(out, buf_span(&c->names));
    buf_append(out, SPAN(", Signature="));
    buf_append(out, span_of(c->signature, sizeof(c->signature)));
    buf_append(out, SPAN("\n\n"));
    buf_append(out, c->body);
}

static void case_run(struct suite_case *c)
{
    struct buf *const bufs[] = {&c->canonical, &c->names, &c->scope, &c->text, &c->signed_request};

    for (size_t i = 0; i < LEN(bufs); i++)
        buf_init(bufs[i], FILE_BYTES_MAX);
    memset(c->request_text, 0, sizeof(c->request_text));
    context_read(c);
    request_read(c);
    signing_headers_add(c);
    case_sign(c);
    signed_request_write(c);
    check_file(c, "header-canonical-request.txt", buf_span(&c->canonical));
    check_file(c, "header-string-to-sign.txt", buf_span(&c->text));
    check_file(c, "header-signature.txt", span_of(c->signature, sizeof(c->signature)));
    check_file(c, "header-signed-request.txt", buf_span(&c->signed_request));
    for (size_t i = 0; i < LEN(bufs); i++)
        buf_clear(bufs[i]);
    json_decref(c->context);
}

static void the_published_suite_passes(void **state)
{
    static struct suite_case c;
    size_t cases = 0;
    DIR *folder = opendir(suite_folder());

    (void)state;
    if (folder == NULL) {
        print_message("no suite in %s: set KGW_SIGV4_SUITE to its directory\n", suite_folder());
        skip();
        return;
    }
    c.folder = suite_folder();
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(c.name, sizeof(c.name), "%s", entry->d_name);
        case_run(&c);
        cases++;
    }
    closedir(folder);
    print_message("%zu cases\n", cases);
    assert_true(cases >= 38);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_published_suite_passes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
