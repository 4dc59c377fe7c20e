/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PULL_PROGRESS_H
#define PULL_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum progress_mode {
	PROGRESS_QUIET = 0, /* nothing at all */
	PROGRESS_LINES,     /* one line per finished transfer, for logs and pipes */
	PROGRESS_BARS,      /* several lines that are redrawn in place */
};

/* struct progress - transfers shown to a person while they run. */
struct progress;

/*
 * progress_new - start a display that writes to @fd, which is borrowed.
 * PROGRESS_BARS needs a terminal there: its size is asked for at every redraw.
 */
struct progress *progress_new(int fd, enum progress_mode mode);
/* Bars for a terminal, lines otherwise. */
enum progress_mode progress_mode_for(int fd);
/* Leaves what was drawn on the screen; unfinished bars stay as they were last. */
void progress_free(struct progress *progress);
DEFINE_AUTO(struct progress *, progress_free);

/*
 * progress_add - a new transfer below the others; returns its row for the calls below.
 * @kind: "blob" or "config";  @digest: what is transferred;  @size_bytes: 0 when unknown
 */
size_t progress_add(
	struct progress *progress, const char *kind, const char *digest, uint64_t size_bytes);
/* @done_bytes so far, resumed bytes included. Redraws at most some ten times a second. */
void progress_update(struct progress *progress, size_t row, uint64_t done_bytes);
/* @result: what stands behind the digest, "done" or "skipped: already exists". */
void progress_finish(struct progress *progress, size_t row, const char *result);
/* A whole line of text that stays above the bars; nothing when quiet. */
void progress_note(struct progress *progress, const char *format, ...) PRINTF_LIKE(2, 3);

/*
 * progress_format_bar - the text of one unfinished transfer, at most @width columns.
 * @rate: bytes per second, 0 when not known yet.  Owned by the caller.
 */
char *progress_format_bar(const char *kind, const char *digest, uint64_t done_bytes,
	uint64_t size_bytes, uint64_t rate, size_t width);

#endif
