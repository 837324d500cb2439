/* The end of a key: its row stays, so that its id is never given to another. */
#include "auth/utc.h"
#include "gateway/cli/common.h"
#include "gateway/cli/key.h"

#define CLOCKS_APART_S                                                                                                 \
    300 /* as far behind as a signature allows a clock to be: such a gateway refuses the key, too                      \
         */

static bool time_of(json_t *row, const char *member, int64_t *unix_s)
{
    const char *text = json_string_value(json_object_get(row, member));
    return text != NULL && utc_parse(span_str(text), SPAN("YYYY-MM-DDThh:mm:ssZ"), unix_s);
}

bool key_row_is_over(json_t *row, int64_t now_s)
{
    int64_t expires_s;
    return time_of(row, "expires", &expires_s) && expires_s <= now_s;
}

bool key_row_end(json_t *row, int64_t now_s, int64_t ends_s, int64_t *expires_s)
{
    int64_t time_s;
    struct buf text;

    *expires_s = ends_s <= now_s ? now_s - CLOCKS_APART_S : ends_s;
    if (time_of(row, "expires", &time_s) && time_s < *expires_s)
        *expires_s = time_s;
    if (time_of(row, "not_before", &time_s) && time_s >= *expires_s) { /* then it never begins */
        if (*expires_s > now_s - CLOCKS_APART_S)
            *expires_s = now_s - CLOCKS_APART_S;
        json_object_del(row, "not_before"); /* a row whose end is before its beginning is refused */
    }
    buf_init(&text, 64);
    cli_append_time(&text, *expires_s);
    bool ok = !text.failed && json_object_set_new(row, "expires", json_stringn(text.ptr, text.len)) == 0;
    buf_clear(&text);
    return ok;
}
