/*
 * Control without its workers: settings in a folder of their own, a loop, a log that is a file. For the parts of
 * control that live on its loop alone; made and freed by the test, in the order in which control.c does it.
 */
#ifndef KGW_TESTS_GATEWAY_CONTROL_HOUSE_H
#define KGW_TESTS_GATEWAY_CONTROL_HOUSE_H

#include "gateway/control_parts.h"

struct control_house {
    struct control control;
    struct conf *conf;
    char folder[64];
};

/* `settings`: members of the configuration besides those that every one needs, as JSON, with a comma before each. */
void control_house_open(struct control_house *h, const char *settings);
void control_house_close(struct control_house *h);
/* Runs the loop until it is so, or limit_ms have passed. */
bool control_house_until(struct control_house *h, bool (*is_so)(void *ctx), void *ctx, uint32_t limit_ms);
void control_house_wait_logged(struct control_house *h, const char *text);      /* fails the test if it never is */
unsigned control_house_logged(const struct control_house *h, const char *text); /* how often */

#endif
