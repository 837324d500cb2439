/* The sender's life; what it does with its parts stands in put_call.c and settle.c. */
#include "gateway/kinesis/sender.h"

#include "gateway/kinesis/aggregate.h"
#include "gateway/kinesis/put_call.h"

#include <stdlib.h>

void sender_init(struct sender *s, struct loop *l, struct http_client *client, const struct sender_conf *conf,
                 struct random *random, struct metrics *metrics)
{
    *s = (struct sender){.loop = l, .client = client, .conf = *conf, .random = random, .metrics = metrics};
    list_init(&s->idle_calls);
    list_init(&s->blocked_lanes);
}

void sender_clear(struct sender *s)
{
    put_call_free_idle(s);
    free(s->answers);
    s->answers = NULL;
    aggregate_free(&s->aggregate);
    aws_creds_release(&s->creds);
}

void sender_set_creds(struct sender *s, struct aws_creds *creds)
{
    aws_creds_acquire(creds);
    aws_creds_release(&s->creds);
    s->creds = creds;
}
