/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MONITOR_MONITOR_H
#define MONITOR_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "container/record.h"
#include "spec/spec.h"
#include "storage/store.h"

/*
 * The running half of a container's life, in a process of its own: mounts, network, start, stdio,
 * exit, clean-up. The command that started it holds the container's lock until it hears
 * ATTACH_READY or ATTACH_ERROR on the connection.
 */
#define MONITOR_CLIENT_FD 3 /* where the one who starts a monitor puts the first client */

struct monitor_options {
	struct store_options store;
	const char *id;         /* full id */
	int client_fd;          /* first client, see container/attach.h; taken over */
	bool client_attaches;   /* it wants the output; else it leaves after ATTACH_READY */
	uint16_t rows, columns; /* of the terminal to begin with; 0: as the spec says */
	bool waits;             /* with the start, until it is ordered; see life.h */
	/* What is on disk, from one who just wrote it; taken over. NULL: read. */
	struct container_record *record;
	struct spec *spec;
};

/*
 * monitor_run - start a created or exited container and stay until it has ended.
 * What goes wrong is told to the client as ATTACH_ERROR and recorded in the container's state.
 * Returns 0, or negative errno when not even that could be done.
 */
int monitor_run(const struct monitor_options *options, struct error *err);

#endif
