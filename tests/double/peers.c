/* The connections there are, and the rude things one can do to their TCP. */
#include "tests/double/peers.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

void peers_init(struct peers *peers)
{
    *peers = (struct peers){0};
    h2o_linklist_init_anchor(&peers->list);
}

static void on_close(void *data)
{
    struct peer *peer = data;
    timer_cancel(&peer->idle_timer);
    h2o_linklist_unlink(&peer->link);
    peer->peers->open--;
    free(peer);
}

void peers_add(struct peers *peers, h2o_socket_t *socket)
{
    struct peer *peer = calloc(1, sizeof *peer);
    peer->peers = peers;
    peer->socket = socket;
    h2o_linklist_insert(&peers->list, &peer->link);
    peers->accepted++;
    peers->open++;
    socket->on_close.cb = on_close;
    socket->on_close.data = peer;
}

void peers_drop_all(struct peers *peers)
{
    for (h2o_linklist_t *link = peers->list.next; link != &peers->list; link = link->next)
        shutdown(peer_fd(H2O_STRUCT_FROM_MEMBER(struct peer, link, link)), SHUT_RDWR);
}

struct peer *peer_of(h2o_req_t *req)
{
    return req->conn->callbacks->get_socket(req->conn)->on_close.data;
}

int peer_fd(const struct peer *peer)
{
    return h2o_socket_get_fd(peer->socket);
}

bool peer_is_gone(const struct peer *peer)
{
    struct tcp_info info;
    socklen_t size = sizeof info;
    if (getsockopt(peer_fd(peer), IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
        return true;
    return info.tcpi_state != TCP_ESTABLISHED;
}

void peer_reset(const struct peer *peer)
{
    /* connect(2): "AF_UNSPEC dissolves the association"; on an established TCP socket Linux sends a reset */
    struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    connect(peer_fd(peer), &nowhere, sizeof nowhere);
}

void peer_hang_up(const struct peer *peer)
{
    shutdown(peer_fd(peer), SHUT_RDWR);
}
