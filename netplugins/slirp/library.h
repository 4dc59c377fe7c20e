/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLIRP_LIBRARY_H
#define SLIRP_LIBRARY_H

#include <libslirp.h>

#include "base/error.h"

/* struct library - what we call of libslirp. */
struct library {
	__typeof__(&slirp_new) new;
	__typeof__(&slirp_cleanup) cleanup;
	__typeof__(&slirp_add_hostxfwd) add_hostxfwd;
	__typeof__(&slirp_input) input;
	__typeof__(&slirp_pollfds_fill) pollfds_fill;
	__typeof__(&slirp_pollfds_poll) pollfds_poll;
	__typeof__(&slirp_handle_timer) handle_timer;
};

/*
 * library_load - load libslirp, for as long as the process lives.
 *
 * Not linked: with GLib behind it libslirp takes longer to load than all that the plugin does when
 * it moves no packets, and that is each second time it is started.
 *
 * Returns 0; -ELIBACC with the dynamic linker's words.
 */
int library_load(struct library *ret, struct error *err);

#endif
