/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the journal takes libsystemd, which would have to be loaded; where there is a journal
 * there is journalctl, which has it. It prints one JSON object per record.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/json.h"
#include "engine/log-source.h"
#include "sys/process.h"

#define CHUNK 65536
#define PRIORITY_STDERR "3"

struct log_journal {
	pid_t pid; /* of journalctl */
	int fd;    /* what it prints */
	bool follow;
	struct strbuf buf;
	size_t start; /* of what was not handed out yet */
};

static char *since_text(int64_t ns)
{
	return xasprintf("--since=@%" PRId64 ".%06" PRId64, ns / 1000000000, ns / 1000 % 1000000);
}

static char **make_argv(const char *id, const struct log_source_options *options)
{
	static const char *const fixed[] = {
		"journalctl", "--quiet", "--no-pager", "--all", "--output=json"};
	char **argv = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		strv_add(&argv, fixed[i]);
	if (options->has_tail)
		strv_take(&argv, xasprintf("--lines=%" PRIu64, options->tail));
	else if (options->follow)
		strv_add(&argv, "--lines=all");
	if (options->since_ns)
		strv_take(&argv, since_text(options->since_ns));
	if (options->follow)
		strv_add(&argv, "--follow");
	strv_take(&argv, xasprintf("CONTAINER_ID_FULL=%s", id));
	return argv;
}

int log_journal_open(const char *id, const struct log_source_options *options,
	struct log_journal **ret, struct error *err)
{
	AUTO(strv_free) char **argv = make_argv(id, options);
	struct process_spawn how = {.path = argv[0], .argv = argv, .stdin_fd = -1, .stderr_fd = -1};
	struct log_journal *journal;
	int ends[2];
	pid_t pid;
	int r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_sys(err, errno, "pipe");
	how.stdout_fd = ends[1];
	r = process_spawn(&how, &pid, NULL, err);
	close(ends[1]);
	if (r < 0) {
		close(ends[0]);
		return error_wrap(err, r, "read the journal");
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	journal = xnew(struct log_journal);
	journal->pid = pid;
	journal->fd = ends[0];
	journal->follow = options->follow;
	*ret = journal;
	return 0;
}

void log_journal_close(struct log_journal *journal)
{
	if (!journal)
		return;
	close_fd(&journal->fd);
	/* Ours, and not waited for yet, so the number is still its own. */
	kill(journal->pid, SIGTERM);
	process_wait(journal->pid);
	strbuf_release(&journal->buf);
	free(journal);
}

int log_journal_poll_fd(const struct log_journal *journal)
{
	return journal->fd;
}

/* Text, or a list of bytes where it is none; owned by the caller. */
static char *message_text(struct json_object *value, size_t *ret_len)
{
	size_t count;
	char *bytes;

	if (json_object_is_type(value, json_type_string)) {
		*ret_len = (size_t)json_object_get_string_len(value);
		return xmemdup(json_object_get_string(value), *ret_len + 1);
	}
	count = json_object_is_type(value, json_type_array) ? json_object_array_length(value) : 0;
	bytes = xmalloc(count + 1);
	for (size_t i = 0; i < count; i++)
		bytes[i] = (char)json_object_get_int(json_object_array_get_idx(value, i));
	bytes[count] = '\0';
	*ret_len = count;
	return bytes;
}

static int parse(const char *line, size_t len, struct log_record *ret)
{
	AUTO(json_free) struct json_object *obj = NULL;
	const char *time, *partial;
	uint64_t time_us;

	if (json_parse(line, len, &obj, NULL) < 0)
		return -EBADMSG;
	time = json_get_string(obj, "__REALTIME_TIMESTAMP");
	partial = json_get_string(obj, "CONTAINER_PARTIAL_MESSAGE");
	if (!time || str_to_u64(time, 10, &time_us) < 0 || time_us > INT64_MAX / 1000)
		return -EBADMSG;
	*ret = (struct log_record){
		.time_ns = (int64_t)time_us * 1000,
		.stream = str_eq(json_get_string(obj, "PRIORITY"), PRIORITY_STDERR)
				  ? LOG_STREAM_STDERR
				  : LOG_STREAM_STDOUT,
		.is_full = !str_eq(partial, "true"),
	};
	ret->owned = message_text(json_get(obj, "MESSAGE"), &ret->len);
	ret->text = ret->owned;
	return 0;
}

/* As read(): -EAGAIN when there is nothing now, which only those who follow get to see. */
static ssize_t fill(struct log_journal *journal)
{
	char chunk[CHUNK];
	ssize_t got;

	if (journal->start > 0) {
		memmove(journal->buf.data, journal->buf.data + journal->start,
			journal->buf.len - journal->start);
		journal->buf.len -= journal->start;
		journal->start = 0;
	}
	do {
		struct pollfd pfd = {journal->fd, POLLIN, 0};

		if (!journal->follow)
			poll(&pfd, 1, -1);
		got = read(journal->fd, chunk, sizeof(chunk));
	} while (got < 0 && errno == EINTR);
	if (got > 0)
		strbuf_add(&journal->buf, chunk, (size_t)got);
	return got < 0 ? -errno : got;
}

int log_journal_next(struct log_journal *journal, struct log_record *ret, struct error *err)
{
	for (;;) {
		const char *at = strbuf_get(&journal->buf) + journal->start;
		size_t have = journal->buf.len - journal->start;
		const char *end = have ? memchr(at, '\n', have) : NULL;
		ssize_t got;

		if (end) {
			journal->start += (size_t)(end - at) + 1;
			if (parse(at, (size_t)(end - at), ret) == 0)
				return 1;
			continue;
		}
		/* Each byte may be four digits and a comma. */
		if (have > LOG_RECORD_MAX_BYTES * 4)
			return error_set(err, EBADMSG, "journalctl prints a line without end");
		got = fill(journal);
		if (got == 0 || got == -EAGAIN)
			return 0;
		if (got < 0)
			return error_sys(err, (int)-got, "read the journal");
	}
}
