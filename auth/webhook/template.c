/* Templates of what is signed: "{timestamp}.{body}". Braces are for placeholders alone. */
#include "auth/webhook/scheme.h"

static const struct {
    struct span name;
    enum webhook_placeholder place;
} places[] = {
    {{"body", 4}, WEBHOOK_PLACE_BODY}, {{"timestamp", 9}, WEBHOOK_PLACE_TIMESTAMP},
    {{"id", 2}, WEBHOOK_PLACE_ID},     {{"method", 6}, WEBHOOK_PLACE_METHOD},
    {{"url", 3}, WEBHOOK_PLACE_URL},
};

static bool find_place(struct span name, enum webhook_placeholder *place)
{
    for (size_t i = 0; i != sizeof(places) / sizeof(places[0]); i++) {
        if (!span_equal(places[i].name, name))
            continue;
        *place = places[i].place;
        return true;
    }
    return false;
}

bool webhook_template_next(struct span *rest, struct span *literal, enum webhook_placeholder *place)
{
    bool has_place = rest->len != 0 && memchr(rest->ptr, '{', rest->len) != NULL;

    *place = WEBHOOK_PLACE_NONE;
    *literal = span_cut(*rest, '{', rest);
    if (literal->len != 0 && memchr(literal->ptr, '}', literal->len) != NULL)
        return false;
    if (!has_place)
        return true;
    if (rest->len == 0 || memchr(rest->ptr, '}', rest->len) == NULL)
        return false;
    return find_place(span_cut(*rest, '}', rest), place);
}

/* Where the id ends must be seen, or a part of the body could pass for a part of it. */
static bool is_blurred(struct span literal, enum webhook_placeholder before, enum webhook_placeholder place)
{
    return literal.len == 0 && ((before == WEBHOOK_PLACE_ID && place == WEBHOOK_PLACE_BODY) ||
                                (before == WEBHOOK_PLACE_BODY && place == WEBHOOK_PLACE_ID));
}

const char *webhook_template_check(struct span template, unsigned *found)
{
    enum webhook_placeholder place = WEBHOOK_PLACE_NONE, before;
    struct span rest = template, literal;
    size_t pieces = 0, bodies = 0;

    *found = 0;
    do {
        before = place;
        if (!webhook_template_next(&rest, &literal, &place))
            return "must be a text with {body}, {timestamp}, {id}, {method} or {url}, and no other braces";
        if (is_blurred(literal, before, place))
            return "must have a text between {id} and {body}, as \"{id}.{body}\"";
        pieces += 2;
        bodies += place == WEBHOOK_PLACE_BODY;
        *found |= 1u << place;
    } while (place != WEBHOOK_PLACE_NONE);
    if (bodies != 1)
        return "must have {body} once: what is not signed is not to be believed";
    return pieces <= WEBHOOK_PIECES_MAX ? NULL : "has too many parts";
}
