/*
 * Redis's errors by their first word, and what is to be done about each: one table. Pure.
 */
#ifndef KGW_NET_REDIS_ERROR_H
#define KGW_NET_REDIS_ERROR_H

#include "auth/bytes.h"

enum redis_remedy {
    REDIS_REMEDY_NONE,      /* the caller's matter */
    REDIS_REMEDY_RECONNECT, /* this connection is of no use any more: another one, to where the name points by then */
    REDIS_REMEDY_PROBE,     /* the server cannot work at present: ask no more until it answers a PING */
    REDIS_REMEDY_REST,      /* the server takes no writes at present: a call now and then finds out whether it does */
    REDIS_REMEDY_REDIRECT,  /* the key is elsewhere */
};

/*    row                       first word      remedy                    sentence */
#define KGW_REDIS_ERRORS(X)                                                                                            \
    X(REDIS_ERROR_OTHER, "", REDIS_REMEDY_NONE, "redis answered with an error")                                        \
    X(REDIS_ERROR_NOSCRIPT, "NOSCRIPT", REDIS_REMEDY_NONE, "redis does not know the script")                           \
    X(REDIS_ERROR_READONLY, "READONLY", REDIS_REMEDY_RECONNECT, "redis is a replica")                                  \
    X(REDIS_ERROR_MASTERDOWN, "MASTERDOWN", REDIS_REMEDY_RECONNECT, "redis is a replica without its master")           \
    X(REDIS_ERROR_LOADING, "LOADING", REDIS_REMEDY_PROBE, "redis is loading its data")                                 \
    X(REDIS_ERROR_BUSY, "BUSY", REDIS_REMEDY_PROBE, "redis is busy with a script")                                     \
    X(REDIS_ERROR_OOM, "OOM", REDIS_REMEDY_REST, "redis is out of memory")                                             \
    X(REDIS_ERROR_MISCONF, "MISCONF", REDIS_REMEDY_REST, "redis cannot persist and takes no writes")                   \
    X(REDIS_ERROR_NOREPLICAS, "NOREPLICAS", REDIS_REMEDY_REST, "redis has too few replicas to take writes")            \
    X(REDIS_ERROR_NOAUTH, "NOAUTH", REDIS_REMEDY_RECONNECT, "redis wants a password")                                  \
    X(REDIS_ERROR_WRONGPASS, "WRONGPASS", REDIS_REMEDY_NONE, "redis refuses the user or the password")                 \
    X(REDIS_ERROR_NOPERM, "NOPERM", REDIS_REMEDY_NONE, "redis does not permit the user this command")                  \
    X(REDIS_ERROR_MOVED, "MOVED", REDIS_REMEDY_REDIRECT, "the key is on another node")                                 \
    X(REDIS_ERROR_ASK, "ASK", REDIS_REMEDY_REDIRECT, "the key is being moved to another node")                         \
    X(REDIS_ERROR_TRYAGAIN, "TRYAGAIN", REDIS_REMEDY_NONE, "keys of one command are being moved")                      \
    X(REDIS_ERROR_CROSSSLOT, "CROSSSLOT", REDIS_REMEDY_NONE, "keys of one command are of several slots")               \
    X(REDIS_ERROR_CLUSTERDOWN, "CLUSTERDOWN", REDIS_REMEDY_REDIRECT, "the cluster is down")

enum redis_error {
    REDIS_ERROR_NONE, /* no error */
#define X(row, word, remedy, sentence) row,
    KGW_REDIS_ERRORS(X)
#undef X
        REDIS_ERRORS
};

enum redis_error redis_error_of(struct span text); /* of an error reply; never REDIS_ERROR_NONE */
enum redis_remedy redis_error_remedy(enum redis_error e);
const char *redis_error_sentence(enum redis_error e); /* static */

#endif
