/* The rows of failure.h and nothing else: no text is made here, so none can carry a secret. */
#include "gateway/base/failure.h"

static const struct {
    int status;
    bool retryable;
    const char *code, *title;
} rows[] = {
#define X(row, status, retryable, code, title) [row] = {status, retryable, code, title},
    KGW_FAILURES(X)
#undef X
};

int failure_status(enum failure_row row)
{
    return rows[row].status;
}

bool failure_is_retryable(enum failure_row row)
{
    return rows[row].retryable;
}

const char *failure_code(const struct failure *f)
{
    return f->aws_code != NULL ? f->aws_code : rows[f->row].code;
}

const char *failure_title(enum failure_row row)
{
    return rows[row].title;
}
