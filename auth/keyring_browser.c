/*
 * What the row of a beacon's key has besides: the pages that it is for, and what one address may spend. A key that is
 * in every page's source is worth what these make of it, so a beacon's key must have them and no other may.
 */
#include "auth/keyring_parse.h"

#define PER_ADDRESS_MAX 1000000

bool keyring_read_origins(const struct keyring_value *value, const struct keyring_place *at, struct arena *arena,
                          struct key_row *row)
{
    if (!keyring_list_is_usable(value, at, "origins"))
        return false;
    struct origin_pattern *origins = arena_allocate(arena, value->len * sizeof(*origins));
    if (origins == NULL)
        return keyring_refuse_memory(at);
    for (size_t i = 0; i < value->len; i++) {
        struct span text = keyring_element_at(value, i), kept;
        if (!origin_pattern_parse(text, &origins[i]))
            return keyring_refuse(at, "origins",
                                  "element %zu must be an origin as browsers send it, \"https://shop.example\" (lower "
                                  "case, no path, no default port), or \"https://*.shop.example\"",
                                  i);
        if (!arena_copy(arena, text, &kept) || !origin_pattern_parse(kept, &origins[i]))
            return keyring_refuse_memory(at);
    }
    row->origins = origins;
    row->origins_len = value->len;
    return true;
}

bool keyring_read_allow_no_origin(const struct keyring_value *value, const struct keyring_place *at,
                                  struct arena *arena, struct key_row *row)
{
    (void)arena;
    if (value->kind != KEYRING_OTHER || !json_is_boolean(value->tree))
        return keyring_refuse(at, "allow_no_origin", "must be true or false");
    row->allow_no_origin = json_is_true(value->tree);
    return true;
}

bool keyring_read_per_address(const struct keyring_value *value, const struct keyring_place *at, struct arena *arena,
                              struct key_row *row)
{
    json_int_t number = value->kind == KEYRING_OTHER ? json_integer_value(value->tree) : 0;

    (void)arena;
    if (number < 1 || number > PER_ADDRESS_MAX)
        return keyring_refuse(at, "per_address_requests_per_second", "must be a whole number from 1 to %d",
                              PER_ADDRESS_MAX);
    row->per_address_requests_per_second = (uint32_t)number;
    return true;
}

bool keyring_settle_browser(const struct keyring_place *at, const struct key_row *row)
{
    bool is_beacon = row->calls == KEY_CALL_BEACON;

    if (is_beacon && row->origins_len == 0 && !row->allow_no_origin)
        return keyring_refuse(at, "origins",
                              "is missing: a key with calls [\"beacon\"] must have origins, or allow_no_origin: true");
    if (!is_beacon && row->origins_len != 0)
        return keyring_refuse(at, "origins", "is for keys with calls [\"beacon\"]");
    if (!is_beacon && row->allow_no_origin)
        return keyring_refuse(at, "allow_no_origin", "is for keys with calls [\"beacon\"]");
    if (!is_beacon && row->per_address_requests_per_second != 0)
        return keyring_refuse(at, "per_address_requests_per_second", "is for keys with calls [\"beacon\"]");
    return true;
}
