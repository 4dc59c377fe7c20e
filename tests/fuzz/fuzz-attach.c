/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes over an attach socket, in pieces; and keys that detach. The first byte is the size of
 * a piece, the second how much of the rest is the text of --detach-keys, followed by typed bytes.
 */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "container/attach.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* True while the stream is well formed. */
static bool take_frames(struct attach_reader *reader)
{
	struct attach_frame frame;
	uint16_t rows, columns;
	uint32_t number;
	int r;

	while ((r = attach_reader_next(reader, &frame)) > 0) {
		volatile unsigned sum = 0;

		assert(frame.type < ATTACH_TYPE_COUNT && frame.len <= ATTACH_MAX_PAYLOAD);
		for (size_t i = 0; i < frame.len; i++)
			sum += (unsigned char)frame.data[i];
		(void)attach_get_u32(&frame, &number);
		(void)attach_get_resize(&frame, &rows, &columns);
	}
	return r == 0;
}

static void read_stream(const uint8_t *data, size_t size, size_t piece)
{
	struct attach_reader reader = {0};
	bool is_good = true;
	int socks[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socks) < 0)
		abort();
	for (size_t sent = 0; sent < size && is_good; sent += piece) {
		size_t len = size - sent < piece ? size - sent : piece;

		if (send(socks[0], data + sent, len, 0) != (ssize_t)len)
			abort();
		while (is_good && attach_reader_fill(&reader, socks[1]) > 0)
			is_good = take_frames(&reader);
	}
	attach_reader_release(&reader);
	close(socks[0]);
	close(socks[1]);
}

/* All bytes come out, but for a complete sequence and a beginning of one. */
static void type_keys(const char *text, const char *data, size_t size)
{
	struct detach_keys keys = {0};
	autofree char *out = xcalloc(1, size + ATTACH_MAX_DETACH_KEYS);
	size_t len = 0;

	if (detach_keys_parse(text, &keys, NULL) < 0)
		return;
	if (!detach_keys_feed(&keys, data, size, out, &len))
		assert(len + keys.matched == size && memcmp(out, data, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = NULL;
	size_t text_len;

	if (size < 2)
		return 0;
	text_len = data[1] < size - 2 ? data[1] : size - 2;
	text = xstrndup((const char *)data + 2, text_len);
	type_keys(text, (const char *)data + 2 + text_len, size - 2 - text_len);
	read_stream(data + 2, size - 2, (size_t)data[0] * 4 + 1);
	return 0;
}
