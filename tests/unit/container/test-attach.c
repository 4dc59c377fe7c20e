/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/str.h"
#include "container/attach.h"
#include "sys/file.h"

/* A client in a process of its own, with pipes as its standard streams. */
struct peer {
	pid_t pid;
	int in;   /* write end of its stdin */
	int out;  /* read end of its stdout */
	int err;  /* read end of its stderr */
	int sock; /* the server's end */
};

static void start_client(struct peer *peer, const struct attach_client *options)
{
	int in[2], out[2], err[2], sock[2];

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sock), 0);
	peer->pid = fork();
	assert_true(peer->pid >= 0);
	if (peer->pid == 0) {
		struct attach_result result;
		struct error error = {0};
		int r;

		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(err[1], 2);
		close(in[1]);
		close(out[0]);
		close(sock[0]);
		r = attach_client_run(sock[1], options, &result, &error);
		if (r == -ENOEXEC)
			dprintf(2, "%s", error_text(&error));
		_exit(r < 0 && r != -ENOEXEC ? 99 : result.exit_code);
	}
	close(in[0]);
	close(out[1]);
	close(err[1]);
	close(sock[1]);
	*peer = (struct peer){peer->pid, in[1], out[0], err[0], sock[0]};
}

static int end_client(struct peer *peer)
{
	int status;

	assert_int_equal(waitpid(peer->pid, &status, 0), peer->pid);
	close_fd(&peer->in);
	close_fd(&peer->out);
	close_fd(&peer->err);
	close_fd(&peer->sock);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void send_all(struct attach_writer *writer, int sock)
{
	while (attach_writer_flush(writer, sock) == 0) {
		struct pollfd ready = {.fd = sock, .events = POLLOUT};

		poll(&ready, 1, -1);
	}
}

/* The next frame, however long it takes; false at the end of the stream. */
static bool next_frame(struct attach_reader *reader, int sock, struct attach_frame *frame)
{
	for (;;) {
		struct pollfd ready = {.fd = sock, .events = POLLIN};

		if (attach_reader_next(reader, frame) == 1)
			return true;
		poll(&ready, 1, -1);
		if (attach_reader_fill(reader, sock) == 0)
			return false;
	}
}

static void frames_survive_being_cut_anywhere(void **state)
{
	struct attach_writer writer = {0};
	struct attach_reader reader = {0};
	struct attach_frame frame;
	uint32_t code;
	int sock[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sock), 0);
	attach_writer_add(&writer, ATTACH_STDOUT, "hello", 5);
	attach_add_exit(&writer, 137);
	for (size_t i = writer.start; i < writer.end; i++) {
		assert_int_equal(send(sock[0], writer.data + i, 1, 0), 1);
		assert_int_equal(attach_reader_fill(&reader, sock[1]), 1);
		if (i == 9) {
			assert_int_equal(attach_reader_next(&reader, &frame), 1);
			assert_int_equal(frame.type, ATTACH_STDOUT);
			assert_memory_equal(frame.data, "hello", 5);
		} else if (i + 1 < writer.end) {
			assert_int_equal(attach_reader_next(&reader, &frame), 0);
		}
	}
	assert_int_equal(attach_reader_next(&reader, &frame), 1);
	assert_int_equal(frame.type, ATTACH_EXIT);
	assert_int_equal(attach_get_u32(&frame, &code), 0);
	assert_int_equal(code, 137);
	assert_int_equal(attach_reader_fill(&reader, sock[1]), -EAGAIN);
	attach_writer_release(&writer);
	attach_reader_release(&reader);
	close(sock[0]);
	close(sock[1]);
}

static void malformed_headers_are_refused(void **state)
{
	const char *headers[] = {"\x7f\0\0\0\1", "\0\0\1\0\1", "\0\xff\xff\xff\xff"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		struct attach_reader reader = {0};
		struct attach_frame frame;
		int sock[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sock), 0);
		assert_int_equal(send(sock[0], headers[i], 5, 0), 5);
		assert_int_equal(attach_reader_fill(&reader, sock[1]), 5);
		assert_int_equal(attach_reader_next(&reader, &frame), -EBADMSG);
		attach_reader_release(&reader);
		close(sock[0]);
		close(sock[1]);
	}
}

static void output_and_exit_code_arrive(void **state)
{
	struct attach_client options = {0};
	struct attach_writer writer = {0};
	autofree char *out = NULL;
	autofree char *err = NULL;
	struct peer peer;

	(void)state;
	start_client(&peer, &options);
	attach_writer_add(&writer, ATTACH_READY, NULL, 0);
	attach_writer_add(&writer, ATTACH_STDOUT, "out", 3);
	attach_writer_add(&writer, ATTACH_STDERR, "err", 3);
	attach_add_exit(&writer, 42);
	send_all(&writer, peer.sock);
	assert_int_equal(fd_read_all(peer.out, 100, &out, NULL, NULL), 0);
	assert_int_equal(fd_read_all(peer.err, 100, &err, NULL, NULL), 0);
	assert_string_equal(out, "out");
	assert_string_equal(err, "err");
	assert_int_equal(end_client(&peer), 42);
	attach_writer_release(&writer);
}

static void a_failed_start_has_text_and_code(void **state)
{
	struct attach_client options = {0};
	struct attach_writer writer = {0};
	autofree char *err = NULL;
	struct peer peer;

	(void)state;
	start_client(&peer, &options);
	attach_add_error(&writer, 127, "executable file not found");
	send_all(&writer, peer.sock);
	assert_int_equal(fd_read_all(peer.err, 100, &err, NULL, NULL), 0);
	assert_string_equal(err, "executable file not found");
	assert_int_equal(end_client(&peer), 127);
	attach_writer_release(&writer);
}

static void a_lost_monitor_is_an_error(void **state)
{
	struct attach_client options = {0};
	struct peer peer;

	(void)state;
	start_client(&peer, &options);
	shutdown(peer.sock, SHUT_RDWR);
	assert_int_equal(end_client(&peer), 99);
}

static void signals_are_passed_on(void **state)
{
	struct attach_client options = {.sig_proxy = true};
	struct attach_reader reader = {0};
	struct attach_writer writer = {0};
	struct attach_frame frame;
	struct peer peer;

	(void)state;
	start_client(&peer, &options);
	/* It says that there is no stdin once its handlers are in place. */
	assert_true(next_frame(&reader, peer.sock, &frame));
	assert_int_equal(frame.type, ATTACH_STDIN_EOF);
	kill(peer.pid, SIGUSR1);
	assert_true(next_frame(&reader, peer.sock, &frame));
	assert_int_equal(frame.type, ATTACH_SIGNAL);
	assert_int_equal(frame.data[0], SIGUSR1);
	attach_add_exit(&writer, 0);
	send_all(&writer, peer.sock);
	assert_int_equal(end_client(&peer), 0);
	attach_reader_release(&reader);
	attach_writer_release(&writer);
}

/* Takes what comes until nothing has come for a while: bytes of stdin. */
static size_t take_stdin_frames(struct attach_reader *reader, int sock)
{
	struct pollfd ready = {.fd = sock, .events = POLLIN};
	struct attach_frame frame;
	size_t total = 0;

	while (poll(&ready, 1, 300) > 0) {
		assert_true(attach_reader_fill(reader, sock) > 0);
		while (attach_reader_next(reader, &frame) > 0) {
			assert_int_equal(frame.type, ATTACH_STDIN);
			total += frame.len;
		}
	}
	return total;
}

static void signals_pass_input_that_nobody_takes(void **state)
{
	struct attach_client options = {.sig_proxy = true, .interactive = true};
	struct attach_reader reader = {0};
	struct attach_writer writer = {0};
	struct attach_frame frame;
	static char block[1 << 20];
	struct peer peer;
	size_t taken;

	(void)state;
	start_client(&peer, &options);
	assert_true(fcntl(peer.in, F_SETPIPE_SZ, sizeof(block)) >= 0);
	assert_int_equal(fd_write_all(peer.in, block, sizeof(block)), 0);
	taken = take_stdin_frames(&reader, peer.sock);
	assert_in_range(taken, 1, ATTACH_STDIN_WINDOW);
	kill(peer.pid, SIGUSR1);
	assert_true(next_frame(&reader, peer.sock, &frame));
	assert_int_equal(frame.type, ATTACH_SIGNAL);
	/* Told that it has been taken, it goes on. */
	attach_add_taken(&writer, taken);
	send_all(&writer, peer.sock);
	assert_in_range(take_stdin_frames(&reader, peer.sock), 1, ATTACH_STDIN_WINDOW);
	attach_add_exit(&writer, 0);
	send_all(&writer, peer.sock);
	assert_int_equal(end_client(&peer), 0);
	attach_reader_release(&reader);
	attach_writer_release(&writer);
}

static void without_proxy_a_signal_ends_the_client(void **state)
{
	struct attach_client options = {0};
	struct attach_reader reader = {0};
	struct attach_frame frame;
	struct peer peer;

	(void)state;
	start_client(&peer, &options);
	assert_true(next_frame(&reader, peer.sock, &frame));
	kill(peer.pid, SIGTERM);
	assert_int_equal(end_client(&peer), 128 + SIGTERM);
	attach_reader_release(&reader);
}

static void a_closed_stdout_is_reported(void **state)
{
	struct attach_client options = {0};
	struct attach_reader reader = {0};
	struct attach_writer writer = {0};
	struct attach_frame frame;
	struct peer peer;

	(void)state;
	start_client(&peer, &options);
	close_fd(&peer.out);
	attach_writer_add(&writer, ATTACH_STDOUT, "x", 1);
	send_all(&writer, peer.sock);
	do
		assert_true(next_frame(&reader, peer.sock, &frame));
	while (frame.type == ATTACH_STDIN_EOF);
	assert_int_equal(frame.type, ATTACH_CLOSED);
	assert_int_equal(frame.data[0], ATTACH_STDOUT);
	attach_add_exit(&writer, 3);
	send_all(&writer, peer.sock);
	assert_int_equal(end_client(&peer), 3);
	attach_reader_release(&reader);
	attach_writer_release(&writer);
}

#define ECHO_TOTAL ((size_t)100 << 20)

/* As a container that runs cat, with no memory but one frame: back pressure both ways. */
static void echo_server(int sock)
{
	struct attach_reader reader = {0};
	struct attach_writer writer = {0};
	struct attach_frame frame;

	while (next_frame(&reader, sock, &frame) && frame.type != ATTACH_STDIN_EOF) {
		attach_writer_add(&writer, ATTACH_STDOUT, frame.data, frame.len);
		attach_add_taken(&writer, frame.len);
		send_all(&writer, sock);
	}
	attach_add_exit(&writer, 0);
	send_all(&writer, sock);
	attach_reader_release(&reader);
	attach_writer_release(&writer);
}

static void pattern(char *data, size_t len, size_t at)
{
	for (size_t i = 0; i < len; i++)
		data[i] = (char)((at + i) * 2654435761u >> 13);
}

static void feed_pattern(int fd)
{
	char data[65536];

	for (size_t at = 0; at < ECHO_TOTAL; at += sizeof(data)) {
		pattern(data, sizeof(data), at);
		if (fd_write_all(fd, data, sizeof(data)) < 0)
			_exit(1);
	}
	_exit(0);
}

static void a_hundred_megabytes_come_back_unharmed(void **state)
{
	struct attach_client options = {.interactive = true};
	static char data[65536], wanted[65536];
	size_t total = 0;
	struct peer peer;
	pid_t feeder, server;

	(void)state;
	start_client(&peer, &options);
	feeder = fork();
	if (feeder == 0)
		feed_pattern(peer.in);
	close_fd(&peer.in);
	server = fork();
	if (server == 0) {
		echo_server(peer.sock);
		_exit(0);
	}
	close_fd(&peer.sock);
	for (;;) {
		ssize_t got = read(peer.out, data, sizeof(data));

		if (got <= 0)
			break;
		pattern(wanted, (size_t)got, total);
		assert_memory_equal(data, wanted, got);
		total += (size_t)got;
	}
	assert_int_equal(total, ECHO_TOTAL);
	assert_int_equal(end_client(&peer), 0);
	waitpid(feeder, NULL, 0);
	waitpid(server, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_survive_being_cut_anywhere),
		cmocka_unit_test(malformed_headers_are_refused),
		cmocka_unit_test(output_and_exit_code_arrive),
		cmocka_unit_test(a_failed_start_has_text_and_code),
		cmocka_unit_test(a_lost_monitor_is_an_error),
		cmocka_unit_test(signals_are_passed_on),
		cmocka_unit_test(signals_pass_input_that_nobody_takes),
		cmocka_unit_test(without_proxy_a_signal_ends_the_client),
		cmocka_unit_test(a_closed_stdout_is_reported),
		cmocka_unit_test(a_hundred_megabytes_come_back_unharmed),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
