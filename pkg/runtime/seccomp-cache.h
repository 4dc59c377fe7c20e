/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_SECCOMP_CACHE_H
#define RUNTIME_SECCOMP_CACHE_H

#include "base/error.h"

/*
 * seccomp_filter_prepare - a compiled seccomp filter for a profile and a set of capabilities.
 * @runfd:   the run directory; filters are kept in its "seccomp" folder, by identity of the
 *           profile's file and capabilities, until the machine restarts
 * @profile: path of a profile in the format of seccomp.json; NULL: the built-in one
 * @caps:    final capabilities of the container (names with CAP_); NULL: none
 * @ret_fd:  the BPF program, opened for reading
 *
 * A filter that is not there is made by coracle-seccomp, which takes some milliseconds; one that
 * is costs an open(). For a profile that changed less than two seconds ago none is kept, because
 * its time stamps may not tell the next change. Returns 0; -ENOENT without such a profile; -EBADMSG
 * for a malformed one.
 */
int seccomp_filter_prepare(
	int runfd, const char *profile, char *const *caps, int *ret_fd, struct error *err);

#endif
