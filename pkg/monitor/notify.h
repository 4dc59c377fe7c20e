/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MONITOR_NOTIFY_H
#define MONITOR_NOTIFY_H

#include "container/container.h"
#include "monitor/relay.h"
#include "spec/spec.h"

/*
 * sd_notify(3): who has started us, a service manager as systemd, waits on $NOTIFY_SOCKET to hear
 * who the main process is and when the service is ready. --sdnotify says who tells that:
 *
 *     container   the program in the container, on a socket of ours that it finds in its
 *                 environment; what it says is judged, and passed on as if it came from us
 *     conmon      we do, as soon as the program runs
 *     ignore      nobody
 *
 * The main process is the monitor in any case: it outlives what it starts, and ends with it.
 * Without $NOTIFY_SOCKET there is nobody to tell, and nothing is done.
 */
struct notify {
	const char *target;       /* path or @abstract name; borrowed; NULL: nobody listens */
	bool is_ready_by_start;   /* conmon */
	struct relay_watch proxy; /* container: our socket */
};
#define NOTIFY_INIT \
	{ \
		.proxy.fd = -1 \
	}

/*
 * notify_prepare - before the container is created.
 * The spec gets the mount of our socket and the variable that names it, where they are needed.
 */
int notify_prepare(struct notify *notify, struct store *store,
	const struct container_record *record, struct spec *spec, struct error *err);
/* notify_begin - the program runs: tell the main process, and listen from now on. */
void notify_begin(struct notify *notify, struct relay *relay);
void notify_end(struct notify *notify);

/*
 * notify_filter - what of a container's message is passed on: lines that say how the service fares.
 * Who its main process is, and descriptors to be kept, are not a container's to say.
 * @pid: of the main process, which READY=1 is passed on with
 * Returns the text for the manager, owned by the caller; "" when nothing is left.
 */
char *notify_filter(const char *message, size_t len, pid_t pid);
#define NOTIFY_MAX_MESSAGE 4096

#endif
