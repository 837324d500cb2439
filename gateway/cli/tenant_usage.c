/*
 * `tenant usage`: what tenants have used of their quotas now. With Redis it is there; without, a gateway that runs has
 * it, and tells on its admin listener.
 */
#include "gateway/cli/common.h"
#include "gateway/cli/tenant.h"
#include "gateway/cli/usage.h"
#include "gateway/net/http_once.h"

#include <stdio.h>

#define COMMAND       "tenant usage"
#define URL_BYTES_MAX 2048
#define TIMEOUT_MS    10000

static const char help[] =
    "usage: kinesis-gateway tenant usage --config FILE [--admin URL] [--json] [NAME]\n"
    "\n"
    "Shows what tenants have used of their quotas now: \"3/250\" is 3 of a burst of 250. What gateways hold on\n"
    "lease counts as used. With redis.url it is read from Redis; without, the running gateway is asked.\n"
    "\n"
    "  --config FILE          the gateway's configuration\n"
    "  --admin URL            ask the gateway whose admin listener is there; default: that of admin.address\n"
    "  --json                 instead of a table\n";

static bool is_name(struct span name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";

    for (size_t i = 0; i != name.len; i++)
        if (memchr(letters, name.ptr[i], sizeof(letters) - 1) == NULL)
            return false;
    return name.len != 0;
}

static bool build_url(const char *base, const char *name, struct buf *out)
{
    struct span text = span_str(base);

    while (text.len != 0 && text.ptr[text.len - 1] == '/')
        text.len--;
    buf_append(out, text);
    buf_append(out, SPAN("/usage"));
    buf_append(out, name == NULL ? SPAN("") : SPAN("?tenant="));
    buf_append(out, span_str(name));
    buf_append_char(out, '\0');
    return !out->failed;
}

int usage_from_gateway(const char *command, const char *url, const char *name, struct buf *page)
{
    static const char *const headers[] = {NULL};
    char error[HTTP_ONCE_ERROR_BYTES];
    struct buf whole;

    buf_init(&whole, URL_BYTES_MAX);
    bool ok = build_url(url, name, &whole);
    struct http_once request = {.url = whole.ptr, .headers = headers, .timeout_ms = TIMEOUT_MS};
    int status = ok ? http_once_get(&request, page, error) : 0;
    buf_clear(&whole);
    if (!ok)
        return cli_fail(CLI_USAGE, command, "--admin: longer than %d bytes", URL_BYTES_MAX);
    if (status == 0)
        return cli_fail(CLI_FAILED, command, "%s: %s (the running gateway has the quotas, as there is no Redis)", url,
                        error);
    if (status == 404 && name != NULL)
        return cli_fail(CLI_FAILED, command, "%s: there is no such tenant", url);
    return status == 200 ? CLI_DONE : cli_fail(CLI_FAILED, command, "%s: answered with status %d", url, status);
}

static int print_page(struct buf *page, bool as_json)
{
    struct buf out;

    buf_init(&out, CLI_OUTPUT_BYTES_MAX);
    bool ok = usage_append_table(buf_span(page), &out);
    if (as_json) {
        buf_reset(&out);
        buf_append(&out, buf_span(page));
        buf_append_char(&out, '\n');
    }
    out.failed = out.failed || page->failed;
    if (ok || out.failed)
        return cli_print(&out);
    buf_clear(&out);
    return cli_fail(CLI_FAILED, COMMAND, "the answer is not what /usage of this version answers");
}

static int show(const char *config, const char *admin, const char *name, bool as_json)
{
    struct conf *c = cli_conf_load(COMMAND, config);
    char url[128];
    struct buf page;

    if (c == NULL)
        return CLI_FAILED;
    snprintf(url, sizeof(url), "http://%.100s", c->admin.listen.address);
    buf_init(&page, CLI_OUTPUT_BYTES_MAX);
    int status = admin == NULL && c->redis.url != NULL
                     ? usage_from_redis(COMMAND, c, name, &page)
                     : usage_from_gateway(COMMAND, admin != NULL ? admin : url, name, &page);
    if (status == CLI_DONE)
        status = print_page(&page, as_json);
    buf_clear(&page);
    conf_free(&c);
    return status;
}

int cli_tenant_usage(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"admin", required_argument, NULL, 'a'},
                                            {"json", no_argument, NULL, 'j'},
                                            {NULL, 0, NULL, 0}};
    const char *config = NULL, *admin = NULL;
    bool as_json = false, is_wrong = false;

    if (cli_wants_help(argc, argv, help))
        return CLI_DONE;
    cli_options_begin();
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        config = option == 'c' ? optarg : config;
        admin = option == 'a' ? optarg : admin;
        as_json = as_json || option == 'j';
        is_wrong = is_wrong || option == '?';
    }
    const char *name = optind < argc ? argv[optind] : NULL;
    if (is_wrong || config == NULL || argc - optind > 1 || (name != NULL && !is_name(span_str(name)))) {
        fputs(help, stderr);
        return CLI_USAGE;
    }
    return show(config, admin, name, as_json);
}
