/* X-Forwarded-For moves no client whose peer is not trusted, and ends at one that is not, or where it began. */
#include "gateway/front/forwarded.h"
#include "tests/fuzz/fuzz.h"

static bool is_same(struct address a, struct address b)
{
    return memcmp(a.bytes, b.bytes, sizeof(a.bytes)) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = fuzz_span(data, size), first = fuzz_take_line(&rest), second = fuzz_copy(rest);
    struct head h = {.fields_len = 2, .fields = {{SPAN("X-Forwarded-For"), first}, {SPAN("x-forwarded-for"), second}}};
    struct networks all = {.len = 1}, some = {.len = 1}, none = {.len = 0};
    struct address peer, element;

    BELIEVE(address_parse(SPAN("10.0.0.1"), &peer) && network_parse(SPAN("10.0.0.0/8"), &some.list[0]) &&
            network_parse(SPAN("::/0"), &all.list[0]));
    BELIEVE(is_same(forwarded_client(&h, peer, &none), peer));
    struct address client = forwarded_client(&h, peer, &some);
    bool has_last = forwarded_element(span_trim(second), &element);
    if (has_last && !networks_contain(&some, element))
        BELIEVE(is_same(client, element));
    if (!is_same(client, peer) && networks_contain(&some, client))
        BELIEVE(second.len != 0);
    (void)forwarded_client(&h, peer, &all);
    fuzz_free(first);
    fuzz_free(second);
    return 0;
}
