/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/progress.h"

#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/str.h"
#include "format/human.h"
#include "sys/file.h"

/*
 * How the bars are drawn: each frame is one write() that moves the cursor up to the first live
 * line, rewrites every line and erases what is left of its old text; nothing is cleared first,
 * so nothing flickers. Rows that are finished and stand above all unfinished ones are written
 * a last time and then belong to the scrollback. Lines are cut below the width of the terminal,
 * for a wrapped line would make the way up longer than the count of rows.
 */

#define FRAME_NS (80 * 1000000LL)
#define SHORT_DIGEST_LEN 12
#define BAR_MIN_WIDTH 10
#define BAR_MAX_WIDTH 40
#define FIGURE_WIDTH 7 /* "12.3 MB" */
#define RATE_WIDTH (3 + FIGURE_WIDTH + 2)
/* Where the terminal does not tell its size. */
#define DEFAULT_WIDTH 80
#define DEFAULT_HEIGHT 24

struct row {
	char *kind;
	char *digest;
	char *result; /* NULL while it runs */
	uint64_t size_bytes;
	uint64_t done_bytes;
	uint64_t first_bytes; /* done when it was first reported: resumed bytes have no rate */
	int64_t begin_ns;
	bool has_begun;
};

struct progress {
	int fd;
	enum progress_mode mode;
	struct row *rows;
	size_t count;
	size_t settled;    /* rows above the live ones, never drawn again */
	size_t live_lines; /* lines of the last frame, the cursor is below them */
	int64_t frame_ns;  /* when it was drawn */
};

struct progress *progress_new(int fd, enum progress_mode mode)
{
	struct progress *progress = xnew(struct progress);

	progress->fd = fd;
	progress->mode = mode;
	return progress;
}

enum progress_mode progress_mode_for(int fd)
{
	return isatty(fd) ? PROGRESS_BARS : PROGRESS_LINES;
}

static const char *short_digest(const char *digest)
{
	return digest_is_valid(digest) ? digest_hex(digest) : digest;
}

static uint64_t row_rate(const struct row *row, int64_t now_ns)
{
	int64_t span_ns = now_ns - row->begin_ns;

	if (!row->has_begun || span_ns < FRAME_NS)
		return 0;
	return (uint64_t)((double)(row->done_bytes - row->first_bytes) * 1e9 / (double)span_ns);
}

static void add_bar(struct strbuf *buf, uint64_t done, uint64_t size, size_t width)
{
	size_t filled = size ? (size_t)((double)done / (double)size * (double)width) : 0;

	if (filled > width)
		filled = width;
	strbuf_addc(buf, '[');
	for (size_t i = 0; i < width; i++)
		strbuf_addc(buf, i + 1 < filled ? '=' : i < filled ? '>' : '-');
	strbuf_addc(buf, ']');
}

/* Columns of a fixed width, so that the bars between do not change their length all the time. */
static void add_figures(struct strbuf *buf, uint64_t done, uint64_t size, uint64_t rate)
{
	autofree char *done_text = human_size(done, HUMAN_SIZE_SPACED);
	autofree char *size_text = human_size(size, HUMAN_SIZE_SPACED);
	autofree char *rate_text = human_size(rate, HUMAN_SIZE_SPACED);

	strbuf_addf(buf, "%*s", FIGURE_WIDTH, done_text);
	if (size)
		strbuf_addf(buf, " / %s", size_text);
	if (rate)
		strbuf_addf(buf, " | %*s/s", FIGURE_WIDTH, rate_text);
}

char *progress_format_bar(const char *kind, const char *digest, uint64_t done_bytes,
	uint64_t size_bytes, uint64_t rate, size_t width)
{
	AUTO(strbuf_release) struct strbuf line = STRBUF_INIT;
	AUTO(strbuf_release) struct strbuf tail = STRBUF_INIT;
	size_t tail_len, bar_width;

	strbuf_addf(&line, "Copying %s %.*s ", kind, SHORT_DIGEST_LEN, short_digest(digest));
	add_figures(&tail, done_bytes, size_bytes, rate);
	/* The rate is not known at first; its place is kept. */
	tail_len = tail.len + (rate ? 0 : RATE_WIDTH);
	/* Brackets and a blank. */
	bar_width = line.len + tail_len + 3 < width ? width - line.len - tail_len - 3 : 0;
	if (bar_width > BAR_MAX_WIDTH)
		bar_width = BAR_MAX_WIDTH;
	if (size_bytes && bar_width >= BAR_MIN_WIDTH) {
		add_bar(&line, done_bytes, size_bytes, bar_width);
		strbuf_addc(&line, ' ');
	}
	strbuf_adds(&line, strbuf_get(&tail));
	if (line.len > width)
		line.data[width] = '\0';
	return strbuf_take(&line);
}

static char *format_row(const struct row *row, int64_t now_ns, size_t width)
{
	char *text;

	if (!row->result)
		return progress_format_bar(row->kind, row->digest, row->done_bytes, row->size_bytes,
			row_rate(row, now_ns), width);
	text = xasprintf("Copying %s %.*s %s", row->kind, SHORT_DIGEST_LEN,
		short_digest(row->digest), row->result);
	if (strlen(text) > width)
		text[width] = '\0';
	return text;
}

static void terminal_size(int fd, size_t *ret_width, size_t *ret_height)
{
	struct winsize size = {0};

	if (ioctl(fd, TIOCGWINSZ, &size) < 0)
		size = (struct winsize){0};
	*ret_width = size.ws_col > 1 ? size.ws_col : DEFAULT_WIDTH;
	*ret_height = size.ws_row > 1 ? size.ws_row : DEFAULT_HEIGHT;
}

static void add_line(struct strbuf *frame, const char *text)
{
	strbuf_adds(frame, text);
	strbuf_adds(frame, "\033[K\n");
}

/* @note: a line to be put above the live rows, or NULL. */
static void draw(struct progress *progress, const char *note)
{
	AUTO(strbuf_release) struct strbuf frame = STRBUF_INIT;
	int64_t now_ns = clock_monotonic_ns();
	size_t width, height, lines = 0;

	terminal_size(progress->fd, &width, &height);
	if (progress->live_lines > 0)
		strbuf_addf(&frame, "\033[%zuA\r", progress->live_lines);
	if (note)
		add_line(&frame, note);
	for (size_t i = progress->settled; i < progress->count && lines < height - 1; i++) {
		autofree char *text = format_row(&progress->rows[i], now_ns, width - 1);

		add_line(&frame, text);
		if (i == progress->settled && progress->rows[i].result)
			progress->settled++;
		else
			lines++;
	}
	strbuf_adds(&frame, "\033[J");
	progress->live_lines = lines;
	progress->frame_ns = now_ns;
	/* A display that cannot be written to must not end the work it shows. */
	(void)fd_write_all(progress->fd, frame.data, frame.len);
}

size_t progress_add(
	struct progress *progress, const char *kind, const char *digest, uint64_t size_bytes)
{
	progress->rows = list_grow(progress->rows, progress->count, sizeof(*progress->rows));
	progress->rows[progress->count] = (struct row){
		.kind = xstrdup(kind),
		.digest = xstrdup(digest),
		.size_bytes = size_bytes,
	};
	if (progress->mode == PROGRESS_BARS) {
		progress->count++;
		draw(progress, NULL);
		return progress->count - 1;
	}
	return progress->count++;
}

void progress_update(struct progress *progress, size_t row, uint64_t done_bytes)
{
	struct row *item = &progress->rows[row];
	int64_t now_ns;

	item->done_bytes = done_bytes;
	if (progress->mode != PROGRESS_BARS)
		return;
	now_ns = clock_monotonic_ns();
	if (!item->has_begun || done_bytes < item->first_bytes) {
		item->has_begun = true;
		item->first_bytes = done_bytes;
		item->begin_ns = now_ns;
	}
	if (now_ns - progress->frame_ns >= FRAME_NS)
		draw(progress, NULL);
}

void progress_finish(struct progress *progress, size_t row, const char *result)
{
	struct row *item = &progress->rows[row];

	free(item->result);
	item->result = xstrdup(result);
	if (progress->mode == PROGRESS_BARS) {
		draw(progress, NULL);
	} else if (progress->mode == PROGRESS_LINES) {
		autofree char *line =
			xasprintf("Copying %s %s %s\n", item->kind, item->digest, result);

		(void)fd_write_all(progress->fd, line, strlen(line));
	}
}

void progress_note(struct progress *progress, const char *format, ...)
{
	AUTO(strbuf_release) struct strbuf line = STRBUF_INIT;
	va_list args;

	if (progress->mode == PROGRESS_QUIET)
		return;
	va_start(args, format);
	strbuf_vaddf(&line, format, args);
	va_end(args);
	if (progress->mode == PROGRESS_BARS) {
		draw(progress, strbuf_get(&line));
		return;
	}
	strbuf_addc(&line, '\n');
	(void)fd_write_all(progress->fd, line.data, line.len);
}

void progress_free(struct progress *progress)
{
	if (!progress)
		return;
	if (progress->mode == PROGRESS_BARS && progress->live_lines > 0)
		draw(progress, NULL);
	for (size_t i = 0; i < progress->count; i++) {
		free(progress->rows[i].kind);
		free(progress->rows[i].digest);
		free(progress->rows[i].result);
	}
	free(progress->rows);
	free(progress);
}
