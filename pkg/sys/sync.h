/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_SYNC_H
#define SYS_SYNC_H

#include "base/error.h"

/*
 * Named points at which the parent and the first process of a container meet, over a
 * SOCK_SEQPACKET pair. Each side sends the next point, possibly with a descriptor, or a struct
 * error. End of file after SYNC_START means that the program was executed.
 */
enum sync_point {
	SYNC_NONE = 0,
	SYNC_WANT_IDMAP, /* child: in its user namespace, no ids mapped yet */
	SYNC_IDMAP_DONE, /* parent: uid_map and gid_map are written */
	SYNC_NS_READY,   /* child: namespaces exist, createRuntime hooks may run */
	SYNC_NS_DONE,    /* parent: network attached, limits set */
	SYNC_READY,      /* child: rootfs and console ready (carries its master); waits for start */
	SYNC_START,      /* parent: execute the program */
	SYNC_POINT_COUNT,
};

/* Makes the pair; both ends close on exec. */
int sync_pair(int ret_fds[2], struct error *err);

/* Sends a point, and a copy of @pass_fd unless that is negative. -EPIPE: the peer is gone. */
int sync_send(int fd, enum sync_point point, int pass_fd, struct error *err);

/* Sends the error that ends the conversation; best effort. */
void sync_send_error(int fd, const struct error *err);

/*
 * sync_wait - receive a point.
 * @ret_fd: descriptor that came with it, or -1; NULL: one that comes is closed
 *
 * Returns 0; the code and text of the peer's error when it sent one; -EPIPE at end of file (the
 * text is left empty, the caller knows why it may be gone); -EPROTO for another point.
 */
int sync_wait(int fd, enum sync_point point, int *ret_fd, struct error *err);

#endif
