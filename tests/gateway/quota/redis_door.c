#include "tests/gateway/quota/redis_door.h"

#include "tests/auth/check.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX     16
#define COMMAND_BYTES 65536

static void become_server(const char *folder, int log)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || chdir(folder) != 0 || dup2(log, STDOUT_FILENO) < 0)
        _exit(1);
    execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", "socket", "--save", "", (char *)NULL);
    _exit(1);
}

/* It says so when it is ready: reading on waits for that, or for its end. */
static void wait_until_ready(int log)
{
    FILE *said = fdopen(log, "r");
    char line[512];

    assert_non_null(said);
    for (;;) {
        check(fgets(line, sizeof(line), said) != NULL, "redis-server ended, or is not installed");
        if (strstr(line, "Ready to accept connections") != NULL || strstr(line, "ready to accept connections") != NULL)
            break;
    }
    fclose(said);
}

void redis_door_open(struct redis_door *r)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int log[2];

    *r = (struct redis_door){.folder = "quota-redis-XXXXXX"};
    assert_non_null(mkdtemp(r->folder));
    assert_int_equal(pipe(log), 0);
    r->server = fork();
    assert_true(r->server >= 0);
    if (r->server == 0)
        become_server(r->folder, log[1]);
    close(log[1]);
    wait_until_ready(log[0]);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", r->folder);
    r->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(r->socket, (struct sockaddr *)&address, sizeof(address)), 0);
}

void redis_door_close(struct redis_door *r)
{
    char path[64];

    close(r->socket);
    kill(r->server, SIGKILL);
    waitpid(r->server, NULL, 0);
    snprintf(path, sizeof(path), "%s/socket", r->folder);
    unlink(path);
    assert_int_equal(rmdir(r->folder), 0);
}

static void read_line(struct redis_door *r, char line[REDIS_TEXT_BYTES])
{
    size_t len = 0;

    do {
        assert_in_range(len, 0, REDIS_TEXT_BYTES - 2);
        assert_int_equal(read(r->socket, line + len, 1), 1);
    } while (line[len++] != '\n');
    line[len - 2] = '\0';
}

static void read_text(struct redis_door *r, const char *length)
{
    size_t len = strtoul(length, NULL, 10), have = 0;

    assert_in_range(len, 0, REDIS_TEXT_BYTES - 3);
    while (have < len + 2) {
        ssize_t got = read(r->socket, r->text + have, len + 2 - have);
        assert_true(got > 0);
        have += (size_t)got;
    }
    r->text[len] = '\0';
}

static void read_answer(struct redis_door *r)
{
    char line[REDIS_TEXT_BYTES];

    read_line(r, line);
    r->type = line[0];
    r->len = r->type == '*' ? strtoul(line + 1, NULL, 10) : 0;
    assert_in_range(r->len, 0, REDIS_NUMBERS_MAX);
    for (size_t i = 0; i < r->len; i++) {
        char number[REDIS_TEXT_BYTES];
        read_line(r, number);
        assert_int_equal(number[0], ':');
        r->numbers[i] = strtoll(number + 1, NULL, 10);
    }
    if (r->type == ':')
        r->numbers[0] = strtoll(line + 1, NULL, 10);
    else if (strcmp(line, "$-1") == 0)
        r->type = '0';
    else if (r->type == '$')
        read_text(r, line + 1);
    else
        snprintf(r->text, sizeof(r->text), "%s", line + 1);
}

void redis_door_send(struct redis_door *r, const struct span *arguments, size_t len)
{
    static char command[COMMAND_BYTES];
    size_t used = (size_t)snprintf(command, sizeof(command), "*%zu\r\n", len);

    for (size_t i = 0; i < len; i++)
        used += (size_t)snprintf(command + used, sizeof(command) - used, "$%zu\r\n%.*s\r\n", arguments[i].len,
                                 (int)arguments[i].len, arguments[i].ptr);
    assert_in_range(used, 1, sizeof(command) - 1);
    assert_int_equal(write(r->socket, command, used), (ssize_t)used);
    read_answer(r);
}

void redis_door_command(struct redis_door *r, const char *words)
{
    struct span arguments[WORDS_MAX], rest = span_str(words);
    size_t len = 0;

    while (rest.len > 0 && len < WORDS_MAX)
        arguments[len++] = span_cut(rest, ' ', &rest);
    redis_door_send(r, arguments, len);
}
