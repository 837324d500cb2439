/*
 * The floor of the benchmark: an H2O handler that does nothing but answer. One thread, one SO_REUSEPORT listener on
 * loopback, HTTP/1.1 only, as the gateway serves, so that what the gateway costs above this is the gateway's own work.
 */
#include <arpa/inet.h>
#include <h2o.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ACCEPTS_A_TURN_MAX 16
#define BODY_BYTES_MAX     (16 << 20)
#define BACKLOG            4096

#define ANSWER                                                                                                         \
    "{\"ShardId\":\"shardId-000000000000\","                                                                           \
    "\"SequenceNumber\":\"49600000000000000000000000000000000000000000000000000001\",\"EncryptionType\":\"NONE\"}"

static h2o_globalconf_t config;
static h2o_context_t context;
static h2o_accept_ctx_t accept_context;
static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

static int on_request(h2o_handler_t *self, h2o_req_t *req)
{
    static h2o_generator_t generator = {NULL, NULL};
    (void)self;
    if (!h2o_memis(req->method.base, req->method.len, H2O_STRLIT("POST")))
        return -1;
    h2o_iovec_t body = h2o_iovec_init(H2O_STRLIT(ANSWER));
    req->res.status = 200;
    req->res.reason = "OK";
    req->res.content_length = body.len;
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL, H2O_STRLIT("application/json"));
    h2o_start_response(req, &generator);
    h2o_send(req, &body, 1, H2O_SEND_STATE_FINAL);
    return 0;
}

static void on_accept(h2o_socket_t *listener, const char *error)
{
    if (error != NULL)
        return;
    for (int i = 0; i < ACCEPTS_A_TURN_MAX; i++) {
        h2o_socket_t *socket = h2o_evloop_socket_accept(listener);
        if (socket == NULL)
            return;
        h2o_accept(&accept_context, socket);
    }
}

static int listen_on_loopback(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
        perror("bench_empty: listen");
        exit(1);
    }
    *port = ntohs(address.sin_port);
    return fd;
}

static void configure(void)
{
    h2o_config_init(&config);
    config.max_request_entity_size = BODY_BYTES_MAX;
    config.http1.upgrade_to_http2 = 0;
    h2o_hostconf_t *host = h2o_config_register_host(&config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    h2o_handler_t *handler = h2o_create_handler(path, sizeof *handler);
    handler->on_req = on_request;
    h2o_context_init(&context, h2o_evloop_create(), &config);
    accept_context.ctx = &context;
    accept_context.hosts = config.hosts;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        fprintf(stderr, "usage: %s\nAnswers every POST with a fixed 200; prints {\"port\":N}; SIGTERM ends it.\n",
                argv[0]);
        return 2;
    }
    int port;
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    configure();
    int fd = listen_on_loopback(&port);
    h2o_socket_t *listener = h2o_evloop_socket_create(context.loop, fd, H2O_SOCKET_FLAG_DONT_READ);
    h2o_socket_read_start(listener, on_accept);
    printf("{\"port\":%d}\n", port);
    fflush(stdout);
    while (!stopped)
        h2o_evloop_run(context.loop, 200); /* -1 on EINTR is how SIGTERM shows */
    return 0;
}
