/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/relay.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "container/attach.h"
#include "monitor/relay-client.h"
#include "monitor/relay-input.h"
#include "sys/clone.h"
#include "sys/process.h"

#define CHUNK ATTACH_MAX_PAYLOAD
/* Clients hear that their input has been taken when so little of it waits. */
#define STDIN_LOW_MARK ((size_t)ATTACH_STDIN_WINDOW / 2)
#define MAX_CLIENTS 64
#define EXIT_CODE_ENGINE 125
#define STALL_LOOK_MS 1000
#define LOG_REST_MS 200
#define TTY_BUSY_NS 1000000
#define TTY_GATHER_NS 300000
#define TTY_BUFFER ((size_t)128 << 10) /* more than the kernel holds for a terminal */

struct relay {
	struct relay_options options;
	struct relay_client clients[MAX_CLIENTS];
	size_t client_count;
	struct relay_input input;
	struct attach_writer last; /* what all clients hear at the end */
	bool has_exited;
	struct relay_watch *watches[RELAY_MAX_WATCHES];
	size_t watch_count;
	uint64_t sent_signals;  /* see relay_sent_signals() */
	int64_t last_output_ns; /* of a terminal; monotonic clock */
	int64_t rest_since_ns;  /* since when an unfinished line is not in the log; 0: there is none
				 */
};

static void set_nonblocking(int fd)
{
	if (fd >= 0)
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

struct relay *relay_new(const struct relay_options *options)
{
	struct relay *relay = xnew(struct relay);

	relay->options = *options;
	relay->input = (struct relay_input){.fd = options->stdin_fd, .is_tty = options->tty};
	if (options->tty) {
		/* One descriptor serves both ways. */
		relay->options.output_fds[0] = options->console_fd;
		relay->options.output_fds[1] = -1;
		relay->input.fd = options->console_fd < 0
					  ? -1
					  : fcntl(options->console_fd, F_DUPFD_CLOEXEC, 3);
	}
	set_nonblocking(relay->options.output_fds[0]);
	set_nonblocking(relay->options.output_fds[1]);
	set_nonblocking(relay->input.fd);
	return relay;
}

void relay_free(struct relay *relay)
{
	if (!relay)
		return;
	for (size_t i = 0; i < relay->client_count; i++)
		relay_client_release(&relay->clients[i]);
	attach_writer_release(&relay->last);
	close_fd(&relay->options.output_fds[0]);
	close_fd(&relay->options.output_fds[1]);
	close_fd(&relay->options.listen_fd);
	relay_input_release(&relay->input);
	free(relay);
}

static struct relay_client *add_client(struct relay *relay, int fd)
{
	struct relay_client *client = &relay->clients[relay->client_count++];

	*client = (struct relay_client)RELAY_CLIENT_INIT;
	client->fd = fd;
	return client;
}

void relay_add_client(struct relay *relay, int fd, bool owns_stdin)
{
	add_client(relay, fd)->owns_stdin = owns_stdin;
}

void relay_watch(struct relay *relay, struct relay_watch *watch)
{
	assert(relay->watch_count < RELAY_MAX_WATCHES);
	relay->watches[relay->watch_count++] = watch;
}

static void drop_client(struct relay *relay, struct relay_client *client)
{
	client->is_gone = true;
	close_fd(&client->fd);
	/* docker's StdinOnce: whoever started it fed it, and nobody will go on. */
	if (client->owns_stdin)
		relay_input_end(&relay->input);
}

static void forget_gone_clients(struct relay *relay)
{
	size_t kept = 0;

	for (size_t i = 0; i < relay->client_count; i++) {
		struct relay_client *client = &relay->clients[i];

		if (client->is_gone)
			relay_client_release(client);
		else
			relay->clients[kept++] = *client;
	}
	relay->client_count = kept;
}

/* A program draws its screen anew on SIGWINCH, for which there has to be a change. */
static void redraw(const struct relay *relay)
{
	struct winsize size = {0}, other;

	if (!relay->options.tty || ioctl(relay->input.fd, TIOCGWINSZ, &size) < 0)
		return;
	other = size;
	other.ws_row++;
	ioctl(relay->input.fd, TIOCSWINSZ, &other);
	ioctl(relay->input.fd, TIOCSWINSZ, &size);
}

static void flush_client(struct relay *relay, struct relay_client *client)
{
	int r = client->is_gone ? 0 : relay_client_flush(client);

	if (r < 0)
		drop_client(relay, client);
	else if (r > 0)
		redraw(relay);
}

/* A frame for everybody. */
static void broadcast(struct relay *relay, enum attach_type type, const char *data, size_t len)
{
	for (size_t i = 0; i < relay->client_count; i++) {
		struct relay_client *client = &relay->clients[i];

		if (client->is_gone)
			continue;
		relay_client_output(client, type, data, len);
		flush_client(relay, client);
	}
}

static bool is_held_up(const struct relay *relay)
{
	for (size_t i = 0; i < relay->client_count; i++) {
		if (relay_client_holds_up(&relay->clients[i]))
			return true;
	}
	return false;
}

/*
 * As read(). A terminal gives 4 KiB at most, and line by line as they are written: each of them to
 * be handed through three processes costs far more than the bytes do. While lines come in quick
 * succession they are let gather for a moment that nobody sees.
 */
static ssize_t read_output(struct relay *relay, int fd, char *chunk, size_t size)
{
	const struct timespec moment = {.tv_nsec = TTY_GATHER_NS};
	int64_t now = relay->options.tty ? clock_monotonic_ns() : 0;
	size_t len = 0;
	ssize_t got;

	if (relay->options.tty && now - relay->last_output_ns < TTY_BUSY_NS)
		nanosleep(&moment, NULL);
	do {
		got = read(fd, chunk + len, size - len);
		len += got > 0 ? (size_t)got : 0;
	} while (relay->options.tty && got > 0 && len < size);
	if (len > 0 && relay->options.tty)
		relay->last_output_ns = clock_monotonic_ns();
	/* What ended it comes again next time. */
	return len > 0 ? (ssize_t)len : got;
}

/* One read of stdout or stderr: bytes taken, 0 when nothing is there now or ever again. */
static size_t take_output(struct relay *relay, int stream)
{
	int *fd = &relay->options.output_fds[stream];
	char chunk[CHUNK];
	ssize_t got;

	if (*fd < 0)
		return 0;
	got = read_output(relay, *fd, chunk, sizeof(chunk));
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0) { /* EIO: nobody has the terminal open any more */
		if (!relay->options.tty || got == 0 || relay->has_exited)
			close_fd(fd);
		return 0;
	}
	if (relay->options.log)
		log_writer_add(relay->options.log, (enum log_stream)stream, chunk, (size_t)got);
	broadcast(relay, stream == 0 ? ATTACH_STDOUT : ATTACH_STDERR, chunk, (size_t)got);
	return (size_t)got;
}

/*
 * What the program has written before its end is in the pipe now. Others that have it open still,
 * as children that an exec left behind, could go on for ever; they are not waited for.
 */
static void take_rest(struct relay *relay, int stream)
{
	int fd = relay->options.output_fds[stream];
	int size = fd < 0 || relay->options.tty ? -1 : fcntl(fd, F_GETPIPE_SZ);
	size_t left = size > 0 ? (size_t)size : TTY_BUFFER, got;

	while (left > 0 && (got = take_output(relay, stream)) > 0)
		left -= got < left ? got : left;
}

static void take_input(
	struct relay *relay, struct relay_client *client, const char *data, size_t len)
{
	client->unacked += len;
	relay_input_add(&relay->input, data, len);
}

static void acknowledge_input(struct relay *relay)
{
	if (relay_input_pending(&relay->input) > STDIN_LOW_MARK)
		return;
	for (size_t i = 0; i < relay->client_count; i++) {
		struct relay_client *client = &relay->clients[i];

		/* What is spooled is cut anywhere; nothing may come in between. */
		if (client->is_gone || client->unacked == 0 || spool_pending(&client->spool) > 0)
			continue;
		attach_add_taken(&client->writer, client->unacked);
		client->unacked = 0;
		flush_client(relay, client);
	}
}

/*
 * The size of whoever came last, or changed theirs last, counts. One who comes has an empty screen
 * that is to be drawn.
 */
static void resize(
	struct relay *relay, struct relay_client *client, const struct attach_frame *frame)
{
	struct winsize size = {0}, now = {0};
	int fd = relay->input.fd;
	bool is_same;

	if (!relay->options.tty || attach_get_resize(frame, &size.ws_row, &size.ws_col) < 0)
		return;
	is_same = ioctl(fd, TIOCGWINSZ, &now) == 0 && now.ws_row == size.ws_row &&
		  now.ws_col == size.ws_col;
	if (is_same && client->is_guest && !client->has_size)
		redraw(relay);
	else
		ioctl(fd, TIOCSWINSZ, &size);
	client->has_size = true;
}

static void close_output(struct relay *relay, const struct attach_frame *frame)
{
	/* Only for a lone reader: others, and a log that can be read later, still want it. */
	if (frame->len == 1 && relay->client_count == 1 && !relay->options.tty &&
		(frame->data[0] == ATTACH_STDOUT || frame->data[0] == ATTACH_STDERR))
		close_fd(&relay->options.output_fds[frame->data[0] - ATTACH_STDOUT]);
}

static void send_signal(struct relay *relay, int sig)
{
	if (sig < 1 || sig > 64)
		return;
	relay->sent_signals |= UINT64_C(1) << (sig - 1);
	pidfd_signal(relay->options.init_pidfd, sig);
}

static void handle_frame(
	struct relay *relay, struct relay_client *client, const struct attach_frame *frame)
{
	switch (frame->type) {
	case ATTACH_STDIN:
		take_input(relay, client, frame->data, frame->len);
		break;
	case ATTACH_STDIN_EOF:
		if (client->owns_stdin)
			relay_input_end(&relay->input);
		break;
	case ATTACH_RESIZE:
		resize(relay, client, frame);
		break;
	case ATTACH_SIGNAL:
		if (frame->len == 1)
			send_signal(relay, (unsigned char)frame->data[0]);
		break;
	case ATTACH_CLOSED:
		close_output(relay, frame);
		break;
	default:
		drop_client(relay, client); /* it speaks something else */
		break;
	}
}

/* Only of one that sends more than it may. */
static bool has_overrun(const struct relay_client *client)
{
	return client->unacked > ATTACH_STDIN_WINDOW;
}

static void read_client(struct relay *relay, struct relay_client *client)
{
	struct attach_frame frame;
	int r = attach_reader_fill(&client->reader, client->fd);

	if (r == -EAGAIN)
		return;
	if (r <= 0) {
		drop_client(relay, client);
		return;
	}
	while (!client->is_gone && (r = attach_reader_next(&client->reader, &frame)) > 0)
		handle_frame(relay, client, &frame);
	if (r < 0)
		drop_client(relay, client);
}

/* It has connected, and would wait. */
static void refuse_client(int fd)
{
	struct attach_writer writer = {0};

	attach_add_error(&writer, EXIT_CODE_ENGINE, "too many clients are attached already");
	attach_writer_flush(&writer, fd);
	attach_writer_release(&writer);
	close(fd);
}

static void accept_client(struct relay *relay)
{
	int fd = accept4(relay->options.listen_fd, NULL, NULL, SOCK_CLOEXEC);
	struct relay_client *client;
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (fd < 0)
		return;
	/* The directory is ours alone already; this holds even where it is shared by mistake. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0 || peer.uid != geteuid()) {
		close(fd);
		return;
	}
	if (relay->client_count == MAX_CLIENTS) {
		refuse_client(fd);
		return;
	}
	client = add_client(relay, fd);
	client->is_guest = true;
	client->spool_dirfd = relay->options.tty ? -1 : relay->options.spool_dirfd;
	attach_writer_add(&client->writer, ATTACH_READY, NULL, 0);
	flush_client(relay, client);
}

enum {
	SLOT_PIDFD,
	SLOT_STDOUT,
	SLOT_STDERR,
	SLOT_STDIN,
	SLOT_LISTEN,
	SLOT_WATCHES,
	SLOT_CLIENTS = SLOT_WATCHES + RELAY_MAX_WATCHES,
};

static size_t fill_slots(const struct relay *relay, struct pollfd *slots)
{
	bool wants_output = !is_held_up(relay);

	slots[SLOT_PIDFD] = (struct pollfd){relay->options.init_pidfd, POLLIN, 0};
	for (int i = 0; i < 2; i++)
		slots[SLOT_STDOUT + i] = (struct pollfd){
			wants_output ? relay->options.output_fds[i] : -1, POLLIN, 0};
	slots[SLOT_STDIN] = (struct pollfd){
		relay_input_pending(&relay->input) ? relay->input.fd : -1, POLLOUT, 0};
	slots[SLOT_LISTEN] = (struct pollfd){relay->options.listen_fd, POLLIN, 0};
	for (size_t i = 0; i < RELAY_MAX_WATCHES; i++)
		slots[SLOT_WATCHES + i] = (struct pollfd){
			i < relay->watch_count ? relay->watches[i]->fd : -1, POLLIN, 0};
	for (size_t i = 0; i < relay->client_count; i++) {
		const struct relay_client *client = &relay->clients[i];
		short events = (short)((has_overrun(client) ? 0 : POLLIN) |
				       (relay_client_is_behind(client) ? POLLOUT : 0));

		slots[SLOT_CLIENTS + i] = (struct pollfd){client->fd, events, 0};
	}
	return SLOT_CLIENTS + relay->client_count;
}

static void serve_watches(struct relay *relay, const struct pollfd *slots)
{
	for (size_t i = 0; i < relay->watch_count; i++) {
		struct relay_watch *watch = relay->watches[i];

		/* One that was served just now may have taken the other's descriptor away. */
		if (slots[i].revents && watch->fd == slots[i].fd)
			watch->ready(watch->data);
	}
}

static void serve_clients(struct relay *relay, const struct pollfd *slots, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct relay_client *client = &relay->clients[i];
		short events = slots[i].revents;

		if (client->fd < 0 || !events)
			continue;
		if (events & POLLOUT)
			flush_client(relay, client);
		if (!client->is_gone && (events & (POLLIN | POLLHUP | POLLERR)) &&
			!has_overrun(client))
			read_client(relay, client);
	}
}

static bool has_log_rest(const struct relay *relay)
{
	return relay->options.log && log_writer_has_rest(relay->options.log);
}

/* How long poll() may wait: until somebody is to be given up, or a line to be logged as it is. */
static int wait_ms(const struct relay *relay)
{
	if (has_log_rest(relay))
		return LOG_REST_MS;
	return is_held_up(relay) ? STALL_LOOK_MS : -1;
}

static void check_stalls(struct relay *relay)
{
	int64_t now = is_held_up(relay) ? clock_monotonic_ns() : 0;

	for (size_t i = 0; now && i < relay->client_count; i++)
		relay_client_check_stall(&relay->clients[i], now);
}

/* A line that does not go on: most of them do at once, and are one record then. */
static void check_log_rest(struct relay *relay)
{
	int64_t now;

	if (!has_log_rest(relay)) {
		relay->rest_since_ns = 0;
		return;
	}
	now = clock_monotonic_ns();
	if (!relay->rest_since_ns)
		relay->rest_since_ns = now;
	if (now - relay->rest_since_ns < LOG_REST_MS * INT64_C(1000000))
		return;
	log_writer_rest(relay->options.log);
	relay->rest_since_ns = 0;
}

/* @clients: how many there were when the slots were filled; more may be accepted here. */
static void serve_slots(struct relay *relay, const struct pollfd *slots, size_t clients)
{
	for (int i = 0; i < 2; i++) {
		if (slots[SLOT_STDOUT + i].revents)
			take_output(relay, i);
	}
	if (slots[SLOT_STDIN].revents)
		relay_input_feed(&relay->input);
	serve_clients(relay, slots + SLOT_CLIENTS, clients);
	acknowledge_input(relay);
	check_stalls(relay);
	check_log_rest(relay);
	forget_gone_clients(relay);
	if (slots[SLOT_LISTEN].revents)
		accept_client(relay);
	serve_watches(relay, slots + SLOT_WATCHES);
	if (slots[SLOT_PIDFD].revents)
		relay->has_exited = true;
}

/* A terminal that nobody has open just now reports HUP without end. */
static bool is_terminal_closed(const struct relay *relay, const struct pollfd *slots)
{
	short events = slots[SLOT_STDOUT].revents;

	return relay->options.tty && (events & POLLHUP) && !(events & POLLIN);
}

int relay_run(struct relay *relay, struct error *err)
{
	struct pollfd slots[SLOT_CLIENTS + MAX_CLIENTS];

	while (!relay->has_exited) {
		size_t clients = relay->client_count;
		size_t count = fill_slots(relay, slots);

		if (poll(slots, count, wait_ms(relay)) < 0) {
			if (errno == EINTR)
				continue;
			return error_sys(err, errno, "poll");
		}
		serve_slots(relay, slots, clients);
		/* Look again soon. */
		if (is_terminal_closed(relay, slots) && !relay->has_exited)
			pidfd_wait_end(relay->options.init_pidfd, 10);
	}
	for (int i = 0; i < 2; i++)
		take_rest(relay, i);
	return 0;
}

/* Sends what is queued; clients that hang up while we wait are forgotten. */
static void flush_all(struct relay *relay)
{
	struct pollfd slots[MAX_CLIENTS];

	for (;;) {
		size_t count = 0;

		forget_gone_clients(relay);
		for (size_t i = 0; i < relay->client_count; i++) {
			if (relay_client_is_behind(&relay->clients[i]))
				slots[count++] = (struct pollfd){relay->clients[i].fd, POLLOUT, 0};
		}
		if (!count || (poll(slots, count, -1) < 0 && errno != EINTR))
			return;
		for (size_t i = 0; i < relay->client_count; i++)
			flush_client(relay, &relay->clients[i]);
	}
}

static bool is_anybody_behind(const struct relay *relay)
{
	for (size_t i = 0; i < relay->client_count; i++) {
		if (relay_client_is_behind(&relay->clients[i]))
			return true;
	}
	return false;
}

/*
 * Sends relay->last to all, behind what they have not taken yet. Whoever stops or removes the
 * container waits for our end: those who are slow to read are left to a child.
 */
static void say_goodbye(struct relay *relay)
{
	autoclose int pidfd = -1;
	pid_t child = -1;

	for (size_t i = 0; i < relay->client_count; i++) {
		relay->clients[i].last = &relay->last;
		flush_client(relay, &relay->clients[i]);
	}
	forget_gone_clients(relay);
	if (is_anybody_behind(relay))
		child = process_clone(0, -1, &pidfd, NULL);
	if (child <= 0)
		flush_all(relay);
	if (child == 0)
		_exit(0);
}

void relay_finish(struct relay *relay, int exit_code)
{
	attach_add_exit(&relay->last, exit_code);
	say_goodbye(relay);
}

void relay_fail(struct relay *relay, int exit_code, const char *text)
{
	attach_add_error(&relay->last, exit_code, text);
	say_goodbye(relay);
}

bool relay_has_clients(const struct relay *relay)
{
	return relay->client_count > 0;
}

uint64_t relay_sent_signals(const struct relay *relay)
{
	return relay->sent_signals;
}

void relay_ready(struct relay *relay)
{
	broadcast(relay, ATTACH_READY, NULL, 0);
}
