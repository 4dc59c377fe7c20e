/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_NET_USAGE_H
#define ENGINE_NET_USAGE_H

#include <stdint.h>
#include <sys/types.h>

/* Bytes that went through the interfaces of a network namespace, loopback left out. */
struct net_usage {
	uint64_t received_bytes;
	uint64_t sent_bytes;
};

/* Text of /proc/PID/net/dev; lines that are none of it are passed over. */
void net_usage_parse(const char *text, struct net_usage *ret);

/*
 * net_usage_read - of the namespace of process @pid. What is shared with us, as with --network
 * host, is nobody's in particular and counts as nothing.
 * Returns 0, or negative errno.
 */
int net_usage_read(pid_t pid, struct net_usage *ret);

#endif
