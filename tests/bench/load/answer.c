/* Reading an HTTP/1.1 answer: bytes in, a verdict out. Knows no socket. */
#include "tests/bench/load/answer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define STATUS_LINE_MIN 12 /* "HTTP/1.1 200" */

void answer_clear(struct answer *answer)
{
    memset(answer, 0, offsetof(struct answer, bytes));
}

static bool starts_with(const char *line, const char *end, const char *name, const char **value)
{
    size_t length = strlen(name);
    if ((size_t)(end - line) < length || strncasecmp(line, name, length) != 0)
        return false;
    for (*value = line + length; *value < end && **value == ' '; ++*value)
        ;
    return true;
}

static bool parse_head(struct answer *answer)
{
    const char *line = answer->bytes, *last = answer->bytes + answer->head_bytes - 2, *value;
    bool has_length = false, is_chunked = false;
    if (answer->head_bytes < STATUS_LINE_MIN || strncmp(line, "HTTP/1.1 ", 9) != 0)
        return false;
    answer->status = atoi(line + 9);
    answer->keeps_alive = true;
    for (const char *end; line < last; line = end + 1) {
        end = memchr(line, '\n', (size_t)(last + 2 - line));
        if (starts_with(line, end, "content-length:", &value)) {
            answer->body_bytes = strtoull(value, NULL, 10);
            has_length = true;
        } else if (starts_with(line, end, "transfer-encoding:", &value)) {
            is_chunked = true;
        } else if (starts_with(line, end, "connection:", &value)) {
            answer->keeps_alive = strncasecmp(value, "close", 5) != 0;
        }
    }
    if (answer->status < 200 || answer->status == 204 || answer->status == 304)
        answer->body_bytes = 0;
    else
        answer->until_close = !has_length;
    return !is_chunked;
}

/* Finds and reads the head; an interim answer (1xx) is dropped and the search goes on behind it. */
static enum answer_state read_head(struct answer *answer)
{
    while (answer->head_bytes == 0) {
        const char *end = memmem(answer->bytes, answer->kept, "\r\n\r\n", 4);
        if (end == NULL)
            return answer->kept == ANSWER_KEPT_BYTES ? ANSWER_BROKEN : ANSWER_MORE;
        answer->head_bytes = (size_t)(end - answer->bytes) + 4;
        if (!parse_head(answer))
            return ANSWER_BROKEN;
        if (answer->status >= 200)
            break;
        answer->kept -= answer->head_bytes;
        answer->fed -= answer->head_bytes;
        memmove(answer->bytes, answer->bytes + answer->head_bytes, answer->kept);
        answer->head_bytes = 0;
    }
    return ANSWER_DONE;
}

enum answer_state answer_feed(struct answer *answer, const char *data, size_t length)
{
    size_t room = ANSWER_KEPT_BYTES - answer->kept;
    size_t keeping = length < room ? length : room;
    memcpy(answer->bytes + answer->kept, data, keeping);
    answer->kept += keeping;
    answer->fed += length;
    enum answer_state head = read_head(answer);
    if (head != ANSWER_DONE)
        return head;
    if (answer->until_close)
        return ANSWER_MORE;
    uint64_t wanted = answer->head_bytes + answer->body_bytes;
    return answer->fed < wanted ? ANSWER_MORE : answer->fed == wanted ? ANSWER_DONE : ANSWER_BROKEN;
}

const char *answer_sequence_number(const struct answer *answer, size_t *at, size_t *length)
{
    static const char name[] = "\"SequenceNumber\":\"";
    const char *end = answer->bytes + answer->kept;
    const char *from = answer->bytes + (*at > answer->head_bytes ? *at : answer->head_bytes);
    const char *found = memmem(from, (size_t)(end - from), name, sizeof name - 1);
    if (found == NULL)
        return NULL;
    const char *digits = found + sizeof name - 1;
    const char *quote = memchr(digits, '"', (size_t)(end - digits));
    if (quote == NULL)
        return NULL;
    *length = (size_t)(quote - digits);
    *at = (size_t)(quote - answer->bytes);
    return digits;
}
