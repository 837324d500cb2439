/*
 * The answers' texts. reply.c writes an answer and is the only one that does; problem.c and aws_reply.c say what errors
 * look like in the two families of calls. All append to the ticket's response, which has room for the longest.
 */
#ifndef KGW_FRONT_REPLY_H
#define KGW_FRONT_REPLY_H

#include "gateway/front/ticket.h"

/* RFC 9457. `invalid`, of a batch, may be NULL. */
struct batch_invalid;
/* The same, left open for further members. */
void problem_write_members(const struct failure *f, const struct batch_invalid *invalid, struct span request_id,
                           struct buf *out);
void problem_write(const struct failure *f, const struct batch_invalid *invalid, struct span request_id,
                   struct buf *out);

struct aws_error {
    int status;
    const char *type;    /* __type */
    const char *message; /* NULL: none */
};
struct aws_error aws_error_of(const struct failure *f, bool has_no_credentials);
void aws_error_write(const struct aws_error *e, struct buf *out);

/* {"ShardId","SequenceNumber","EncryptionType"} */
void result_write(const struct put_result *r, struct buf *out);

#endif
