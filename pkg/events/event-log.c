/* SPDX-License-Identifier: Apache-2.0 */
#include "events/event-log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "events/internal.h"

/* What a rotation makes on its way; left over when it was killed, and made anew by the next. */
#define NEW_FILE "events.log.new"
#define LINK_FILE "events.log.link"

#define GENERATION_PREFIX "{\"Generation\":"

uint64_t event_log_generation(const char *line, size_t len)
{
	char text[LOG_HEADER_MAX];
	const char *digits;
	uint64_t value;

	if (len < sizeof(GENERATION_PREFIX) || len >= sizeof(text) || line[len - 1] != '}')
		return 0;
	memcpy(text, line, len - 1);
	text[len - 1] = '\0';
	digits = str_after(text, GENERATION_PREFIX);
	return digits && str_to_u64(digits, 10, &value) == 0 ? value : 0;
}

static uint64_t read_generation(int dirfd)
{
	autoclose int fd = openat(dirfd, LOG_FILE, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char text[LOG_HEADER_MAX];
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text));
	const char *end = len > 0 ? memchr(text, '\n', (size_t)len) : NULL;

	return end ? event_log_generation(text, (size_t)(end - text)) : 0;
}

/* The next file, with its first line; nobody knows it yet. */
static int make_next(int dirfd)
{
	autofree char *header =
		xasprintf(GENERATION_PREFIX "%" PRIu64 "}\n", read_generation(dirfd) + 1);
	autoclose int fd = openat(dirfd, NEW_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t len = fd < 0 ? -1 : write(fd, header, strlen(header));

	return len == (ssize_t)strlen(header) ? 0 : -1;
}

/* Every name is replaced at once, so that there is a log at any moment, and a kill loses none. */
static int replace_files(int dirfd)
{
	if (make_next(dirfd) < 0)
		return -1;
	unlinkat(dirfd, LINK_FILE, 0);
	if (linkat(dirfd, LOG_FILE, dirfd, LINK_FILE, 0) < 0 ||
		renameat(dirfd, LINK_FILE, dirfd, LOG_OLD_FILE) < 0)
		return -1;
	/* A rename() between two names of one file, which a kill here left, does nothing. */
	unlinkat(dirfd, LINK_FILE, 0);
	return renameat(dirfd, NEW_FILE, dirfd, LOG_FILE);
}

/* Who holds the lock may be stopped: the log grows meanwhile, and the next writer tries again. */
static void rotate(int dirfd)
{
	autoclose int lock = openat(dirfd, LOG_LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct stat st;

	if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) < 0)
		return;
	/* Another writer has found the same, and was quicker. */
	if (fstatat(dirfd, LOG_FILE, &st, 0) < 0 || st.st_size <= EVENT_LOG_MAX)
		return;
	if (replace_files(dirfd) < 0)
		log_debug("event log: rotate: %m");
}

/* Returns 0 or an errno. */
static int append(int dirfd, const struct strbuf *lines)
{
	/* O_NONBLOCK: for what somebody has put there that is no file. */
	autoclose int fd = openat(
		dirfd, LOG_FILE, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
	ssize_t len = fd < 0 ? -1 : write(fd, lines->data, lines->len);

	if (len < 0)
		return errno;
	if ((size_t)len < lines->len) {
		/* Half a line must not swallow the next one. */
		ssize_t ignored = write(fd, "\n", 1);

		(void)ignored;
		return ENOSPC;
	}
	/* An append leaves the offset at the end of the file. */
	if (lseek(fd, 0, SEEK_CUR) > EVENT_LOG_MAX)
		rotate(dirfd);
	return 0;
}

void event_log_write(int dirfd, const struct event *events, size_t count)
{
	AUTO(strbuf_release) struct strbuf lines = STRBUF_INIT;
	int code;

	if (dirfd < 0 || count == 0)
		return;
	for (size_t i = 0; i < count; i++)
		event_add_line(&events[i], &lines);
	code = append(dirfd, &lines);
	if (code != 0)
		log_warn("event log: %s: \"%s %s\" is not in it", strerror(code),
			event_type_name(events[0].type), event_status_name(events[0].status));
}
