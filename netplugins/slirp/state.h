/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLIRP_STATE_H
#define SLIRP_STATE_H

#include "cni/request.h"
#include "sys/process.h"

/* struct slirp_state - one attachment: <stateDir>/CONTAINERID-IFNAME.json */
struct slirp_state {
	char *container_id;
	char *ifname;
	char *network;
	char *netns;
	bool ipv6;
	bool publishes;            /* ports that the next container may want */
	struct process_id process; /* the one that moves packets */
};

/* Opens the directory, made where missing with mode 0700. */
int state_dir_open(const char *path, struct error *err);
char *state_name(const char *container_id, const char *ifname);
int state_write(int dirfd, const struct slirp_state *state, struct error *err);
/* 1 read, 0 absent; -EBADMSG. */
int state_read(int dirfd, const char *name, struct slirp_state *ret, struct error *err);
/* A pidfd of the packet process, or -ESRCH. */
int state_process(const struct slirp_state *state);
/*
 * state_end - end the packet process, if it still is the one that was started, and remove the file.
 * @keep_interface: leave the interface to the namespace, which is at its end. Else it is gone when
 *                  this returns.
 * The ports are free in any case; a process that has none may still be about to end.
 */
int state_end(int dirfd, const char *name, bool keep_interface, struct error *err);
/* Removes the file of a process that did not come to life. */
void state_remove(int dirfd, const char *container_id, const char *ifname);

void state_release(struct slirp_state *state);
static inline void auto_state_release(struct slirp_state *state)
{
	state_release(state);
}

#endif
