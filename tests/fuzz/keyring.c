/* A tenants file gives a keyring that holds what it should, or a sentence. */
#include "auth/keyring.h"
#include "auth/key.h"
#include "tests/fuzz/fuzz.h"

#include <jansson.h>

#define ALL_CALLS (KEY_CALL_RECORD | KEY_CALL_RECORDS | KEY_CALL_BEACON | KEY_CALL_AWS)

static void check_networks(const struct key_row *row)
{
    for (size_t i = 0; i < row->networks_len; i++)
        BELIEVE(row->networks[i].bits <= 128 && network_contains(&row->networks[i], row->networks[i].base));
}

static void check_row(const struct keyring *k, const struct key_row *row)
{
    BELIEVE(key_id_is_valid(row->id) && keyring_find(k, row->id) == row);
    BELIEVE(row->tenant != NULL && row->tenant->name.len >= 1 && row->tenant->name.len <= 64);
    BELIEVE(row->calls != 0 && (row->calls & ~(unsigned)ALL_CALLS) == 0);
    BELIEVE(row->has_digest == (row->derived.len == 0));
    BELIEVE(row->not_before_s < row->expires_s);
    for (size_t i = 0; i < row->streams_len; i++)
        BELIEVE(row->streams[i].text.len > 0 || row->streams[i].is_prefix);
    check_networks(row);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char error[KEYRING_ERROR_BYTES];

    memset(error, 'x', sizeof(error));
    struct keyring *k = keyring_parse(fuzz_span(data, size), error);
    if (k == NULL) {
        size_t len = strnlen(error, sizeof(error));
        BELIEVE(len > 0 && len < sizeof(error));
        return 0;
    }
    json_t *tree =
        json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL); /* rows are read by two readers */
    BELIEVE(tree != NULL);
    json_decref(tree);
    for (size_t i = 0; i < keyring_keys(k); i++)
        check_row(k, keyring_key_at(k, i));
    BELIEVE(keyring_find(k, fuzz_span(data, size)) == NULL);
    keyring_release(&k);
    BELIEVE(k == NULL);
    return 0;
}
