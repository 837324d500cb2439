/* `check-config`: everything that `serve` would read, read and told; and the pages that come from the table of
 * settings. */
#include "gateway/cli/cli.h"
#include "gateway/cli/common.h"
#include "gateway/conf/conf.h"
#include "gateway/front/server_tls.h"

#include <stdio.h>
#include <unistd.h>

#define COMMAND          "check-config"
#define OUTPUT_BYTES_MAX ((size_t)64 << 20)

static const char help[] = "usage: kinesis-gateway check-config --config FILE | --example | --reference\n"
                           "\n"
                           "  --config FILE  says what is wrong with it, or what would run; nothing is started\n"
                           "  --example      prints a configuration with every setting at its default\n"
                           "  --reference    prints a page on every setting (Markdown)\n";

static void append_line(struct buf *out, const char *label, struct span text)
{
    buf_append(out, span_str(label));
    buf_append(out, text);
    buf_append_char(out, '\n');
}

static void append_listeners(struct buf *out, const struct conf *c)
{
    for (size_t i = 0; i != c->listeners_len; i++) {
        const struct listener_conf *l = &c->listeners[i].listen;
        buf_append(out, SPAN("listen       "));
        buf_append(out, l->tls_certificate != NULL ? SPAN("https://") : SPAN("http://"));
        buf_append(out, span_str(l->address));
        buf_append(out, SPAN("  bodies up to "));
        buf_append_u64(out, l->body_bytes_max);
        buf_append(out, SPAN(" bytes\n"));
    }
    append_line(out, "admin        http://", span_str(c->admin.listen.address));
}

static void append_streams(struct buf *out, const struct conf *c)
{
    for (size_t i = 0; i != c->streams_len; i++) {
        const struct stream_conf *s = &c->streams[i].put;
        buf_append(out, SPAN("stream       "));
        buf_append(out, s->name);
        buf_append(out, SPAN("  ->  "));
        buf_append(out, s->stream_arn.len > 0 ? s->stream_arn : s->stream_name);
        buf_append(out, SPAN("  in "));
        buf_append(out, s->region);
        append_line(out, "  at ", span_str(s->url));
    }
}

/* A tenant may come later: a hook without one is a warning. */
static void append_hooks(struct buf *out, const struct snapshot *s)
{
    for (size_t i = 0; i != hook_table_len(s->hooks); i++) {
        const struct hook_row *h = hook_table_at(s->hooks, i);
        buf_append(out, SPAN("hook         "));
        buf_append(out, h->name);
        buf_append(out, SPAN("  by "));
        buf_append(out, span_str(webhook_scheme_name(h->webhook.scheme)));
        buf_append(out, SPAN("  ->  "));
        buf_append(out, h->stream);
        append_line(out, "  for ", h->tenant);
        if (s->keyring != NULL && keyring_find_tenant(s->keyring, h->tenant) == NULL)
            cli_fail(CLI_DONE, COMMAND, "warning: hooks.%.*s.tenant: there is no tenant %.*s", (int)h->name.len,
                     h->name.ptr, (int)h->tenant.len, h->tenant.ptr);
    }
}

static void append_keys(struct buf *out, const struct conf *c, const struct snapshot *s)
{
    buf_append(out, SPAN("tenants      "));
    if (s->keyring == NULL) {
        append_line(out, "in Redis, ", SPAN("which was not asked"));
    } else {
        buf_append_u64(out, keyring_tenants(s->keyring));
        buf_append(out, SPAN(" with "));
        buf_append_u64(out, keyring_keys(s->keyring));
        append_line(out, " keys, in ", span_str(c->tenants_file));
    }
    buf_append(out, SPAN("master keys  "));
    buf_append_u64(out, s->masters.len);
    buf_append_char(out, '\n');
}

/* The gateway starts without credentials and waits for them: what is missing here may be there where it runs. */
static void append_credentials(struct buf *out, const struct conf *c)
{
    const struct creds_source *source = creds_pick(&c->creds);
    char error[CREDS_ERROR_BYTES];
    struct aws_creds *creds = source->fetch(&c->creds, error);

    buf_append(out, SPAN("credentials  "));
    append_line(out, source->name, creds == NULL ? SPAN(": not there") : SPAN(": there"));
    if (creds == NULL)
        cli_fail(CLI_DONE, COMMAND, "warning: no record can be put: %s", error);
    aws_creds_release(&creds);
}

static bool certificates_are_good(const struct conf *c, char error[SERVER_ERROR_BYTES])
{
    for (size_t i = 0; i != c->listeners_len; i++) {
        if (c->listeners[i].listen.tls_certificate == NULL)
            continue;
        struct tls_setup *t = tls_setup_load(&c->listeners[i].listen, error);
        if (t == NULL)
            return false;
        tls_setup_release(&t);
    }
    return true;
}

static int check(const char *path)
{
    char error[CONF_ERROR_BYTES], tls_error[SERVER_ERROR_BYTES];
    struct conf *c = conf_load(path, environ, error);
    struct snapshot *s = c == NULL ? NULL : conf_load_snapshot(c, cli_now_s(), error);
    struct buf out;

    if (s == NULL) {
        conf_free(&c);
        return cli_fail(CLI_FAILED, COMMAND, "%s", error);
    }
    if (!certificates_are_good(c, tls_error)) {
        snapshot_release(&s);
        conf_free(&c);
        return cli_fail(CLI_FAILED, COMMAND, "%s", tls_error);
    }
    buf_init(&out, OUTPUT_BYTES_MAX);
    append_listeners(&out, c);
    append_streams(&out, c);
    append_hooks(&out, s);
    append_keys(&out, c, s);
    append_credentials(&out, c);
    snapshot_release(&s);
    conf_free(&c);
    return cli_print(&out);
}

static int print_page(void (*print)(struct buf *out))
{
    struct buf out;

    buf_init(&out, OUTPUT_BYTES_MAX);
    print(&out);
    return cli_print(&out);
}

static int misuse(void)
{
    fputs(help, stderr);
    return CLI_USAGE;
}

int cli_check_config(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"example", no_argument, NULL, 'e'},
                                            {"reference", no_argument, NULL, 'r'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *path = NULL;
    int wanted = 0;

    cli_options_begin();
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == '?' || wanted != 0)
            return misuse();
        wanted = option;
        path = optarg;
    }
    if (optind != argc)
        return misuse();
    switch (wanted) {
    case 'c':
        return check(path);
    case 'e':
        return print_page(conf_print_example);
    case 'r':
        return print_page(conf_print_reference);
    case 'h':
        fputs(help, stdout);
        return CLI_DONE;
    default:
        return misuse();
    }
}
