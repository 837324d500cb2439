/*
 * The log: JSON lines. A thread that must not block formats a line into its own bounded ring; one writer thread takes
 * lines from the rings to the file. A full ring drops the line and counts it. No function here takes a struct secret.
 */
#ifndef KGW_BASE_LOG_H
#define KGW_BASE_LOG_H

#include "auth/bytes.h"

struct log;
struct log_ring;

#define LOG_LINE_BYTES_MAX 4096

/* Opens `path` for appending ("-": standard output) and starts the writer. NULL with errno set on failure. */
struct log *log_new(const char *path);
/* Writes what the rings hold, giving up after `timeout_ms` if nobody reads, and ends the writer. Rings are freed too.
 */
void log_free(struct log **l, uint32_t timeout_ms);
/* The same without freeing: for a process that ends while others still write to their rings. */
void log_finish(struct log *l, uint32_t timeout_ms);
void log_reopen(struct log *l); /* after rotation; lines that are being written go to the old file still */

/* A ring of `bytes` (a power of two) for one producing thread; before log_free(). NULL: out of memory. */
struct log_ring *log_ring_new(struct log *l, size_t bytes);
/* Adds one whole line, without its end; never blocks. The producing thread only. */
void log_ring_write(struct log_ring *r, struct span line);
void log_ring_flush(struct log_ring *r);             /* at a turn's end: lets the writer see what was added */
uint64_t log_ring_dropped(const struct log_ring *r); /* lines dropped so far; the producing thread only */

/* An event of the process: {"time":…,"event":NAME,…members}. `members` is JSON without braces, or empty. */
void log_event(struct log_ring *r, int64_t unix_ms, const char *event, struct span members);
void log_append_time(struct buf *b, int64_t unix_ms); /* RFC 3339, UTC, milliseconds */

#endif
