/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLIRP_RESOLV_H
#define SLIRP_RESOLV_H

#include <stdbool.h>

#include "base/error.h"

#define RESOLV_PATH "/etc/resolv.conf"

/* struct resolv - where queries to the container's name server go. */
struct resolv {
	char *text; /* content for resolv.conf, never NULL once loaded */
	char *dir;  /* folder below /run that a resolver rewrites, or NULL */
	char *file; /* name in @dir */
	bool has_v4;
	bool has_v6;
};

/*
 * resolv_load - read the host's resolv.conf, or make one that names @upstream.
 * Without a file or a name server in it queries go to 127.0.0.1, as the C library sends them.
 */
void resolv_load(const char *upstream, struct resolv *ret);
void resolv_release(struct resolv *resolv);
static inline void auto_resolv_release(struct resolv *resolv)
{
	resolv_release(resolv);
}

#endif
