/* The example of Slack's documentation. */
#include "tests/auth/webhook/delivery.h"

#define TIME_S 1531420618

static void begin(struct delivery *d)
{
    delivery_begin(d, "slack", "8f742231b10e8888abcd99yyyzzz85a5",
                   "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&"
                   "channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&"
                   "response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%"
                   "2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c");
    delivery_add(d, "X-Slack-Request-Timestamp", "1531420618");
    delivery_add(d, "X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503");
    d->now_s = TIME_S;
}

static void the_documented_delivery_is_believed_and_no_other(void **state)
{
    struct delivery d;

    (void)state;
    begin(&d);
    delivery_flip_all(&d);
    assert_string_equal(webhook_id_pointer(&d.conf), "/event_id");
    assert_int_equal(webhook_handshake(&d.conf), WEBHOOK_HANDSHAKE_SLACK);
    delivery_end(&d);
}

static void its_time_is_near_both_ways(void **state)
{
    struct delivery d;

    (void)state;
    begin(&d);
    delivery_check_tolerance(&d, TIME_S);
    d.now_s = -1;
    assert_false(delivery_is_believed(&d));
    delivery_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_documented_delivery_is_believed_and_no_other),
        cmocka_unit_test(its_time_is_near_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
