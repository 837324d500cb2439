/* JSON that becomes CBOR is no longer than it was, and is one item that our own reader takes. */
#include "gateway/base/cbor_write.h"
#include "gateway/base/cbor_read.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span json = fuzz_span(data, size);
    struct buf out;
    struct cbor_reader r;
    struct cbor_item item;

    buf_init(&out, json.len + 1);
    if (cbor_from_json(json, &out)) {
        BELIEVE(out.len <= json.len);
        cbor_init(&r, buf_span(&out));
        BELIEVE(cbor_next(&r, &item) && cbor_skip(&r, &item) && cbor_end(&r));
    }
    buf_clear(&out);
    return 0;
}
