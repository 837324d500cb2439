#include "tests/gateway/cli/run.h"

#define ARGUMENTS_MAX 32

int run_begin(void **state)
{
    struct run *r = calloc(1, sizeof(*r));

    scratch_begin(&r->scratch);
    *state = r;
    return 0;
}

int run_end(void **state)
{
    struct run *r = *state;

    scratch_end(&r->scratch);
    free(r);
    return 0;
}

static int redirect(struct run *r, int fd, const char *name)
{
    int kept = dup(fd), file = open(scratch_path(&r->scratch, name), O_RDWR | O_CREAT | O_TRUNC, 0600);

    assert_true(kept >= 0 && file >= 0 && dup2(file, fd) == fd);
    close(file);
    return kept;
}

static void restore(int fd, int kept, char *text, size_t bytes)
{
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    ssize_t len = read(fd, text, bytes - 1);
    assert_true(len >= 0);
    text[len] = '\0';
    assert_int_equal(dup2(kept, fd), fd);
    close(kept);
}

int run_command(struct run *r, int (*command)(int argc, char **argv), const char *line)
{
    char text[4096], *argv[ARGUMENTS_MAX + 1], *rest = text;
    int argc = 0;

    assert_true(snprintf(text, sizeof(text), "%s", line) < (int)sizeof(text));
    while (argc < ARGUMENTS_MAX && (argv[argc] = strsep(&rest, " ")) != NULL)
        argc++;
    argv[argc] = NULL;
    fflush(NULL);
    int out = redirect(r, STDOUT_FILENO, "out"), err = redirect(r, STDERR_FILENO, "err");
    int status = command(argc, argv);
    fflush(NULL);
    restore(STDERR_FILENO, err, r->err, sizeof(r->err));
    restore(STDOUT_FILENO, out, r->out, sizeof(r->out));
    return status;
}
