/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLIRP_WORKER_H
#define SLIRP_WORKER_H

#include <sys/types.h>

#include "config.h"
#include "resolv.h"

/*
 * struct worker - the process that moves packets, as long as it starts.
 *
 * It is forked first and gets ready while the plugin makes the interface: it loads libslirp, opens
 * the published ports and builds its sandbox. They meet twice. The process sends a struct error
 * when it is ready or cannot be. The plugin answers with the tap, and with the pidfd of the
 * namespace's process if there is one, once the state file names the packet process. Whoever finds
 * the other gone ends, so that a plugin killed halfway leaves nothing behind.
 */
struct worker {
	pid_t pid;
	int sock;
};
#define WORKER_NONE \
	{ \
		0, -1 \
	}

/* Starts it. No other descriptor of ours stays open in it. 0; negative errno. */
int worker_start(const struct slirp_config *config, const struct resolv *resolv, struct worker *ret,
	struct error *err);

/* Waits until it is ready: 0; what it could not do, as -EADDRINUSE with the port in the text. */
int worker_wait(const struct worker *worker, struct error *err);

/* Hands over the descriptors; from now on it lives by itself. @pidfd -1: none. 0; negative errno.
 */
int worker_go(struct worker *worker, int tapfd, int pidfd, struct error *err);

/* Ends it, unless it lives by itself. */
void worker_release(struct worker *worker);
static inline void auto_worker_release(struct worker *worker)
{
	worker_release(worker);
}

#endif
