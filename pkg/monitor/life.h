/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MONITOR_LIFE_H
#define MONITOR_LIFE_H

#include "container/container.h"
#include "monitor/container-cgroup.h"
#include "monitor/health.h"
#include "monitor/image-root.h"
#include "monitor/log.h"
#include "monitor/notify.h"
#include "monitor/relay.h"
#include "network/network.h"
#include "runtime/runtime.h"
#include "spec/spec.h"

/*
 * struct life - one life of a container, from the clone of its first process to that one's end.
 * A container that is restarted has several, one after the other, under one monitor:
 *
 *     open      seccomp filter, log, mount plan
 *     create    the child is cloned; it mounts while the network plugin is started
 *     wait      after `container init`: for one who orders the start and is the next client
 *     start     the program is executed; the state says "running"
 *     run       bytes are relayed until init has ended and its output has been taken
 *     clean     no process, no mount, no network is left
 *
 * A failure anywhere leads to the same cleaning, so nothing is half started.
 */
struct life {
	/* Set before life_begin(); borrowed. */
	struct store *store;
	struct container *ctr;
	struct spec *spec;
	struct container_cgroup *cgroup; /* the scope that it lies in outlasts a life */
	struct container_state *state;   /* kept true, and written, as the life goes on */
	int client_fd;                   /* first client, taken over by the relay; -1: none */
	bool client_attaches;
	uint16_t rows, columns; /* of its terminal; 0: as the spec says */
	bool waits;             /* with its start, until one orders it (container/start-order.h) */

	/* Its own. */
	struct image_root rootfs;
	struct runtime_container runtime;
	struct network_choice network;
	struct network_request network_request;
	char *network_dir;
	char *netns_path;
	int netns_fd;     /* what netns_path names */
	int64_t created_ns; /* its process was there, waiting for the start */
	bool is_noted;    /* the event of that has been written */
	bool is_attached; /* the network has to be detached */
	int seccomp_fd;
	int child_fds[3]; /* the container's ends of its standard streams */
	int our_fds[3];   /* and ours */
	struct log_writer *log;
	struct relay *relay; /* NULL until the child is there */
	struct health_timer health;
	struct notify notify;
	int failure_code;    /* what run exits with when the container does not start */
};
#define LIFE_INIT \
	{ \
		.client_fd = -1, .runtime = RUNTIME_CONTAINER_INIT, .netns_fd = -1, \
		.seccomp_fd = -1, .health = HEALTH_TIMER_INIT, .notify = NOTIFY_INIT, .child_fds = {-1, -1, -1}, .our_fds = {-1, -1, -1}, \
		.failure_code = 125 \
	}

/*
 * life_begin - make the container's process and let its program run.
 * With @waits the first client hears READY before, and this returns only after the start was ordered,
 * or with -ECANCELED after somebody has ended the container instead.
 * Whether it succeeds or not, life_clean() and life_release() have to follow. The client has heard
 * nothing yet.
 */
int life_begin(struct life *life, struct error *err);
/* life_run - until init has ended. The state says how afterwards; it is not written. */
void life_run(struct life *life);
/* life_clean - kill what is left, detach the network, give everything back. */
void life_clean(struct life *life);
void life_release(struct life *life);

#endif
