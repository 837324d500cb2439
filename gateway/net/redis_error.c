/* Words are compared whole: Redis has MOVED and MOVEDSOMETHING has no meaning. */
#include "gateway/net/redis_error.h"

#include <assert.h>

static const struct {
    const char *word;
    enum redis_remedy remedy;
    const char *sentence;
} rows[REDIS_ERRORS] = {[REDIS_ERROR_NONE] = {"", REDIS_REMEDY_NONE, "no error"},
#define X(row, word_, remedy_, sentence_) [row] = {word_, remedy_, sentence_},
                        KGW_REDIS_ERRORS(X)
#undef X
};

enum redis_error redis_error_of(struct span text)
{
    struct span rest, word = span_cut(text, ' ', &rest);

    for (int e = REDIS_ERROR_OTHER + 1; e != REDIS_ERRORS; e++)
        if (span_equal(word, span_str(rows[e].word)))
            return (enum redis_error)e;
    return REDIS_ERROR_OTHER;
}

enum redis_remedy redis_error_remedy(enum redis_error e)
{
    assert(e < REDIS_ERRORS);
    return rows[e].remedy;
}

const char *redis_error_sentence(enum redis_error e)
{
    assert(e < REDIS_ERRORS);
    return rows[e].sentence;
}
