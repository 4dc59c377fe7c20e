/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_ETC_FILES_H
#define ENGINE_ETC_FILES_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"

/* Texts of the files that coracle puts into a container's /etc; pure functions. */

struct etc_hosts_request {
	const char *base;         /* text of the host's /etc/hosts; NULL for none */
	char *const *add_hosts;   /* "name:ip" or "name:host-gateway" */
	const char *gateway_ip;   /* what host.containers.internal means; NULL for none */
	const char *container_ip; /* NULL: 127.0.0.1 */
	const char *hostname;
	const char *name; /* of the container */
};
/* Owned by the caller in *ret; -EINVAL for a malformed --add-host. */
int etc_hosts_text(const struct etc_hosts_request *request, char **ret, struct error *err);

struct etc_resolv_request {
	const char *base;       /* text of the host's /etc/resolv.conf; "" when missing */
	char *const *servers;   /* --dns; empty: those of the host */
	char *const *search;    /* --dns-search; "." for none */
	char *const *options;   /* --dns-option */
	const char *network_dns; /* the network's resolver, used when loopback servers are dropped */
	bool own_netns;         /* servers on the host's loopback cannot be reached */
};
char *etc_resolv_text(const struct etc_resolv_request *request);

/*
 * A passwd line for a numeric user that the image does not know, appended to the image's file;
 * NULL when @passwd has that uid already.
 */
char *etc_passwd_with_user(const char *passwd, uint32_t uid, uint32_t gid, const char *name,
	const char *home);

#endif
