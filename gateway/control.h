/*
 * Control: the thread that may read files, and that starts, feeds, watches and ends the workers. It owns the admin
 * listener.
 */
#ifndef KGW_CONTROL_H
#define KGW_CONTROL_H

#include "gateway/conf/conf.h"

/*
 * Runs the gateway with `conf` until it is told to end by SIGTERM or SIGINT; the calling thread becomes control. SIGHUP
 * reloads `path`'s streams and keys, and the certificates. Returns the exit status: 0 after a whole drain.
 */
int control_run(const struct conf *conf, const char *path, char *const *environ_);

#endif
