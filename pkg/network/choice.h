/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETWORK_CHOICE_H
#define NETWORK_CHOICE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"

enum network_mode {
	NETWORK_MODE_NONE = 0,  /* a namespace with lo only */
	NETWORK_MODE_HOST,      /* no namespace of its own */
	NETWORK_MODE_SLIRP,     /* built-in list with the slirp plugin */
	NETWORK_MODE_CONTAINER, /* @target: id or name of the container to join */
	NETWORK_MODE_NS,        /* @target: path of the namespace to join */
	NETWORK_MODE_NAMED,     /* @target: name of a CNI configuration list */
};

/* struct network_choice - what one --network says. Zeroed is "none". */
struct network_choice {
	enum network_mode mode;
	char *target;
	struct strmap options; /* slirp: the options given, already checked (default.h) */
};

/*
 * network_choice_parse - none | host | private | slirp[:KEY=VALUE,…] | slirp4netns[:…] |
 *                        container:ID | ns:PATH | NAME
 * "private", "default" and "" are slirp, "slirp4netns" is another word for it. Unknown and
 * malformed slirp options are errors that name the option: mtu, cidr, allow_host_loopback,
 * enable_ipv6, outbound_addr, outbound_addr6, dns. podman's port_handler is accepted with the value
 * slirp4netns only. Returns 0; -EINVAL.
 */
int network_choice_parse(const char *text, struct network_choice *ret, struct error *err);

/* The text that network_choice_parse() reads back; owned by the caller. */
char *network_choice_format(const struct network_choice *choice);
/* "none", "host", "slirp" … for inspect; borrowed. */
const char *network_mode_name(enum network_mode mode);
/* True when a container has a network namespace made for it (none, slirp, named). */
bool network_choice_is_private(const struct network_choice *choice);

void network_choice_copy(struct network_choice *to, const struct network_choice *from);
void network_choice_release(struct network_choice *choice);
static inline void auto_network_choice_release(struct network_choice *choice)
{
	network_choice_release(choice);
}

#endif
