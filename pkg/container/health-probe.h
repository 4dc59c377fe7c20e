/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTAINER_HEALTH_PROBE_H
#define CONTAINER_HEALTH_PROBE_H

#include "container/attach.h"
#include "container/health.h"

/*
 * struct health_probe - one run of a health check, seen from its client's side: the connection with
 * the monitor of the exec session that runs it.
 */
struct health_probe {
	int fd; /* of the connection, see container/attach.h; -1: none */
	struct attach_reader reader;
	char *output; /* the beginning of it, at most HEALTH_OUTPUT_BYTES */
	size_t output_len;
	int64_t start_ns;
	bool is_overdue; /* it was killed for that */
	int exit_code;
};

/* @fd: taken over */
void health_probe_begin(struct health_probe *probe, int fd);
/*
 * health_probe_read - take what is there, without waiting.
 * Returns 1 when the session has ended and the connection with it, 0 when there is more to come.
 */
int health_probe_read(struct health_probe *probe);
/* The time is over: kill the command. The end comes by health_probe_read() all the same. */
void health_probe_kill(struct health_probe *probe);
/* What came of it; health_result_release() it. Releases the probe. */
void health_probe_finish(struct health_probe *probe, struct health_result *ret);
void health_probe_release(struct health_probe *probe);

#endif
