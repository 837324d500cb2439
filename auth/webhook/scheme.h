/*
 * What the schemes share with the check: a scheme reads a request's head and says what is signed and by which texts;
 * webhook.h is for everybody else.
 */
#ifndef KGW_AUTH_WEBHOOK_SCHEME_H
#define KGW_AUTH_WEBHOOK_SCHEME_H

#include "auth/webhook/webhook.h"

#define WEBHOOK_PIECES_MAX 16
#define WEBHOOK_LEADS_MAX  2

struct webhook_signature {
    struct span text; /* as it was sent, without its prefix */
    bool is_ed25519;
};

struct webhook_message {
    enum hmac_algorithm algorithm;
    enum webhook_encoding encoding;
    struct span leads[WEBHOOK_LEADS_MAX]; /* ways in which what is signed may begin; none: the one empty way */
    size_t leads_len;
    struct span before[WEBHOOK_PIECES_MAX], after[WEBHOOK_PIECES_MAX]; /* of the body */
    size_t before_len, after_len;
    bool skips_body;         /* signed is its digest, below, or what was made of it */
    struct span body_sha256; /* lower-case hex, signed with the rest; empty: not given */
    bool is_proven;          /* by the head alone: nothing is hashed */
    struct webhook_signature signatures[WEBHOOK_SIGNATURES_MAX];
    size_t signatures_len;
    struct span id;
    struct buf made; /* texts that are not parts of the request */
    const char *why; /* what is wrong with it, once it is */
};

struct webhook_scheme {
    const char *name;
    unsigned uses, needs; /* of the texts: bits of WEBHOOK_TEXT() */
    enum webhook_identity identity;
    const char *id_pointer;
    enum webhook_handshake handshake;
    /* NULL: the text is the secret. Otherwise as webhook_conf_add_secret(). */
    const char *(*keep_secret)(struct span text, struct webhook_secret *out);
    /* False, with m->why: the request is refused. m->made.failed: out of memory. */
    bool (*read)(const struct webhook_conf *c, const struct webhook_request *r, struct webhook_message *m);
};

#define WEBHOOK_TEXT(text) (1u << (text))

extern const struct webhook_scheme webhook_github, webhook_stripe, webhook_slack, webhook_shopify, webhook_standard,
    webhook_twilio, webhook_meta, webhook_hmac, webhook_basic, webhook_token;

bool webhook_refuse(struct webhook_message *m, const char *why); /* false, to be returned */
/* The only field of that name. False: none, empty, or several. */
bool webhook_field(const struct webhook_request *r, struct span name, struct span *value);
bool webhook_has_field(const struct webhook_request *r, struct span name);
/* The same of the field that holds signatures or names the delivery; refuses. */
bool webhook_signature_field(const struct webhook_request *r, struct span name, struct webhook_message *m,
                             struct span *value);
/* Unix seconds within the tolerance of now, both ways; refuses. */
bool webhook_time_is_near(const struct webhook_conf *c, const struct webhook_request *r, struct span text,
                          struct webhook_message *m);
bool webhook_timestamp_field(const struct webhook_conf *c, const struct webhook_request *r, struct span name,
                             struct webhook_message *m, struct span *text);
/* One more, unless there are WEBHOOK_SIGNATURES_MAX already. */
void webhook_add_signature(struct webhook_message *m, struct span text, bool is_ed25519);
void webhook_add_before(struct webhook_message *m, struct span piece); /* WEBHOOK_PIECES_MAX at most */
void webhook_add_after(struct webhook_message *m, struct span piece);
/* A signature over the body alone, in one field: `prefix` and the signature. */
bool webhook_read_plain(const struct webhook_request *r, struct span header, struct span prefix,
                        struct webhook_message *m);
/* Texts of any length, in time that tells nothing of where they differ. */
bool webhook_texts_equal(struct span a, struct span b);

/* Templates of what is signed: literals and {placeholders}. */
enum webhook_placeholder {
    WEBHOOK_PLACE_BODY,
    WEBHOOK_PLACE_TIMESTAMP,
    WEBHOOK_PLACE_ID,
    WEBHOOK_PLACE_METHOD,
    WEBHOOK_PLACE_URL,
    WEBHOOK_PLACE_NONE, /* the template's end */
};
/* Takes the next literal (may be empty) and the placeholder after it off *rest. False: malformed. */
bool webhook_template_next(struct span *rest, struct span *literal, enum webhook_placeholder *place);
/* NULL: well-formed, with {body} once; *places: bits of the placeholders in it. Else a sentence. */
const char *webhook_template_check(struct span template, unsigned *places);

#endif
