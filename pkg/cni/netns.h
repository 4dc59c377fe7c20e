/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CNI_NETNS_H
#define CNI_NETNS_H

#include <stdbool.h>

#include "base/error.h"

/* struct netns - the network namespace of a container, and the process it belongs to. */
struct netns {
	int fd;
	int pidfd; /* of PID in /proc/PID/ns/net; -1: another kind of path */
};
#define NETNS_NONE \
	{ \
		-1, -1 \
	}
/* 0; -ENOENT when it or its process is gone. */
int netns_open(const char *path, struct netns *ret, struct error *err);
void netns_close(struct netns *netns);
/*
 * netns_enter - the calling thread goes there and stays: who enters the namespace of a container
 * without privilege outside cannot come back.
 */
int netns_enter(const struct netns *netns, struct error *err);
/* Whether @path led to a namespace once: what it names does not exist any more. */
bool netns_is_gone(const char *path);
static inline void auto_netns_close(struct netns *netns)
{
	netns_close(netns);
}

#endif
