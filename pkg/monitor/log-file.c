/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container/log-file.h"
#include "monitor/log-sink.h"
#include "sys/file.h"

struct file_sink {
	struct log_sink sink;
	int dirfd; /* where the file is made when there is something to write */
	char *name;
	char *rotated_name;
	int open_flags;
	int fd; /* -1: not yet */
	enum log_format format;
	uint64_t max_size_bytes; /* 0: no limit */
	uint64_t size_bytes;     /* of the file */
	struct strbuf out;       /* records that wait for flush() */
	int64_t time_ns;         /* what time says: lines that come together share it */
	char time[LOG_TIME_SIZE];
};

/* Most containers that run for a moment say nothing: a file for them would be work for nothing. */
static int open_file(struct file_sink *self)
{
	struct stat st;

	if (self->fd >= 0)
		return 0;
	self->fd = openat(self->dirfd, self->name, self->open_flags, 0600);
	if (self->fd < 0 || fstat(self->fd, &st) < 0)
		return -errno;
	self->size_bytes = (uint64_t)st.st_size;
	return 0;
}

/* Writes the first @len bytes of what waits. */
static int write_out(struct file_sink *self, size_t len)
{
	int r = len ? open_file(self) : 0;

	if (r == 0 && len)
		r = fd_write_all(self->fd, self->out.data, len);
	if (r == 0)
		self->size_bytes += len;
	/* What cannot be written is lost; what comes later may fit again. */
	if (len)
		memmove(self->out.data, self->out.data + len, self->out.len - len);
	self->out.len -= len;
	return r;
}

/* Readers go on in the new file once the name has left the old one: nothing may follow there. */
static int rotate(struct file_sink *self)
{
	if (renameat(self->dirfd, self->name, self->dirfd, self->rotated_name) < 0)
		return -errno;
	close_fd(&self->fd);
	self->size_bytes = 0;
	return 0;
}

static int add(struct log_sink *sink, const struct log_record *record)
{
	struct file_sink *self = (struct file_sink *)sink;
	size_t before = self->out.len;
	int r = 0;

	if (record->time_ns != self->time_ns) {
		log_record_time(self->format, record->time_ns, self->time);
		self->time_ns = record->time_ns;
	}
	log_record_format(&self->out, self->format, record, self->time);
	if (!self->max_size_bytes)
		return 0;
	r = open_file(self);
	if (r < 0 || self->size_bytes + self->out.len <= self->max_size_bytes)
		return r;
	r = before ? write_out(self, before) : 0;
	/* A record that is larger than the limit gets a file for itself. */
	return r < 0 || self->size_bytes == 0 ? r : rotate(self);
}

static int flush(struct log_sink *sink)
{
	struct file_sink *self = (struct file_sink *)sink;

	return write_out(self, self->out.len);
}

static void close_sink(struct log_sink *sink)
{
	struct file_sink *self = (struct file_sink *)sink;

	close_fd(&self->fd);
	close_fd(&self->dirfd);
	strbuf_release(&self->out);
	free(self->name);
	free(self->rotated_name);
	free(self);
}

/* The directory and the name that a path means. */
static int open_path(const char *path, char **ret_name, struct error *err)
{
	const char *slash = strrchr(path, '/');
	autofree char *folder = xstrndup(path, (size_t)(slash - path) + 1);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return error_sys(err, errno, "open directory %s", folder);
	*ret_name = xstrdup(slash + 1);
	return fd;
}

int log_file_sink_open(const struct log_target *target, enum log_format format,
	struct log_sink **ret, struct error *err)
{
	const struct log_options *options = &target->options;
	autofree char *name = NULL;
	struct file_sink *self;
	int dirfd;

	if (options->path) {
		dirfd = open_path(options->path, &name, err);
	} else {
		name = xstrdup(target->file);
		dirfd = fcntl(target->dirfd, F_DUPFD_CLOEXEC, 3);
		if (dirfd < 0)
			return error_sys(err, errno, "open %s", name);
	}
	if (dirfd < 0)
		return dirfd;
	self = xnew(struct file_sink);
	*self = (struct file_sink){
		.sink = {.add = add, .flush = flush, .close = close_sink},
		.dirfd = dirfd,
		.name = take_ptr(name),
		/* A path of the user's own may be a symlink. */
		.open_flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY |
			      (options->path ? 0 : O_NOFOLLOW),
		.fd = -1,
		.format = format,
		.max_size_bytes = options->max_size_bytes,
		.time_ns = -1,
	};
	self->rotated_name = xasprintf("%s" LOG_ROTATED_SUFFIX, self->name);
	*ret = &self->sink;
	return 0;
}
