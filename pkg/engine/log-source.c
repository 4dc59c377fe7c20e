/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/log-source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/log.h"
#include "container/log-file.h"
#include "container/log-options.h"
#include "sys/file.h"
#include "sys/process.h"

/* How long the journal may take to hand out what it got before the container ended. */
#define JOURNAL_LAG_MS 500

struct log_source {
	const struct container *ctr;
	struct log_file *file; /* one of the two */
	struct log_journal *journal;
	bool follow;
	bool has_ended;
	bool is_at_end; /* there was nothing more */
	int monitor_fd; /* pidfd; -1: it has gone */
	int watch_fd;   /* inotify; -1: none */
	int poll_fd;    /* epoll of all */
};

/* Where the file is: its directory, and the name in *ret. */
static int find_file(const struct container *ctr, char **ret, struct error *err)
{
	struct log_options options;
	autofree char *folder = NULL;
	const char *slash;
	int r = log_options_parse(&ctr->record->log_options, &options, err);
	int fd;

	if (r < 0)
		return r;
	slash = options.path ? strrchr(options.path, '/') : NULL;
	if (slash)
		folder = xstrndup(options.path, (size_t)(slash - options.path) + 1);
	fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
		    : fcntl(ctr->dirfd, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return error_sys(err, errno, "log of container %.12s", ctr->record->id);
	*ret = xstrdup(slash ? slash + 1 : CONTAINER_LOG_FILE);
	return fd;
}

static void watch_dir(struct log_source *source, int dirfd)
{
	autofree char *path = xasprintf("/proc/self/fd/%d", dirfd);

	if (inotify_add_watch(source->watch_fd, path,
		    IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVE_SELF | IN_DELETE_SELF |
			    IN_ONLYDIR) < 0)
		log_debug("log of %.12s: no watch: %m", source->ctr->record->id);
}

static void add_to_poll(struct log_source *source, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};

	if (fd >= 0 && epoll_ctl(source->poll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		log_debug("log of %.12s: epoll: %m", source->ctr->record->id);
}

static int open_log_file(
	struct log_source *source, const struct log_source_options *options, struct error *err)
{
	autofree char *name = NULL;
	autoclose int dirfd = find_file(source->ctr, &name, err);
	int r;

	if (dirfd < 0)
		return dirfd;
	if (source->follow) {
		/* Before it is read: nothing may come in between. */
		watch_dir(source, dirfd);
		watch_dir(source, source->ctr->dirfd);
	}
	r = log_file_open(dirfd, name, &source->file, err);
	if (r == 0 && options->has_tail)
		r = log_file_tail(source->file, options->tail, err);
	return r;
}

/* Following needs to know of what happens: to the file, and to the container. */
static int prepare_follow(struct log_source *source, struct error *err)
{
	source->poll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (source->poll_fd < 0)
		return error_sys(err, errno, "epoll");
	source->monitor_fd = process_id_open(&source->ctr->state.monitor);
	source->has_ended = source->monitor_fd < 0;
	add_to_poll(source, source->monitor_fd);
	/* EMFILE: too many are watching; whoever polls us looks now and then anyway. */
	source->watch_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	add_to_poll(source, source->watch_fd);
	return 0;
}

int log_source_open(const struct container *ctr, const struct log_source_options *options,
	struct log_source **ret, struct error *err)
{
	AUTO(log_source_close) struct log_source *source = NULL;
	int r = 0;

	if (str_eq(ctr->record->log_driver, "none"))
		return error_set(err, ENOTSUP,
			"this container is using the 'none' log driver, cannot read logs: this "
			"container is not logging output");
	source = xnew(struct log_source);
	source->ctr = ctr;
	source->monitor_fd = source->watch_fd = source->poll_fd = -1;
	/* One that does not run gets no more. */
	source->follow = options->follow && container_is_monitored(ctr);
	source->has_ended = !source->follow;
	if (source->follow)
		r = prepare_follow(source, err);
	if (r < 0)
		return r;
	if (str_eq(ctr->record->log_driver, "journald")) {
		struct log_source_options journal = *options;

		journal.follow = source->follow;
		r = log_journal_open(ctr->record->id, &journal, &source->journal, err);
		if (r == 0 && source->follow)
			add_to_poll(source, log_journal_poll_fd(source->journal));
	} else {
		r = open_log_file(source, options, err);
	}
	if (r < 0)
		return r;
	*ret = take_ptr(source);
	return 0;
}

void log_source_close(struct log_source *source)
{
	if (!source)
		return;
	log_file_close(source->file);
	log_journal_close(source->journal);
	close_fd(&source->monitor_fd);
	close_fd(&source->watch_fd);
	close_fd(&source->poll_fd);
	free(source);
}

static void drain_watch(struct log_source *source)
{
	char events[4096];

	while (source->watch_fd >= 0 && read(source->watch_fd, events, sizeof(events)) > 0)
		continue;
}

int log_source_next(struct log_source *source, struct log_record *ret, struct error *err)
{
	struct epoll_event event;
	int r;

	/* Before it is looked at once more: what comes later makes it readable again. */
	if (source->is_at_end)
		drain_watch(source);
	r = source->file ? log_file_next(source->file, ret, err) : 0;
	source->is_at_end = r == 0;
	if (source->file)
		return r;
	r = log_journal_next(source->journal, ret, err);
	if (r != 0 || !source->has_ended || !source->follow)
		return r;
	/* The monitor's pidfd is readable from now on, but the journal may have more. */
	epoll_ctl(source->poll_fd, EPOLL_CTL_DEL, source->monitor_fd, NULL);
	if (epoll_wait(source->poll_fd, &event, 1, JOURNAL_LAG_MS) <= 0)
		return 0;
	return log_journal_next(source->journal, ret, err);
}

int log_source_poll_fd(const struct log_source *source)
{
	return source->poll_fd;
}

bool log_source_has_ended(struct log_source *source)
{
	autofree char *state = NULL;

	if (source->has_ended)
		return true;
	state = xasprintf("containers/%s/state.json", source->ctr->record->id);
	/* The monitor may live on for clients that are slow to read; its record says the end. */
	source->has_ended = pidfd_wait_end(source->monitor_fd, 0) != 0 ||
			    faccessat(source->ctr->store->runfd, state, F_OK, 0) < 0;
	return source->has_ended;
}
