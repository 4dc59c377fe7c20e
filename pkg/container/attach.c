/* SPDX-License-Identifier: Apache-2.0 */
#include "container/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "sys/file.h"

#define INPUT_SIZE (ATTACH_MAX_PAYLOAD - ATTACH_MAX_DETACH_KEYS)

/*
 * The client half: one poll loop over our stdin, the socket and a pipe that the signal handler
 * writes to. Writes to our stdout and stderr block, and a signal interrupts them; so a reader
 * that stalls holds up the container, as it would in a pipeline, but not a ^C.
 */
struct client {
	const struct attach_client *options;
	int sockfd;
	int signal_fd; /* read end of signal_pipe */
	int tty_fd;    /* whose size and mode matter; -1 */
	bool raw;
	struct termios saved;
	bool stdin_open;
	size_t in_flight;   /* bytes of stdin that the server has not taken yet */
	bool out_closed[3]; /* by descriptor: nobody reads it */
	struct detach_keys keys;
	struct attach_reader reader;
	struct attach_writer writer;
	char *input; /* INPUT_SIZE bytes, once there is some */
};

/* Written by the handler, which has no other way to reach the loop. */
static volatile sig_atomic_t signal_pipe_fd = -1;

static void on_signal(int sig)
{
	unsigned char byte = (unsigned char)sig;
	int saved = errno;

	if (write(signal_pipe_fd, &byte, 1) < 0)
		errno = saved; /* Full: 65536 signals wait already. */
	errno = saved;
}

/* Job control stays ours; SIGPIPE and SIGCHLD are not messages to the container. */
static bool is_proxied(int sig)
{
	static const int others[] = {SIGKILL, SIGSTOP, SIGCHLD, SIGPIPE, SIGURG, SIGTSTP, SIGTTIN,
		SIGTTOU, SIGCONT, SIGWINCH, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP,
		SIGSYS, SIGPROF, SIGVTALRM, SIGXCPU};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (sig == others[i])
			return false;
	}
	return true;
}

/* Does the handler for @sig belong to the set that only restores the terminal? */
static bool is_fatal(int sig)
{
	return sig == SIGINT || sig == SIGTERM || sig == SIGHUP || sig == SIGQUIT;
}

/* Those that have to do with our terminal, whatever is passed on. */
static bool is_of_terminal(const struct client *client, int sig)
{
	return sig == SIGWINCH || (client->options->tty && (sig == SIGTSTP || sig == SIGCONT));
}

static bool is_watched(const struct client *client, int sig)
{
	return is_of_terminal(client, sig) ||
	       (client->options->sig_proxy ? is_proxied(sig) : is_fatal(sig));
}

static int watch_signals(struct client *client, struct sigaction *old, struct error *err)
{
	struct sigaction action = {.sa_handler = on_signal};
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return error_sys(err, errno, "pipe for signals");
	client->signal_fd = fds[0];
	signal_pipe_fd = fds[1];
	sigfillset(&action.sa_mask);
	for (int sig = 1; sig < NSIG; sig++) {
		bool wanted = is_watched(client, sig) && sigaction(sig, NULL, &old[sig]) == 0;

		/* Signals that were ignored when we were started (nohup) stay so. */
		if (wanted && old[sig].sa_handler == SIG_IGN && sig != SIGWINCH)
			wanted = false;
		if (!wanted || sigaction(sig, &action, NULL) < 0)
			old[sig].sa_handler = SIG_ERR;
	}
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

static void unwatch_signals(struct client *client, const struct sigaction *old)
{
	int fd = signal_pipe_fd;

	for (int sig = 1; sig < NSIG; sig++) {
		if (old[sig].sa_handler != SIG_ERR)
			sigaction(sig, &old[sig], NULL);
	}
	signal_pipe_fd = -1;
	close(fd);
	close_fd(&client->signal_fd);
}

static void tty_restore(struct client *client)
{
	if (client->raw)
		tcsetattr(STDIN_FILENO, TCSANOW, &client->saved);
	client->raw = false;
}

static void tty_raw(struct client *client)
{
	struct termios raw;

	if (!client->options->tty || !client->options->interactive)
		return;
	if (!client->raw && tcgetattr(STDIN_FILENO, &client->saved) < 0)
		return;
	raw = client->saved;
	cfmakeraw(&raw);
	client->raw = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

static void find_terminal(struct client *client)
{
	for (int fd = 2; client->options->tty && fd >= 0; fd--) {
		if (isatty(fd))
			client->tty_fd = fd;
	}
}

static void add_window_size(struct client *client)
{
	struct winsize size;
	unsigned char payload[4];

	if (client->tty_fd < 0 || ioctl(client->tty_fd, TIOCGWINSZ, &size) < 0)
		return;
	payload[0] = (unsigned char)(size.ws_row >> 8);
	payload[1] = (unsigned char)size.ws_row;
	payload[2] = (unsigned char)(size.ws_col >> 8);
	payload[3] = (unsigned char)size.ws_col;
	attach_writer_add(&client->writer, ATTACH_RESIZE, payload, sizeof(payload));
}

/* Stopped from outside; who has the terminal meanwhile finds it as it was. */
static void stop(struct client *client)
{
	tty_restore(client);
	raise(SIGSTOP);
}

static void take_signal(struct client *client, unsigned char sig)
{
	if (sig == SIGTSTP && client->options->tty) {
		stop(client);
	} else if (sig == SIGCONT && client->options->tty) {
		/* The shell has set modes of its own, and its window may be another size. */
		tty_raw(client);
		add_window_size(client);
	} else if (sig == SIGWINCH) {
		add_window_size(client);
	} else if (client->options->sig_proxy) {
		attach_writer_add(&client->writer, ATTACH_SIGNAL, &sig, 1);
	} else {
		tty_restore(client);
		signal(sig, SIG_DFL);
		raise(sig);
	}
}

static void take_signals(struct client *client)
{
	unsigned char sigs[64];
	ssize_t got;

	while ((got = read(client->signal_fd, sigs, sizeof(sigs))) > 0) {
		for (ssize_t i = 0; i < got; i++)
			take_signal(client, sigs[i]);
	}
}

/* Returns true when the detach keys were typed. */
static bool take_stdin(struct client *client)
{
	ssize_t got;
	size_t len = 0;
	bool detach;

	if (!client->input)
		client->input = xmalloc(INPUT_SIZE);
	got = read(STDIN_FILENO, client->input, INPUT_SIZE);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return false;
	if (got <= 0) {
		client->stdin_open = false;
		attach_writer_add(&client->writer, ATTACH_STDIN_EOF, NULL, 0);
		return false;
	}
	if (client->keys.count == 0) {
		client->in_flight += (size_t)got;
		attach_writer_add(&client->writer, ATTACH_STDIN, client->input, (size_t)got);
		return false;
	}
	detach = detach_keys_feed(&client->keys, client->input, (size_t)got,
		attach_writer_room(&client->writer), &len);
	if (len > 0)
		attach_writer_commit(&client->writer, ATTACH_STDIN, len);
	client->in_flight += len;
	return detach;
}

static void close_output(struct client *client, int fd)
{
	unsigned char type = fd == STDERR_FILENO ? ATTACH_STDERR : ATTACH_STDOUT;

	client->out_closed[fd] = true;
	attach_writer_add(&client->writer, ATTACH_CLOSED, &type, 1);
}

static void put_output(struct client *client, int fd, const char *data, size_t len)
{
	while (len > 0 && !client->out_closed[fd]) {
		ssize_t put = write(fd, data, len);

		if (put >= 0) {
			data += put;
			len -= (size_t)put;
		} else if (errno == EINTR) {
			take_signals(client);
			attach_writer_flush(&client->writer, client->sockfd);
		} else if (errno == EAGAIN) {
			/* Somebody else made it non-blocking. */
			struct pollfd ready = {.fd = fd, .events = POLLOUT};

			poll(&ready, 1, -1);
		} else {
			close_output(client, fd);
		}
	}
}

static int started_badly(
	const struct attach_frame *frame, struct attach_result *ret, struct error *err)
{
	uint32_t code = 125;
	const char *text = "";
	int len = 0;

	if (attach_get_u32(frame, &code) == 0) {
		text = frame->data + 4;
		len = (int)(frame->len - 4);
	}
	ret->exit_code = (int)code;
	return error_set(err, ENOEXEC, "%.*s", len, text);
}

static void take_answer(struct client *client, const struct attach_frame *frame)
{
	uint32_t taken;

	if (attach_get_u32(frame, &taken) == 0)
		client->in_flight -= taken < client->in_flight ? taken : client->in_flight;
}

static void tell_skipped(const struct attach_frame *frame)
{
	uint64_t len;

	if (attach_get_u64(frame, &len) == 0)
		log_warn("%" PRIu64 " bytes of output are left out here, for nobody took them; "
			 "the container's log has them",
			len);
}

/* Returns 1 after the last frame, 0 to go on. */
static int take_frame(struct client *client, const struct attach_frame *frame,
	struct attach_result *ret, struct error *err)
{
	uint32_t code;

	switch (frame->type) {
	case ATTACH_STDOUT:
		if (!client->options->no_stdout)
			put_output(client, STDOUT_FILENO, frame->data, frame->len);
		return 0;
	case ATTACH_STDERR:
		if (!client->options->no_stderr)
			put_output(client, STDERR_FILENO, frame->data, frame->len);
		return 0;
	case ATTACH_EXIT:
		if (attach_get_u32(frame, &code) < 0)
			return error_set(err, EBADMSG, "malformed exit message of the monitor");
		ret->exit_code = (int)code;
		return 1;
	case ATTACH_ERROR:
		return started_badly(frame, ret, err);
	case ATTACH_SKIPPED:
		tell_skipped(frame);
		return 0;
	case ATTACH_TAKEN:
		take_answer(client, frame);
		return 0;
	default:
		return 0;
	}
}

static int take_socket(struct client *client, struct attach_result *ret, struct error *err)
{
	struct attach_frame frame;
	int r = attach_reader_fill(&client->reader, client->sockfd);

	if (r == -EAGAIN)
		return 0;
	if (r == 0 || r == -ECONNRESET)
		return error_set(err, ECONNRESET, "the container's monitor ended unexpectedly");
	if (r < 0)
		return error_sys(err, -r, "receive from the container's monitor");
	while ((r = attach_reader_next(&client->reader, &frame)) > 0) {
		r = take_frame(client, &frame, ret, err);
		if (r != 0)
			return r;
	}
	if (r < 0)
		return error_set(err, EBADMSG, "malformed message of the container's monitor");
	return 0;
}

/* Its back pressure: nothing may wait to be sent, and the server must be able to put it somewhere.
 */
static bool wants_stdin(const struct client *client)
{
	return client->stdin_open && !attach_writer_pending(&client->writer) &&
	       client->in_flight + ATTACH_MAX_PAYLOAD <= ATTACH_STDIN_WINDOW;
}

static int loop(struct client *client, struct attach_result *ret, struct error *err)
{
	for (;;) {
		bool pending = attach_writer_flush(&client->writer, client->sockfd) == 0;
		struct pollfd fds[3] = {
			{.fd = client->sockfd, .events = pending ? POLLIN | POLLOUT : POLLIN},
			{.fd = client->signal_fd, .events = POLLIN},
			{.fd = wants_stdin(client) ? STDIN_FILENO : -1, .events = POLLIN},
		};
		int r;

		if (poll(fds, ARRAY_SIZE(fds), -1) < 0) {
			if (errno != EINTR)
				return error_sys(err, errno, "poll");
			take_signals(client);
			continue;
		}
		if (fds[1].revents)
			take_signals(client);
		if (fds[0].revents & (POLLIN | POLLHUP | POLLERR)) {
			r = take_socket(client, ret, err);
			if (r != 0)
				return r;
		}
		if (fds[2].revents && take_stdin(client)) {
			attach_writer_flush(&client->writer, client->sockfd);
			ret->detached = true;
			return 0;
		}
	}
}

int attach_client_run(int sockfd, const struct attach_client *options, struct attach_result *ret,
	struct error *err)
{
	struct client *client = xnew(struct client);
	struct sigaction old[NSIG] = {0};
	const char *keys = options->detach_keys ? options->detach_keys : ATTACH_DEFAULT_DETACH_KEYS;
	int r;

	*ret = (struct attach_result){0};
	client->options = options;
	client->sockfd = sockfd;
	client->signal_fd = -1;
	client->tty_fd = -1;
	client->stdin_open = options->interactive;
	r = options->tty ? detach_keys_parse(keys, &client->keys, err) : 0;
	if (r == 0)
		r = watch_signals(client, old, err);
	if (r == 0) {
		find_terminal(client);
		tty_raw(client);
		add_window_size(client);
		if (!options->interactive)
			attach_writer_add(&client->writer, ATTACH_STDIN_EOF, NULL, 0);
		r = loop(client, ret, err);
		tty_restore(client);
		unwatch_signals(client, old);
	}
	attach_reader_release(&client->reader);
	attach_writer_release(&client->writer);
	free(client->input);
	free(client);
	return r < 0 ? r : 0;
}
