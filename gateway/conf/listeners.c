/* The public listeners, and the rules on what may be reachable from where. */
#include "gateway/conf/reader.h"

#include <stdio.h>

#define LISTENERS_MAX 16

static bool check_tls(const struct conf_reader *r, const char *prefix, const struct conf_listener *l,
                      const struct conf_address *a)
{
    bool has_certificate = l->listen.tls_certificate != NULL, has_key = l->listen.tls_key != NULL;

    if (has_certificate != has_key)
        return conf_refuse(r, prefix, has_key ? "tls.certificate" : "tls.key",
                           "is missing: TLS needs both tls.certificate and tls.key");
    if (has_certificate && l->plaintext)
        return conf_refuse(r, prefix, "plaintext", "contradicts tls.certificate: must be false, or without tls");
    if (!has_certificate && !l->plaintext && !conf_address_is_loopback(a))
        return conf_refuse(r, prefix, "address",
                           "plain HTTP on an address that is not loopback shows API keys to the network: needs tls, or "
                           "\"plaintext\": true if something in front adds it");
    return true;
}

static bool read_listener(const struct conf_reader *r, size_t index, json_t *value)
{
    struct conf_listener *l = &r->conf->listeners[index];
    char prefix[CONF_PREFIX_BYTES];
    struct conf_address a, other;

    snprintf(prefix, sizeof(prefix), "listen[%zu].", index);
    conf_set_defaults(&conf_listener_rows, l);
    if (value == NULL)
        return true;
    if (!json_is_object(value) || json_object_get(value, "address") == NULL)
        return conf_refuse(r, prefix, "address", "is missing: must be as in {\"address\": \"127.0.0.1:8080\"}");
    struct conf_place place = {&conf_listener_rows, l, prefix, NULL};
    if (!conf_read_object(r, &place, value))
        return false;
    if (!conf_address_parse(span_str(l->listen.address), &a))
        return conf_refuse(r, prefix, "address",
                           "must be a numeric address and a port, as 127.0.0.1:8080 or [::1]:8080");
    for (size_t i = 0; i != index; i++)
        if (conf_address_parse(span_str(r->conf->listeners[i].listen.address), &other) &&
            conf_address_overlap(&a, &other))
            return conf_refuse(r, prefix, "address", "overlaps with that of listen[%zu]", i);
    if (l->listen.expects_proxy_header && l->listen.trusted_proxies.len == 0)
        return conf_refuse(r, prefix, "trusted_proxies", "is missing: with proxy_protocol it says whom to believe");
    return check_tls(r, prefix, l, &a);
}

bool conf_read_listeners(const struct conf_reader *r, json_t *root)
{
    json_t *list = json_object_get(root, "listen");
    size_t len = list == NULL ? 1 : json_array_size(list); /* without the setting: one, all defaults */

    if (list != NULL && (len < 1 || len > LISTENERS_MAX))
        return conf_refuse(r, "", "listen",
                           "must be a list of 1 to %d listeners, as [{\"address\": \"127.0.0.1:8080\"}]",
                           LISTENERS_MAX);
    r->conf->listeners = conf_keep(r->conf, len * sizeof(*r->conf->listeners));
    if (r->conf->listeners == NULL)
        return conf_refuse_memory(r);
    r->conf->listeners_len = len;
    for (size_t i = 0; i != len; i++)
        if (!read_listener(r, i, json_array_get(list, i)))
            return false;
    return true;
}
