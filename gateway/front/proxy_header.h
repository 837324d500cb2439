/*
 * The header of the PROXY protocol, versions 1 (text, section 2.1) and 2 (binary, section 2.2):
 * https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt. Pure.
 */
#ifndef KGW_FRONT_PROXY_HEADER_H
#define KGW_FRONT_PROXY_HEADER_H

#include "auth/address.h"

#define PROXY_HEADER_V1_BYTES_MAX 107  /* section 2.1 */
#define PROXY_HEADER_V2_BYTES_MAX 4096 /* with its TLVs, of which nothing is read */

enum proxy_verdict { PROXY_MORE, PROXY_HEADER, PROXY_MALFORMED };

struct proxy_header {
    size_t bytes;    /* of the header; what follows is the connection's own */
    bool has_client; /* otherwise (LOCAL, UNKNOWN, a family that is not IP) the peer is the client */
    struct address client;
};

/* What a connection begins with. PROXY_MORE: nothing is wrong so far, and the header is not whole. */
enum proxy_verdict proxy_header_read(struct span bytes, struct proxy_header *out);

#endif
