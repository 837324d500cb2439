/* A PROXY header is whole within its bytes, and the same whatever follows; what is malformed stays so with more bytes.
 */
#include "gateway/front/proxy_header.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span bytes = fuzz_copy(fuzz_span(data, size));
    struct proxy_header whole, part;
    enum proxy_verdict v = proxy_header_read(bytes, &whole), last = PROXY_MORE;

    for (size_t len = 0; len <= bytes.len; len++) {
        enum proxy_verdict now = proxy_header_read(span_of(bytes.ptr, len), &part);
        BELIEVE(last == PROXY_MORE || now == last);
        last = now;
    }
    BELIEVE(last == v);
    if (v == PROXY_HEADER) {
        BELIEVE(whole.bytes != 0 && whole.bytes <= bytes.len && whole.bytes <= PROXY_HEADER_V2_BYTES_MAX);
        BELIEVE(proxy_header_read(span_of(bytes.ptr, whole.bytes), &part) == PROXY_HEADER);
        BELIEVE(part.bytes == whole.bytes && part.has_client == whole.has_client);
    }
    fuzz_free(bytes);
    return 0;
}
