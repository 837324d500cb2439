/* A URL of Redis: what is taken keeps to its bounds, and what is refused leaves nothing. */
#include "gateway/net/redis_url.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = fuzz_copy(fuzz_span(data, size));
    struct redis_url u;
    const char *error;
    char shown[REDIS_HOST_BYTES_MAX + 16];

    if (redis_url_parse(text, &u, &error)) {
        BELIEVE(error == NULL && u.hosts_len >= 1 && u.hosts_len <= REDIS_HOSTS_MAX);
        BELIEVE((u.master[0] != '\0') == (u.layout == REDIS_SENTINEL) && (u.user.len == 0 || u.password.len != 0));
        for (size_t i = 0; i != u.hosts_len; i++) {
            struct redis_host again;
            redis_host_format(&u.hosts[i], shown, sizeof(shown));
            BELIEVE(u.hosts[i].name[0] == '/' ||
                    (redis_host_parse(span_str(shown), 0, &again) && redis_host_equal(&again, &u.hosts[i])));
        }
    } else {
        BELIEVE(error != NULL && u.hosts_len == 0 && u.user.len == 0 && u.password.len == 0);
    }
    redis_url_clear(&u);
    fuzz_free(text);
    return 0;
}
