/*
 * The scanner. Values are walked with a depth counter instead of recursion: what a container holds is checked by a bit
 * stack that remembers, level by level, whether an object or an array is open. All of the walk's state lies in the
 * scan, so it can pause before any token, and in a string.
 */
#include "gateway/base/json_scalar.h"

void json_scan_init(struct json_scan *s, struct span text)
{
    if (text.len == 0)
        text = SPAN(""); /* of an empty body there is no pointer to count from */
    const char *end = text.ptr + text.len;
    *s = (struct json_scan){.at = text.ptr, .end = end, .pause_at = end};
}

void json_scan_set_budget(struct json_scan *s, size_t bytes)
{
    size_t left = (size_t)(s->end - s->at);

    s->pause_at = s->at + (bytes < left ? bytes : left);
    s->is_paused = false;
}

/* No byte may be read: the text has ended too early, or the budget has. */
static bool stop(struct json_scan *s)
{
    s->is_paused = s->at != s->end;
    s->failed = !s->is_paused;
    return false;
}

static inline const char *skip_space(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
        at++;
    return at;
}

/* Finds the next token's first byte. */
static inline bool find_token(struct json_scan *s)
{
    s->at = skip_space(s->at, s->pause_at);
    return s->at < s->pause_at ? true : stop(s);
}

/* What changes with every token, in registers while the walk goes on. */
struct walk {
    const char *at;
    enum json_expect expect;
    struct json_value *value; /* where the value goes when it is complete */
};

static inline bool open_container(struct json_scan *s, struct walk *w, bool is_object)
{
    if (s->depth == JSON_SCAN_DEPTH_MAX)
        return json_fail(s);
    if (s->depth++ == 0)
        s->container = w->at;
    s->objects = s->objects << 1 | is_object;
    w->expect = is_object ? JSON_EXPECT_FIRST_NAME : JSON_EXPECT_FIRST_VALUE;
    w->at++;
    return true;
}

static inline bool close_container(struct json_scan *s, struct walk *w, bool is_object)
{
    if (w->expect == JSON_EXPECT_NAME || w->expect == JSON_EXPECT_COLON || w->expect == JSON_EXPECT_VALUE ||
        is_object != (s->objects & 1))
        return json_fail(s);
    w->at++;
    w->expect = JSON_EXPECT_SEPARATOR;
    s->objects >>= 1;
    if (--s->depth == 0)
        *w->value = (struct json_value){.type = is_object ? JSON_TYPE_OBJECT : JSON_TYPE_ARRAY,
                                        .raw = span_of(s->container, (size_t)(w->at - s->container))};
    return true;
}

/* Of a string only the quote is taken. */
static inline bool take_scalar(struct json_scan *s, struct walk *w, char c)
{
    if (c == '"') {
        s->string = ++w->at;
        s->has_escapes = false;
        return true;
    }
    const char *end = json_pass_scalar(w->at, s->end);
    if (end == NULL)
        return json_fail(s);
    if (s->depth == 0)
        *w->value = (struct json_value){.type = json_scalar_type(c), .raw = span_of(w->at, (size_t)(end - w->at))};
    w->at = end;
    return true;
}

/* The token that starts with c, here. */
static inline bool take_token(struct json_scan *s, struct walk *w, char c)
{
    enum json_expect expect = w->expect;

    if (c == '}' || c == ']')
        return close_container(s, w, c == '}');
    if (expect >= JSON_EXPECT_VALUE) {
        if (c == '{' || c == '[')
            return open_container(s, w, c == '{');
        w->expect = JSON_EXPECT_SEPARATOR;
        return take_scalar(s, w, c);
    }
    if (expect >= JSON_EXPECT_NAME) {
        w->expect = JSON_EXPECT_COLON;
        return c == '"' ? take_scalar(s, w, c) : json_fail(s);
    }
    if (c != (expect == JSON_EXPECT_COLON ? ':' : ','))
        return json_fail(s);
    w->expect = expect == JSON_EXPECT_COLON || (s->objects & 1) == 0 ? JSON_EXPECT_VALUE : JSON_EXPECT_NAME;
    w->at++;
    return true;
}

/* With a place of its own, or the walk would not stay in its registers. */
static inline bool finish_string(struct json_scan *s, struct walk *w)
{
    const char *at = w->at;
    struct json_value *to = s->depth != 0 ? NULL : w->expect == JSON_EXPECT_COLON ? &s->name : w->value;
    bool ok = json_finish_string(s, &at, to);

    w->at = at;
    return ok;
}

/* Walks to the end of the value, through its name if that is expected. */
static bool walk(struct json_scan *s, struct json_value *value)
{
    struct walk w = {s->at, s->expect, value};
    bool ok;

    do {
        if (s->string == NULL) {
            w.at = skip_space(w.at, s->pause_at);
            ok = w.at < s->pause_at && take_token(s, &w, *w.at);
        }
        if (s->string != NULL)
            ok = finish_string(s, &w);
    } while (ok && (w.expect != JSON_EXPECT_SEPARATOR || s->depth != 0));
    s->at = w.at;
    s->expect = w.expect;
    return ok || s->failed ? ok : stop(s);
}

/* Between two values: nothing is begun that a verb would have to go on with. */
static inline bool is_at_rest(const struct json_scan *s)
{
    return s->expect == JSON_EXPECT_SEPARATOR && s->depth == 0 && s->string == NULL;
}

static bool enter(struct json_scan *s, char bracket)
{
    if (s->failed || !find_token(s))
        return false;
    if (*s->at != bracket)
        return json_fail(s);
    s->at++;
    s->first = true;
    return true;
}

bool json_scan_enter_object(struct json_scan *s)
{
    return enter(s, '{');
}

bool json_scan_enter_array(struct json_scan *s)
{
    return enter(s, '[');
}

/* True if another member or element follows; at the end of the container its bracket is passed. */
static bool has_next(struct json_scan *s, char closing)
{
    if (!find_token(s))
        return false;
    if (*s->at == closing) {
        s->at++;
        s->first = false; /* of the container around, if the walk goes on there */
        return false;
    }
    if (!s->first) {
        if (*s->at != ',')
            return json_fail(s);
        s->at++;
    }
    s->first = false;
    return true;
}

bool json_scan_next_name(struct json_scan *s, struct json_value *name)
{
    if (s->failed || !has_next(s, '}') || !find_token(s))
        return false;
    if (*s->at != '"')
        return json_fail(s);
    s->string = ++s->at;
    s->has_escapes = false;
    if (!json_finish_string(s, &s->at, name))
        return s->failed ? false : stop(s);
    if (!find_token(s))
        return false;
    return *s->at++ == ':' ? true : json_fail(s);
}

bool json_scan_has_element(struct json_scan *s)
{
    return !s->failed && has_next(s, ']');
}

bool json_scan_value(struct json_scan *s, struct json_value *value)
{
    if (s->failed)
        return false;
    if (is_at_rest(s))
        s->expect = JSON_EXPECT_VALUE;
    return walk(s, value);
}

bool json_scan_next_member(struct json_scan *s, struct json_value *name, struct json_value *value)
{
    if (s->failed)
        return false;
    if (is_at_rest(s)) {
        if (!has_next(s, '}'))
            return false;
        s->expect = JSON_EXPECT_NAME;
    }
    if (!walk(s, value))
        return false;
    *name = s->name;
    return true;
}

bool json_scan_next_element(struct json_scan *s, struct json_value *value)
{
    if (s->failed || (is_at_rest(s) && !has_next(s, ']')))
        return false;
    return json_scan_value(s, value);
}

bool json_scan_end(struct json_scan *s)
{
    if (s->failed || !is_at_rest(s))
        return false;
    s->at = skip_space(s->at, s->pause_at);
    if (s->at == s->end)
        return true;
    return s->at < s->pause_at ? json_fail(s) : stop(s);
}
