/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "base/str.h"
#include "container/attach.h"

/* Two frames fit, so that a fill always has room behind an unfinished one. */
#define READER_SIZE ((size_t)2 * (ATTACH_HEADER_LEN + ATTACH_MAX_PAYLOAD))

static uint32_t get_be32(const char *data)
{
	const unsigned char *bytes = (const unsigned char *)data;

	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static void put_be32(char *data, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		data[i] = (char)(value >> (24 - 8 * i));
}

int attach_reader_fill(struct attach_reader *reader, int fd)
{
	ssize_t got;

	if (!reader->data)
		reader->data = xmalloc(READER_SIZE);
	if (reader->start == reader->end) {
		reader->start = 0;
		reader->end = 0;
	} else if (reader->start > 0) {
		memmove(reader->data, reader->data + reader->start, reader->end - reader->start);
		reader->end -= reader->start;
		reader->start = 0;
	}
	do {
		got = recv(fd, reader->data + reader->end, READER_SIZE - reader->end, MSG_DONTWAIT);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	reader->end += (size_t)got;
	return (int)got;
}

int attach_reader_next(struct attach_reader *reader, struct attach_frame *ret)
{
	size_t have = reader->end - reader->start;
	const char *head = reader->data + reader->start;
	uint32_t len;

	if (have < ATTACH_HEADER_LEN)
		return 0;
	len = get_be32(head + 1);
	if ((unsigned char)head[0] >= ATTACH_TYPE_COUNT || len > ATTACH_MAX_PAYLOAD)
		return -EBADMSG;
	if (have < ATTACH_HEADER_LEN + len)
		return 0;
	ret->type = (enum attach_type)head[0];
	ret->data = head + ATTACH_HEADER_LEN;
	ret->len = len;
	reader->start += ATTACH_HEADER_LEN + len;
	return 1;
}

void attach_reader_release(struct attach_reader *reader)
{
	free(reader->data);
	*reader = (struct attach_reader){0};
}

char *attach_writer_raw_room(struct attach_writer *writer)
{
	size_t need = ATTACH_HEADER_LEN + ATTACH_MAX_PAYLOAD;

	if (writer->start == writer->end) {
		writer->start = 0;
		writer->end = 0;
	}
	if (writer->size - writer->end < need) {
		writer->size = writer->end + need;
		writer->data = xrealloc(writer->data, writer->size, 1);
	}
	return writer->data + writer->end;
}

void attach_writer_raw_commit(struct attach_writer *writer, size_t len)
{
	writer->end += len;
}

char *attach_writer_room(struct attach_writer *writer)
{
	return attach_writer_raw_room(writer) + ATTACH_HEADER_LEN;
}

void attach_writer_commit(struct attach_writer *writer, enum attach_type type, size_t len)
{
	char *head = writer->data + writer->end;

	assert(len <= ATTACH_MAX_PAYLOAD);
	head[0] = (char)type;
	put_be32(head + 1, (uint32_t)len);
	attach_writer_raw_commit(writer, ATTACH_HEADER_LEN + len);
}

void attach_writer_add(
	struct attach_writer *writer, enum attach_type type, const void *data, size_t len)
{
	char *room = attach_writer_room(writer);

	assert(len <= ATTACH_MAX_PAYLOAD);
	if (len > 0)
		memcpy(room, data, len);
	attach_writer_commit(writer, type, len);
}

int attach_writer_flush(struct attach_writer *writer, int fd)
{
	while (writer->start < writer->end) {
		ssize_t sent = send(fd, writer->data + writer->start, writer->end - writer->start,
			MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return errno == EAGAIN ? 0 : -errno;
		writer->start += (size_t)sent;
	}
	return 1;
}

size_t attach_writer_pending(const struct attach_writer *writer)
{
	return writer->end - writer->start;
}

void attach_writer_release(struct attach_writer *writer)
{
	free(writer->data);
	*writer = (struct attach_writer){0};
}

static void add_u32(struct attach_writer *writer, enum attach_type type, uint32_t value)
{
	char payload[4];

	put_be32(payload, value);
	attach_writer_add(writer, type, payload, sizeof(payload));
}

void attach_add_exit(struct attach_writer *writer, int exit_code)
{
	add_u32(writer, ATTACH_EXIT, (uint32_t)exit_code);
}

void attach_add_taken(struct attach_writer *writer, size_t len)
{
	add_u32(writer, ATTACH_TAKEN, (uint32_t)len);
}

void attach_add_skipped(struct attach_writer *writer, uint64_t len)
{
	char payload[8];

	put_be32(payload, (uint32_t)(len >> 32));
	put_be32(payload + 4, (uint32_t)len);
	attach_writer_add(writer, ATTACH_SKIPPED, payload, sizeof(payload));
}

void attach_add_error(struct attach_writer *writer, int exit_code, const char *text)
{
	size_t len = strnlen(text, ATTACH_MAX_PAYLOAD - 4);
	char *room = attach_writer_room(writer);

	put_be32(room, (uint32_t)exit_code);
	memcpy(room + 4, text, len);
	attach_writer_commit(writer, ATTACH_ERROR, 4 + len);
}

int attach_get_u32(const struct attach_frame *frame, uint32_t *ret)
{
	if (frame->len < 4)
		return -EBADMSG;
	*ret = get_be32(frame->data);
	return 0;
}

int attach_get_u64(const struct attach_frame *frame, uint64_t *ret)
{
	if (frame->len != 8)
		return -EBADMSG;
	*ret = (uint64_t)get_be32(frame->data) << 32 | get_be32(frame->data + 4);
	return 0;
}

int attach_get_resize(const struct attach_frame *frame, uint16_t *ret_rows, uint16_t *ret_columns)
{
	uint32_t both;

	if (frame->len != 4)
		return -EBADMSG;
	both = get_be32(frame->data);
	*ret_rows = (uint16_t)(both >> 16);
	*ret_columns = (uint16_t)both;
	return 0;
}
