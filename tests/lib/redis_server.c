/* See redis_server.h. */
#include "tests/lib/redis_server.h"

#include "gateway/net/redis_command.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 20000
#define LOOK_MS     10
#define TRIES       5

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "redis_server: %s\n", what);
    abort();
}

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

uint16_t redis_server_free_port(void)
{
    struct sockaddr_in a = loopback(0);
    socklen_t len = sizeof(a);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    must(bind(fd, (struct sockaddr *)&a, len) == 0 && getsockname(fd, (struct sockaddr *)&a, &len) == 0,
         "no free port");
    close(fd);
    return ntohs(a.sin_port);
}

/* Asking */

static bool send_words(int fd, const char *words)
{
    struct span all[REDIS_SERVER_WORDS_MAX], rest = span_str(words);
    struct buf command;
    size_t len = 0;

    buf_init(&command, 1 << 16);
    while (rest.len != 0 && len != REDIS_SERVER_WORDS_MAX)
        all[len++] = span_cut(rest, ' ', &rest);
    redis_command_encode(&command, all, len);
    bool ok = send(fd, command.ptr, command.len, MSG_NOSIGNAL) == (ssize_t)command.len;
    buf_clear(&command);
    return ok;
}

static char *receive(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    char *text = calloc(1, 65536);
    size_t len = 0;

    must(text != NULL, "no memory");
    for (int wait_ms = 2000; len < 65535 && poll(&p, 1, wait_ms) > 0; wait_ms = LOOK_MS) {
        ssize_t got = read(fd, text + len, 65535 - len);
        if (got <= 0)
            break;
        len += (size_t)got;
    }
    if (len != 0)
        return text;
    free(text);
    return NULL;
}

char *redis_server_ask(const struct redis_server *s, const char *words)
{
    struct sockaddr_in a = loopback(s->port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char auth[128], *reply = NULL;

    snprintf(auth, sizeof(auth), "AUTH %s", s->password == NULL ? "" : s->password);
    if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0) {
        bool is_in = true;
        if (s->password != NULL) {
            char *welcome = send_words(fd, auth) ? receive(fd) : NULL;
            is_in = welcome != NULL;
            free(welcome);
        }
        if (is_in && send_words(fd, words))
            reply = receive(fd);
    }
    close(fd);
    return reply;
}

static bool asks_as(const struct redis_server *s, const char *words, const char *part)
{
    char *reply = redis_server_ask(s, words);
    bool ok = reply != NULL && strstr(reply, part) != NULL;

    free(reply);
    return ok;
}

void redis_server_wait_for(const struct redis_server *s, const char *words, const char *part)
{
    for (int waited_ms = 0; !asks_as(s, words, part); waited_ms += LOOK_MS) {
        must(waited_ms < PATIENCE_MS, words);
        (void)poll(NULL, 0, LOOK_MS);
    }
}

/* Life */

static void exec_server(const struct redis_server *s, char *const *words)
{
    char log[96];

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    snprintf(log, sizeof(log), "%s/log", s->folder);
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    dup2(fd, 1);
    dup2(fd, 2);
    execvp(words[0], words);
    _exit(127);
}

static bool launch(struct redis_server *s)
{
    char port[8];
    const char *words[REDIS_SERVER_WORDS_MAX + 20] = {
        "redis-server", "--port", port,           "--bind", "127.0.0.1",   "--dir", s->folder, "--save", "",
        "--unixsocket", s->path,  "--appendonly", "no",     "--daemonize", "no"};
    char config[96];
    const char *sentinel[] = {"redis-server", config, "--sentinel", NULL};
    size_t len = 15;

    snprintf(port, sizeof(port), "%u", s->port);
    snprintf(config, sizeof(config), "%s/sentinel.conf", s->folder);
    for (size_t i = 0; s->options[i] != NULL; i++)
        words[len++] = s->options[i];
    s->pid = fork();
    must(s->pid >= 0, "no process");
    if (s->pid == 0)
        exec_server(s, (char *const *)(uintptr_t)(s->is_sentinel ? sentinel : words));
    for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms += LOOK_MS) {
        char *reply = redis_server_ask(s, "PING");
        bool is_there = reply != NULL;
        free(reply);
        if (is_there)
            return true;
        if (waitpid(s->pid, NULL, WNOHANG) != 0)
            return false;
        (void)poll(NULL, 0, LOOK_MS);
    }
    return false;
}

static void begin(struct redis_server *s)
{
    *s = (struct redis_server){.pid = 0};
    snprintf(s->folder, sizeof(s->folder), "%s/kgw-redis-XXXXXX", P_tmpdir);
    must(mkdtemp(s->folder) != NULL, "no folder");
    snprintf(s->path, sizeof(s->path), "%s/socket", s->folder);
}

static void take_port(struct redis_server *s)
{
    s->port = redis_server_free_port();
    snprintf(s->url, sizeof(s->url), "redis://127.0.0.1:%u", s->port);
}

void redis_server_start(struct redis_server *s, const char *const *options)
{
    begin(s);
    for (size_t i = 0; options != NULL && options[i] != NULL; i++) {
        s->options[i] = options[i];
        if (strcmp(options[i], "--requirepass") == 0)
            s->password = options[i + 1];
    }
    for (int i = 0; i != TRIES; i++) { /* somebody may have taken the port meanwhile */
        take_port(s);
        if (launch(s))
            return;
    }
    must(false, "redis-server does not start");
}

void redis_server_start_sentinel(struct redis_server *s, uint16_t master_port)
{
    char config[96];

    begin(s);
    s->is_sentinel = true;
    s->path[0] = '\0';
    take_port(s);
    snprintf(config, sizeof(config), "%s/sentinel.conf", s->folder);
    FILE *f = fopen(config, "w");
    must(f != NULL, "no configuration");
    fprintf(f,
            "port %u\nbind 127.0.0.1\ndir %s\nsentinel monitor main 127.0.0.1 %u 1\n"
            "sentinel down-after-milliseconds main 500\nsentinel failover-timeout main 2000\n",
            s->port, s->folder, master_port);
    fclose(f);
    must(launch(s), "the sentinel does not start");
}

void redis_server_kill(struct redis_server *s)
{
    if (s->pid <= 0)
        return;
    kill(s->pid, SIGKILL);
    waitpid(s->pid, NULL, 0);
    s->pid = 0;
}

void redis_server_restart(struct redis_server *s)
{
    redis_server_kill(s);
    must(launch(s), "redis-server does not start again");
}

void redis_server_freeze(struct redis_server *s)
{
    int status;

    kill(s->pid, SIGSTOP);
    must(waitpid(s->pid, &status, WUNTRACED) == s->pid && WIFSTOPPED(status), "it does not stop");
}

void redis_server_thaw(struct redis_server *s)
{
    kill(s->pid, SIGCONT);
}

void redis_server_clear(struct redis_server *s)
{
    char path[400];
    struct dirent *entry;

    redis_server_kill(s);
    DIR *folder = opendir(s->folder);
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        snprintf(path, sizeof(path), "%s/%s", s->folder, entry->d_name);
        (void)unlink(path);
    }
    if (folder != NULL)
        closedir(folder);
    rmdir(s->folder);
}
