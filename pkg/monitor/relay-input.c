/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/relay-input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

/* A queue that is never quite empty must not keep what has left it. */
#define MAX_WRITTEN ((size_t)64 << 10)

size_t relay_input_pending(const struct relay_input *input)
{
	return input->queue.len - input->start;
}

static void drop_written(struct relay_input *input)
{
	size_t left = relay_input_pending(input);

	if (left > 0 && input->start <= MAX_WRITTEN)
		return;
	if (left > 0)
		memmove(input->queue.data, input->queue.data + input->start, left);
	input->queue.len = left;
	input->start = 0;
}

void relay_input_feed(struct relay_input *input)
{
	size_t left = relay_input_pending(input);
	ssize_t done;

	if (left > 0 && input->fd >= 0) {
		done = write(input->fd, input->queue.data + input->start, left);
		if (done > 0)
			input->start += (size_t)done;
		else if (done < 0 && errno != EAGAIN && errno != EINTR)
			close_fd(&input->fd); /* The program closed its stdin; that is its right. */
	}
	if (input->fd < 0)
		input->start = input->queue.len;
	drop_written(input);
	if (input->ends && !input->is_tty && input->queue.len == 0)
		close_fd(&input->fd);
}

void relay_input_add(struct relay_input *input, const char *data, size_t len)
{
	strbuf_add(&input->queue, data, len);
	relay_input_feed(input);
}

void relay_input_end(struct relay_input *input)
{
	input->ends = true;
	relay_input_feed(input);
}

void relay_input_release(struct relay_input *input)
{
	close_fd(&input->fd);
	strbuf_release(&input->queue);
}
