/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journald's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): a datagram per record, a line
 * NAME=value per field. The text of a record has no newline, so nothing else is needed of it. The
 * fields are those that podman's logs have, so that either tool reads what the other wrote.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "monitor/log-sink.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#define SHORT_ID_LEN 12
#define PRIORITY_STDOUT 6 /* info */
#define PRIORITY_STDERR 3 /* error */
/* A journal that is stuck must not hold the container up for ever. */
#define SEND_TIMEOUT_S 2

struct journal_sink {
	struct log_sink sink;
	int fd;
	struct sockaddr_un address;
	bool is_stuck; /* it took too long last time: records are lost until it takes one again */
	char *fields;  /* that all records have */
	struct strbuf message;
};

/* To the address each time: a journal that was begun anew has another socket of the same name. */
static int send_message(const struct journal_sink *self)
{
	ssize_t sent;

	do {
		sent = sendto(self->fd, self->message.data, self->message.len,
			MSG_NOSIGNAL | (self->is_stuck ? MSG_DONTWAIT : 0),
			(const struct sockaddr *)&self->address, sizeof(self->address));
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

static int add(struct log_sink *sink, const struct log_record *record)
{
	struct journal_sink *self = (struct journal_sink *)sink;
	struct strbuf *message = &self->message;
	int r;

	message->len = 0;
	strbuf_adds(message, self->fields);
	strbuf_addf(message, "PRIORITY=%d\n",
		record->stream == LOG_STREAM_STDERR ? PRIORITY_STDERR : PRIORITY_STDOUT);
	if (!record->is_full)
		strbuf_adds(message, "CONTAINER_PARTIAL_MESSAGE=true\n");
	strbuf_adds(message, "MESSAGE=");
	strbuf_add(message, record->text, record->len);
	strbuf_addc(message, '\n');
	r = send_message(self);
	self->is_stuck = r == -EAGAIN;
	return r;
}

static int flush(struct log_sink *sink)
{
	(void)sink;
	return 0;
}

static void close_sink(struct log_sink *sink)
{
	struct journal_sink *self = (struct journal_sink *)sink;

	close_fd(&self->fd);
	free(self->fields);
	strbuf_release(&self->message);
	free(self);
}

/* At most @max bytes of a value; a newline would begin another field. */
static void add_field(struct strbuf *fields, const char *name, const char *value, size_t max)
{
	size_t len = strcspn(value, "\n");

	strbuf_addf(fields, "%s=", name);
	strbuf_add(fields, value, len < max ? len : max);
	strbuf_addc(fields, '\n');
}

static char *common_fields(const struct log_target *target)
{
	struct strbuf fields = STRBUF_INIT;

	add_field(&fields, "CONTAINER_ID", target->id, SHORT_ID_LEN);
	add_field(&fields, "CONTAINER_ID_FULL", target->id, SIZE_MAX);
	add_field(&fields, "CONTAINER_NAME", target->name, SIZE_MAX);
	if (target->options.tag) {
		add_field(&fields, "SYSLOG_IDENTIFIER", target->options.tag, SIZE_MAX);
		add_field(&fields, "CONTAINER_TAG", target->options.tag, SIZE_MAX);
	} else {
		add_field(&fields, "SYSLOG_IDENTIFIER", target->id, SHORT_ID_LEN);
	}
	return strbuf_take(&fields);
}

static int open_socket(const struct sockaddr_un *address, struct error *err)
{
	struct timeval timeout = {.tv_sec = SEND_TIMEOUT_S};
	autoclose int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	autoclose int probe = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || probe < 0)
		return error_sys(err, errno, "socket");
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if (connect(probe, (const struct sockaddr *)address, sizeof(*address)) < 0)
		return error_sys(err, errno, "driver journald needs systemd's journal, %s",
			address->sun_path);
	return take_fd(fd);
}

int log_journal_sink_open(const struct log_target *target, struct log_sink **ret, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct journal_sink *self;
	int fd;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s",
		target->journal_socket ? target->journal_socket : JOURNAL_SOCKET);
	fd = open_socket(&address, err);
	if (fd < 0)
		return fd;
	self = xnew(struct journal_sink);
	*self = (struct journal_sink){
		.sink = {.add = add, .flush = flush, .close = close_sink},
		.fd = fd,
		.address = address,
		.fields = common_fields(target),
	};
	*ret = &self->sink;
	return 0;
}
