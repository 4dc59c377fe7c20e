/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MONITOR_RELAY_INPUT_H
#define MONITOR_RELAY_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * struct relay_input - bytes on their way into a container's stdin or terminal, of all clients.
 * Its bound is the clients' window (ATTACH_STDIN_WINDOW), which is told anew by acknowledgements.
 */
struct relay_input {
	int fd;      /* non-blocking; -1: nobody reads, and what comes is dropped */
	bool is_tty; /* has no end */
	bool ends;   /* is closed once the queue is empty */
	struct strbuf queue;
	size_t start; /* of what has not been written yet */
};

void relay_input_add(struct relay_input *input, const char *data, size_t len);
/* Writes what goes in without waiting. */
void relay_input_feed(struct relay_input *input);
/* No more comes: the container's stdin ends with what is queued. A terminal goes on. */
void relay_input_end(struct relay_input *input);
size_t relay_input_pending(const struct relay_input *input); /* bytes that wait */
void relay_input_release(struct relay_input *input);

#endif
