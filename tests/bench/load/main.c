/* bench_load: an HTTP/1.1 load client as cheap as epoll allows, so that on a small machine the server gets the CPU. */
#include "tests/bench/load/run.h"

#include <stdio.h>
#include <sys/resource.h>

volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

static void raise_file_limit(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    struct options options;
    struct sigaction action = {.sa_handler = on_signal};
    if (!options_parse(&options, argc, argv))
        return 2;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    raise_file_limit();
    int result = options.idle > 0 ? run_idle(&options) : run_load(&options);
    options_clear(&options);
    return result;
}
