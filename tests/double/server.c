/* Listeners, TLS, signals and the loop. */
#include "tests/double/world.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { BACKLOG = 1024, ACCEPTS_A_TURN = 64, REQUEST_BYTES_MAX = 64 << 20 };

static bool stop;

static void on_accept(h2o_socket_t *socket, const char *error)
{
    struct listener *listener = socket->data;
    struct world *world = listener->world;
    if (error != NULL)
        return;
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        h2o_socket_t *accepted = h2o_evloop_socket_accept(socket);
        if (accepted == NULL)
            return;
        if (listener != &world->control) {
            peers_add(&world->peers, accepted);
            if (faults_on_accept(&world->faults)) {
                peer_reset(accepted->on_close.data);
                h2o_socket_close(accepted);
                continue;
            }
        }
        h2o_accept(&listener->accept, accepted);
    }
}

/* Binds only: a listener that is closed on purpose keeps its port and refuses. */
static bool bind_listener(struct listener *listener)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(listener->port)};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(listener->fd, (struct sockaddr *)&address, size) != 0 ||
        getsockname(listener->fd, (struct sockaddr *)&address, &size) != 0)
        return false;
    listener->port = ntohs(address.sin_port);
    return true;
}

static bool listen_on(struct listener *listener)
{
    if (listen(listener->fd, BACKLOG) != 0)
        return false;
    listener->socket = h2o_evloop_socket_create(listener->world->context.loop, listener->fd, H2O_SOCKET_FLAG_DONT_READ);
    listener->socket->data = listener;
    h2o_socket_read_start(listener->socket, on_accept);
    return true;
}

static bool set_open(struct listener *listener, bool open)
{
    if (open == (listener->socket != NULL) || listener->accept.ctx == NULL)
        return true;
    if (open)
        return listen_on(listener);
    h2o_socket_close(listener->socket);
    listener->socket = NULL;
    return bind_listener(listener);
}

bool server_open(struct world *world, bool open)
{
    return set_open(&world->plain, open) && set_open(&world->tls, open);
}

static bool start_listener(struct world *world, struct listener *listener, h2o_hostconf_t **hosts, SSL_CTX *ssl)
{
    listener->world = world;
    listener->accept = (h2o_accept_ctx_t){.ctx = &world->context, .hosts = hosts, .ssl_ctx = ssl};
    return bind_listener(listener) && listen_on(listener);
}

static SSL_CTX *load_tls(const struct options *options)
{
    static const h2o_iovec_t protocols[] = {{(char *)"http/1.1", 8}, {NULL, 0}};
    SSL_CTX *ssl = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
    if (SSL_CTX_use_certificate_chain_file(ssl, options->certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(ssl, options->key, SSL_FILETYPE_PEM) != 1)
        return NULL;
    h2o_ssl_register_alpn_protocols(ssl, protocols);
    return ssl;
}

static void on_signal(h2o_socket_t *socket, const char *error)
{
    (void)socket;
    (void)error;
    stop = true;
}

static void watch_signals(struct world *world)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    int fd = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    world->signals = h2o_evloop_socket_create(world->context.loop, fd, H2O_SOCKET_FLAG_DONT_READ);
    h2o_socket_read_start(world->signals, on_signal);
}

bool server_start(struct world *world)
{
    static h2o_hostconf_t *data_hosts[2], *control_hosts[2];
    h2o_globalconf_t *config = &world->config;
    h2o_config_init(config);
    config->server_name = (h2o_iovec_t){NULL, 0};
    config->http1.upgrade_to_http2 = 0;
    config->http1.req_timeout = world->options.idle_ms;
    config->max_request_entity_size = REQUEST_BYTES_MAX;
    data_hosts[0] = h2o_config_register_host(config, h2o_iovec_init(H2O_STRLIT("data")), 65535);
    control_hosts[0] = h2o_config_register_host(config, h2o_iovec_init(H2O_STRLIT("control")), 65535);
    exchange_register(world, h2o_config_register_path(data_hosts[0], "/", 0));
    control_register(world, h2o_config_register_path(control_hosts[0], "/", 0));
    h2o_context_init(&world->context, h2o_evloop_create(), config);
    timers_init(&world->timers, world->context.loop);
    peers_init(&world->peers);
    exchange_init(world);
    watch_signals(world);

    SSL_CTX *ssl = world->options.certificate ? load_tls(&world->options) : NULL;
    if (world->options.certificate != NULL && (ssl == NULL || !start_listener(world, &world->tls, data_hosts, ssl)))
        return false;
    return start_listener(world, &world->plain, data_hosts, NULL) &&
           start_listener(world, &world->control, control_hosts, NULL);
}

void server_run(struct world *world)
{
    while (!stop)
        h2o_evloop_run(world->context.loop, INT32_MAX); /* -1 is EINTR: go on */
}
