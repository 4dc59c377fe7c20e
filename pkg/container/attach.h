/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTAINER_ATTACH_H
#define CONTAINER_ATTACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * The attach protocol: what a person's command and a container's monitor say to each other over
 * a stream socket. Each frame is one byte of type, four of length (big endian), and the payload.
 * The server keeps the order: all output that was read before the end comes before ATTACH_EXIT.
 */
enum attach_type {
	ATTACH_STDIN = 0, /* client: bytes for the container's stdin or terminal */
	ATTACH_STDOUT,    /* server: bytes it wrote; with a terminal everything is stdout */
	ATTACH_STDERR,    /* server */
	ATTACH_RESIZE,    /* client: rows, columns; two bytes each, big endian */
	ATTACH_SIGNAL,    /* client: signal number, one byte */
	ATTACH_EXIT,      /* server, last frame: exit code, four bytes, big endian */
	ATTACH_STDIN_EOF, /* client: no more stdin; empty */
	ATTACH_ERROR,     /* server, last frame: exit code as above, then text: it never started */
	ATTACH_READY,     /* server: the process has been executed; empty */
	ATTACH_CLOSED,    /* client: one byte ATTACH_STDOUT or _STDERR: nobody reads it any more, so
			     that the container's next write may fail with EPIPE as in a pipeline */
	ATTACH_TAKEN,     /* server: so many bytes of stdin are out of the way; four bytes */
	ATTACH_SKIPPED,   /* server: so many bytes of output are missing here; eight bytes */
	ATTACH_TYPE_COUNT,
};

#define ATTACH_HEADER_LEN 5
#define ATTACH_MAX_PAYLOAD 65536
/*
 * A client has at most so many bytes of ATTACH_STDIN on their way that the server has not answered
 * with ATTACH_TAKEN. So signals and sizes never wait behind input that the container does not read.
 */
#define ATTACH_STDIN_WINDOW 131072

struct attach_frame {
	enum attach_type type;
	const char *data; /* borrowed from the reader until its next fill */
	size_t len;
};

/* struct attach_reader - frames out of a byte stream. Zeroed is ready; attach_reader_release(). */
struct attach_reader {
	char *data; /* allocated by the first fill */
	size_t start;
	size_t end;
};
/* One recv() without waiting: bytes taken, 0 at the end of the stream, -EAGAIN, or as recv(). */
int attach_reader_fill(struct attach_reader *reader, int fd);
/* 1 and the next frame; 0 when more bytes are needed; -EBADMSG for a malformed header. */
int attach_reader_next(struct attach_reader *reader, struct attach_frame *ret);
void attach_reader_release(struct attach_reader *reader);

/* struct attach_writer - frames on their way out. Zeroed is empty; attach_writer_release(). */
struct attach_writer {
	char *data;
	size_t start;
	size_t end;
	size_t size;
};
/* Appends a frame; @len at most ATTACH_MAX_PAYLOAD. Stop adding while attach_writer_pending(). */
void attach_writer_add(
	struct attach_writer *writer, enum attach_type type, const void *data, size_t len);
/* Room for a frame's payload, to read() into: at least ATTACH_MAX_PAYLOAD bytes. */
char *attach_writer_room(struct attach_writer *writer);
/* Makes a frame of the @len bytes that were put into attach_writer_room(). */
void attach_writer_commit(struct attach_writer *writer, enum attach_type type, size_t len);
/* The same for frames that are made already, whole or in part. */
char *attach_writer_raw_room(struct attach_writer *writer);
void attach_writer_raw_commit(struct attach_writer *writer, size_t len);
/* Sends without waiting: 1 all is sent, 0 the socket is full, negative errno (-EPIPE). */
int attach_writer_flush(struct attach_writer *writer, int fd);
size_t attach_writer_pending(const struct attach_writer *writer); /* bytes not sent yet */
void attach_writer_release(struct attach_writer *writer);

/* Payloads of the small frames. */
void attach_add_exit(struct attach_writer *writer, int exit_code);
void attach_add_error(struct attach_writer *writer, int exit_code, const char *text);
void attach_add_taken(struct attach_writer *writer, size_t len);
void attach_add_skipped(struct attach_writer *writer, uint64_t len);
/* -EBADMSG when the length is wrong. */
int attach_get_u32(const struct attach_frame *frame, uint32_t *ret);
int attach_get_u64(const struct attach_frame *frame, uint64_t *ret);
int attach_get_resize(const struct attach_frame *frame, uint16_t *ret_rows, uint16_t *ret_columns);

/* Where a monitor can be reached, in the directory of what it monitors. */
#define ATTACH_SOCKET "attach.sock"
/* attach_listen - make the socket in a directory, in place of one that is there: an fd. */
int attach_listen(int dirfd, struct error *err);
/* attach_connect - connect to it: a stream socket. -ENOENT, -ECONNREFUSED when nobody listens. */
int attach_connect(int dirfd, struct error *err);

#define ATTACH_MAX_DETACH_KEYS 16
#define ATTACH_DEFAULT_DETACH_KEYS "ctrl-p,ctrl-q"
/* Keys that leave a container running; a match may be spread over several reads. */
struct detach_keys {
	unsigned char keys[ATTACH_MAX_DETACH_KEYS];
	size_t count;   /* 0: never detaches */
	size_t matched; /* of them, at the end of what was fed so far */
};
/*
 * detach_keys_parse - single characters and ctrl-X (a-z @ [ \ ] ^ _), separated by commas.
 * "" switches detaching off. -EINVAL names what is wrong.
 */
int detach_keys_parse(const char *text, struct detach_keys *ret, struct error *err);
/*
 * detach_keys_feed - pass typed bytes on, holding back what may be a beginning of the sequence.
 * @out: at least @len + ATTACH_MAX_DETACH_KEYS bytes; *@ret_len of them are to be sent
 * Returns true when the sequence is complete.
 */
bool detach_keys_feed(
	struct detach_keys *keys, const char *data, size_t len, char *out, size_t *ret_len);

struct attach_client {
	bool tty;         /* the container has a terminal: ours goes into raw mode */
	bool interactive; /* forward stdin */
	bool no_stdout;   /* drop a stream */
	bool no_stderr;
	bool sig_proxy;          /* pass signals that we get on to the container */
	const char *detach_keys; /* NULL: ATTACH_DEFAULT_DETACH_KEYS */
};
struct attach_result {
	int exit_code;
	bool detached;
};
/*
 * attach_client_run - connect our standard streams with a container until it ends.
 * @sockfd: connected; borrowed
 *
 * Full back pressure both ways. O_NONBLOCK is never set on the standard streams, which may be
 * shared with other programs. The terminal's mode is restored before it returns, and before a
 * signal that is not proxied ends the process.
 *
 * Returns 0 with *ret; -ECONNRESET when the monitor went away; -ENOEXEC with exit_code (125, 126,
 * 127) and @err from the server when the container could not be started.
 */
int attach_client_run(int sockfd, const struct attach_client *client, struct attach_result *ret,
	struct error *err);

#endif
