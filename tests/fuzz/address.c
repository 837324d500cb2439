/* An address, written again, is the same address; a network holds its first and its last address and no neighbour's. */
#include "auth/address.h"
#include "tests/fuzz/fuzz.h"

static void check_address(struct span text)
{
    char written[ADDRESS_TEXT_BYTES_MAX];
    struct address a, again;
    struct network n;

    if (!address_parse(text, &a))
        return;
    size_t len = address_format(a, written);
    BELIEVE(len > 0 && len <= sizeof(written) && address_parse(span_of(written, len), &again));
    BELIEVE(memcmp(&a, &again, sizeof(a)) == 0);
    BELIEVE(network_parse(text, &n) && n.bits == 128 && network_contains(&n, a));
}

static void check_network(struct span text)
{
    struct network n;

    if (!network_parse(text, &n))
        return;
    BELIEVE(n.bits <= 128 && network_contains(&n, n.base));
    for (unsigned bit = 0; bit < 128; bit++) {
        struct address a = n.base;
        a.bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        BELIEVE(network_contains(&n, a) == (bit >= n.bits));
    }
    bool is_ipv4 = memchr(text.ptr, ':', text.len) == NULL;
    BELIEVE(!is_ipv4 || n.bits >= 96);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_address(fuzz_span(data, size));
    check_network(fuzz_span(data, size));
    return 0;
}
