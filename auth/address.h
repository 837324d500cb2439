/*
 * Network addresses and networks (CIDR, RFC 4632 and RFC 4291). An IPv4 address is held as the IPv4-mapped IPv6 address
 * ::ffff:a.b.c.d, so that one comparison serves both families. Pure.
 */
#ifndef KGW_AUTH_ADDRESS_H
#define KGW_AUTH_ADDRESS_H

#include "auth/bytes.h"

struct address {
    uint8_t bytes[16];
};

struct network {
    struct address base;
    unsigned bits; /* of the 128 */
};

#define ADDRESS_TEXT_BYTES_MAX 46

bool address_parse(struct span text, struct address *out); /* numeric forms only, no port, no zone */
struct address address_from_ipv4(const uint8_t bytes[4]);
struct address address_from_ipv6(const uint8_t bytes[16]);
size_t address_format(struct address a, char out[ADDRESS_TEXT_BYTES_MAX]); /* without NUL; mapped ones as a.b.c.d */
/* "10.0.0.0/8", "2001:db8::/32", or one address. False if malformed or if bits are set beyond the prefix. */
bool network_parse(struct span text, struct network *out);
/* Without the bits past the first ipv4_bits of an IPv4 address, or ipv6_bits of any other. */
struct address address_truncate(struct address a, unsigned ipv4_bits, unsigned ipv6_bits);
bool network_contains(const struct network *n, struct address a);

/* A few networks, by value. */
#define NETWORKS_MAX 64
struct networks {
    size_t len;
    struct network list[NETWORKS_MAX];
};
bool networks_contain(const struct networks *n, struct address a);
bool networks_equal(const struct networks *a, const struct networks *b);

#endif
